"""PLS path model of a simulated ECSI survey, against R semPLS, seminr and psych."""

import numpy as np
import pytest

from custlib.survey.path_models import ecsi_paths, path_model

SCHEMES = {"centroid": "centroid", "factorial": "factorial", "pathWeighting": "path"}
PREFIXES = {
    "Image": "IMAG",
    "Expectation": "EXPE",
    "Quality": "QUAL",
    "Value": "VALU",
    "Satisfaction": "SATI",
    "Complaints": "COMP",
    "Loyalty": "LOYA",
}
OUT_OF_SCOPE: dict[str, str] = {}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("ecsi_sim")


@pytest.fixture(scope="module")
def customers(reference):
    return reference.data("ecsi_sim.csv")


@pytest.fixture(scope="module")
def blocks(customers):
    return {
        name: [item for item in customers if item.startswith(prefix)]
        for name, prefix in PREFIXES.items()
    }


@pytest.fixture(scope="module")
def fitted(customers, blocks):
    fits = {}

    def fit(**options):
        key = tuple(options.items())
        if key not in fits:
            fits[key] = path_model(
                customers,
                blocks=blocks,
                paths=ecsi_paths(blocks),
                scale=(1, 10),
                **({"tolerance": 1e-13} | options),
            )
        return fits[key]

    return fit


@pytest.fixture(scope="module")
def resampled(fitted):
    """As R did it: 5,000 resamples, the default tolerance, no score turned round."""
    return fitted(n_boot=5000, seed=1, signs="none", tolerance=1e-7)


def named(table, measure, column="estimate", key="term"):
    """Values of one measure by the oracle's names: "a -> b" and "a =~ b" become "a.b"."""
    rows = table[(table["measure"] == measure) & table[column].notna()]
    names = rows[key].str.replace(" -> ", ".").str.replace(" ~ ", ".")
    return dict(zip(names, rows[column], strict=True))


def by_item(table, measure, column="estimate"):
    return {term.split(" =~ ")[1]: value for term, value in named(table, measure, column).items()}


def several(model, measure):
    """Values of a measure that only targets with several causes have in the oracle."""
    targets = [term.split(".")[1] for term in named(model.estimates, "path")]
    found = named(model.estimates, measure).items()
    return {term: value for term, value in found if targets.count(term.split(".")[1]) > 1}


@pytest.mark.parametrize("name", SCHEMES)
def test_weights_loadings_paths_and_total_effects(reference, fitted, name):
    model = fitted(scheme=SCHEMES[name])
    prefix = f"semPLS.{name}"
    for measure in ("loading", "weight", "index_weight"):
        reference.expect_all(f"{prefix}.{measure}", by_item(model.estimates, measure))
    for measure in ("path", "total_effect"):
        reference.expect_all(f"{prefix}.{measure}", named(model.estimates, measure))


@pytest.mark.parametrize("name", SCHEMES)
def test_explained_variance_effect_sizes_and_inflation(reference, fitted, name):
    model = fitted(scheme=SCHEMES[name])
    prefix = f"semPLS.{name}"
    r_squared = named(model.constructs, "r_squared", key="dimension")
    adjusted = named(model.constructs, "adjusted_r_squared", key="dimension")
    reference.expect_all(f"{prefix}.R2", r_squared)
    reference.expect_all(f"{prefix}.R2adj", adjusted)
    reference.expect_all(f"{prefix}.f2", several(model, "f_squared"))
    reference.expect_all(f"{prefix}.vif", several(model, "variance_inflation"))
    fit = model.fit.set_index("measure")["estimate"]
    reference.expect(f"{prefix}.GoF", fit["GoF"])


@pytest.mark.parametrize("name", SCHEMES)
def test_reliability_and_correlations_of_the_scores(reference, fitted, name):
    model = fitted(scheme=SCHEMES[name])
    prefix = f"semPLS.{name}"
    measures = {"AVE": "AVE", "rhoC": "rho_c", "rhoA": "rho_A"}
    for key, measure in measures.items():
        found = named(model.constructs, measure, key="dimension")
        reference.expect_all(f"{prefix}.{key}", found)
    reference.expect_all(f"{prefix}.score_cor", named(model.pairs, "correlation"))


@pytest.mark.parametrize("name", SCHEMES)
def test_indices_of_respondents_and_of_the_sample(reference, fitted, name):
    model = fitted(scheme=SCHEMES[name])
    prefix = f"semPLS.{name}"
    for key, measure in {"index_mean": "index", "index_sd": "index_sd"}.items():
        found = named(model.constructs, measure, key="dimension")
        reference.expect_all(f"{prefix}.{key}", found)
    indices = {one: model.cases[f"{one}_index"] for one in PREFIXES}
    reference.expect_all(f"{prefix}.index_min", {one: x.min() for one, x in indices.items()})
    reference.expect_all(f"{prefix}.index_max", {one: x.max() for one, x in indices.items()})


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("target", ["Satisfaction", "Loyalty"])
def test_importance_and_performance_of_constructs_and_items(reference, fitted, name, target):
    table = fitted(scheme=SCHEMES[name]).importance_performance(target)
    keys = {"importance_standardized": "importance_std"}
    alone = table[table["item"] == ""]
    reference.expect_all(
        f"semPLS.{name}.ipma.{target}",
        {
            f"{row.dimension}.{keys.get(row.measure, row.measure)}": row.estimate
            for row in alone.itertuples()
        },
    )
    items = table[(table["item"] != "") & (table["measure"] == "importance")]
    reference.expect_all(
        f"semPLS.{name}.ipma_item.{target}",
        {f"{row.item}.importance": row.estimate for row in items.itertuples()},
    )


