"""Clusters of iris and ruspini against R's kmeans, hclust, silhouette, clusGap."""

import numpy as np
import pytest

from custlib.segmentation.clusters import cluster_choice, cluster_customers, segment_agreement

FLOWERS = ["Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width"]
TABLES = {
    "iris": {"file": "iris.csv", "variables": FLOWERS, "scale": "none"},
    "iris_z": {"file": "iris.csv", "variables": FLOWERS, "scale": "z"},
    "ruspini": {"file": "ruspini.csv", "variables": ["x", "y"], "scale": "none"},
}
KMEANS = [(name, k) for name in TABLES for k in (2, 3, 4, 5) if (name, k) != ("iris_z", 5)]
PAM = "partitions around medoids are not offered"
TREES = "average, complete and single linkage of Euclidean distances are not offered"
MIXTURE = (
    "mclust's best model has ellipsoids of equal shape (VEV), which scikit-learn does not fit; "
    "full covariances are pinned by the oracle gower_mixed"
)
# Under k = 1 and 4 the medoids' clusters are those of k-means; elsewhere they differ.
OTHER_K = [k for k in range(2, 9) if k != 4]
OUT_OF_SCOPE = {
    **{f"ruspini.pam.k{k}": PAM for k in (2, 3, 5)},
    **{f"ruspini.pam.k4.{name}": PAM for name in ("build", "swap", "medoid", "cluster_sil")},
    "iris.pam": PAM,
    **{f"ruspini.gap.{name}.k{k}": PAM for name in ("logW", "gap") for k in OTHER_K},
    **{f"iris_z.hclust.{name}": TREES for name in ("average", "complete", "single")},
    "iris_z.hclust.ward.D2.coph_cor": "the cophenetic correlation is not offered",
    "iris.mclust": MIXTURE,
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("iris_ruspini_clusters")


@pytest.fixture(scope="module")
def clusters(reference):
    """The clusters of a table, computed once."""
    known = {}

    def find(name, k, method="kmeans"):
        if (name, k, method) not in known:
            options = dict(TABLES[name])
            table = reference.data(options.pop("file"))
            asked = {"k": k, "method": method, "n_starts": 50, "seed": 1}
            known[name, k, method] = cluster_customers(table, **options, **asked)
        return known[name, k, method]

    return find


def sizes(found):
    counts = sorted(found.cases["segment"].value_counts())
    return {f"size{at}": count for at, count in enumerate(counts, start=1)}


@pytest.mark.parametrize("name, k", KMEANS)
def test_kmeans(reference, clusters, name, k):
    found = clusters(name, k)
    fit = found.fit.set_index("measure")["estimate"]
    values = {"tot_withinss": fit["within_ss"], "betweenss": fit["between_ss"]}
    values |= {"avg_sil": fit["silhouette"], "ch": fit["calinski_harabasz"]} | sizes(found)
    prefix = f"{name}.kmeans.k{k}"
    for key, value in values.items():
        reference.expect(f"{prefix}.{key}", value)


@pytest.mark.parametrize("name", TABLES)
def test_centres_in_the_units_of_the_variables(reference, clusters, name):
    means = clusters(name, 3).estimates.pivot(index="segment", columns="item", values="estimate")
    variables = TABLES[name]["variables"]
    if TABLES[name]["scale"] == "z":  # R's are standardized; custlib's are in centimetres
        table = reference.data(TABLES[name]["file"])[variables]
        means = (means[variables] - table.mean()) / table.std()
    means = means.sort_values(variables[0])
    values = {f"c{at + 1}.{v}": means[v].iloc[at] for at in range(3) for v in variables}
    reference.expect_all(f"{name}.kmeans.k3.center", values)


def test_the_sums_of_squares_that_r_prints(reference, clusters):
    cases = clusters("iris", 3).cases
    within = (cases["segment_distance"] ** 2).groupby(cases["segment"]).sum()
    setosa, large, small = within["2"], within["1"], within["3"]
    values = {"w1": setosa, "w2": large, "w3": small, "tot": within.sum()}
    reference.expect_all("iris.kmeans.k3.published", values)


def test_agreement_with_the_species(reference, clusters):
    cases = clusters("iris", 3).cases
    found = segment_agreement(cases, first="segment", second="Species")
    reference.expect("iris.kmeans.k3.ARI_species", found["estimate"].iloc[0])


def test_the_medoids_four_groups_are_those_of_kmeans(reference, clusters):
    found = clusters("ruspini", 4)
    width = found.fit.set_index("measure").loc["silhouette", "estimate"]
    for key, value in ({"avg_sil": width} | sizes(found)).items():
        reference.expect(f"ruspini.pam.k4.{key}", value)
    reference.expect("ruspini.pam.k4.published_avg_sil", width)


def test_ward(reference, clusters):
    found = clusters("iris_z", 3, "ward")
    heights = {
        name: clusters("iris_z", k, "ward").fit.set_index("measure").loc["merge_height", "estimate"]
        for name, k in (("h_top", 2), ("h_2nd", 3))
    }
    agreement = segment_agreement(found.cases, first="segment", second="Species")
    values = heights | sizes(found) | {"ari_species": agreement["estimate"].iloc[0]}
    for name, value in values.items():
        reference.expect(f"iris_z.hclust.ward.D2.{name}", value)


def test_gap(reference):
    table = reference.data("ruspini.csv")
    asked = {"variables": ["x", "y"], "scale": "none", "k_range": (1, 8), "distance_power": 1}
    found = cluster_choice(table, **asked, n_reference=100, seed=42)
    rows = found.set_index(["measure", "clusters"])
    for k in (1, 4):
        log_w, gap = (rows.loc[(name, k), "estimate"] for name in ("log_dispersion", "gap"))
        reference.expect(f"ruspini.gap.logW.k{k}", log_w)
        reference.expect(f"ruspini.gap.gap.k{k}", gap)
    for rule in ("firstSEmax", "Tibs2001SEmax"):
        taken = found.loc[found["verdict"].str.contains(rule), "clusters"]
        assert len(taken) == 1
        reference.expect(f"ruspini.gap.k_selected.{rule}", taken.iloc[0])
    assert np.isfinite(rows.loc["gap", "std_error"]).all()


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("iris_ruspini_clusters", OUT_OF_SCOPE)