def test_means_spread_and_performance_of_items(reference, fitted, customers, blocks):
    solution = fitted().solution
    items = [item for block in blocks.values() for item in block]
    performance = dict(zip(items, solution.item_mean[0], strict=True))
    reference.expect_all("ipma_item.performance", performance)
    # From 0–100 back to 1–10; the scores' weights carry the spread of each item.
    reference.expect_all("item_mean", {item: 1 + x * 9 / 100 for item, x in performance.items()})
    for name, block in blocks.items():
        raw = np.array([named_weight(fitted(), "weight", item) for item in block])
        share = np.array([named_weight(fitted(), "index_weight", item) for item in block])
        index = fitted().constructs.set_index(["dimension", "measure"])["estimate"]
        spread = raw / share * index[name, "index_sd"] * 9 / 100
        for item, sd in zip(block, spread, strict=True):
            reference.expect(f"item_sd.{item}", sd)


def named_weight(model, measure, item):
    return by_item(model.estimates, measure)[item]


def test_scores_and_indices_of_every_respondent(reference, fitted):
    expected = reference.data("expected_scores_path.csv")
    cases = fitted().cases
    assert cases["id"].tolist() == expected["id"].tolist()
    for name in PREFIXES:
        assert cases[f"{name}_score"].to_numpy() == pytest.approx(expected[name], abs=2e-9)
        index = expected[f"index_{name}"]
        assert cases[f"{name}_index"].to_numpy() == pytest.approx(index, abs=2e-7)


@pytest.mark.parametrize("name", ["path_weighting", "path_factorial"])
def test_seminr_tells_the_same(reference, fitted, name):
    model = fitted(scheme=name.removeprefix("path_").replace("weighting", "path"))
    prefix = f"seminr.{name}"
    paths = named(model.estimates, "path")
    reference.expect_all(f"{prefix}.path", paths)
    reference.expect_all(f"{prefix}.loading", by_item(model.estimates, "loading"))
    for key, measure in {"Rsq": "r_squared", "AdjRsq": "adjusted_r_squared"}.items():
        reference.expect_all(f"{prefix}.{key}", named(model.constructs, measure, key="dimension"))
    measures = {"alpha": "standardized_alpha", "rhoC": "rho_c", "AVE": "AVE", "rhoA": "rho_A"}
    for key, measure in measures.items():
        found = named(model.constructs, measure, key="dimension")
        reference.expect_all(f"{prefix}.reliability.{key}", found)


def test_cross_loadings(reference, fitted):
    rows = fitted().estimates
    rows = rows[rows["measure"].isin(["loading", "cross_loading"])]
    found = {".".join(reversed(row.term.split(" =~ "))): row.estimate for row in rows.itertuples()}
    reference.expect_all("seminr.path_weighting.cross_loading", found)


def test_alpha_and_htmt(reference, fitted):
    constructs = fitted().constructs
    for key, measure in {"alpha_raw": "alpha", "alpha_std": "standardized_alpha"}.items():
        reference.expect_all(key, named(constructs, measure, key="dimension"))
    reference.expect_all("HTMT", named(fitted().pairs, "HTMT"))


def test_consistent_pls(reference, fitted):
    model = fitted(consistent=True)
    reference.expect_all("seminr.PLSc.path", named(model.estimates, "path"))
    loadings = by_item(model.estimates, "loading")
    assert loadings.pop("COMP") == pytest.approx(1)
    reference.expect_all("seminr.PLSc.loading", loadings)
    reference.expect_all("seminr.PLSc.Rsq", named(model.constructs, "r_squared", key="dimension"))


def test_planted_paths_lie_near_those_of_consistent_pls(reference, fitted):
    reference.expect_all("truth.path", named(fitted(consistent=True).estimates, "path"))


def test_resampled_paths(reference, resampled):
    fit = resampled.fit.set_index("measure")["estimate"]
    reference.expect("boot.n_kept", fit["resamples"] - fit["undefined_resamples"])
    for column, end in {"std_error": "se", "ci_low": "lo95", "ci_high": "hi95"}.items():
        for path, value in named(resampled.estimates, "path", column).items():
            reference.expect(f"boot.path.{path}.{end}", value)


def test_resampled_loadings_weights_and_total_effects(reference, resampled):
    for measure in ("loading", "weight"):
        errors = by_item(resampled.estimates, measure, "std_error")
        errors.pop("COMP")
        reference.expect_all(
            f"boot.{measure}", {f"{item}.se": error for item, error in errors.items()}
        )
    totals = named(resampled.estimates, "total_effect", "std_error")
    reference.expect_all(
        "boot.total_effect",
        {
            f"{path}.se": error
            for path, error in totals.items()
            if path.endswith(("Satisfaction", "Loyalty"))
        },
    )


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("ecsi_sim", OUT_OF_SCOPE)
