"""Gower's distance, average linkage, stability, mixtures and the gap against R."""

import numpy as np
import pandas as pd
import pytest

from custlib.segmentation.clusters import (
    cluster_choice,
    cluster_customers,
    segment_agreement,
    segment_stability,
)
from custlib.segmentation.clusters.choice import GAP_RULES
from custlib.segmentation.clusters.partition import partitions
from custlib.segmentation.clusters.points import read_points
from custlib.segmentation.clusters.segments import segmented
from custlib.segmentation.clusters.stability import jaccard_of_best_match

VARIABLES = ["amount", "n_orders", "recency", "branch", "size", "export"]
FLOWERS = ["Sepal.Length", "Sepal.Width", "Petal.Length", "Petal.Width"]
GAPS = {
    "rising": [0.1, 0.2, 0.3, 0.4],
    "one": [0.5, 0.4, 0.6, 0.3],
    "near": [0.28, 0.30, 0.31, 0.30, 0.5],
    "late": [0.1, 0.3, 0.29, 0.6, 0.2],
    "flat": [0.2, 0.2, 0.2],
}
ERRORS = {"even": [0.025] * 5, "uneven": [0.12, 0.01, 0.03, 0.0, 0.02]}
OUT_OF_SCOPE: dict[str, str] = {}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("gower_mixed")


@pytest.fixture(scope="module")
def firms(reference):
    table = reference.data("firms.csv")
    levels = pd.CategoricalDtype(["small", "medium", "large"], ordered=True)
    return table.astype({"size": levels}).assign(kind=np.arange(len(table)) % 3)


@pytest.fixture(scope="module")
def points(firms):
    return read_points(firms, variables=VARIABLES, method="gower", scale=None)


@pytest.fixture(scope="module")
def flowers(oracle):
    return oracle("iris_ruspini_clusters").data("iris.csv")


def sizes(table):
    counts = table["segment"].value_counts().sort_values(ascending=False)
    return {f"size{at}": count for at, count in enumerate(counts, start=1)}


def test_distances_of_pairs_with_and_without_missing_values(reference, points):
    place = np.argsort(points.where)
    square = points.distances[np.ix_(place, place)]
    values = {f"{i}_{j}": square[i - 1, j - 1] for i in (1, 7, 30) for j in (2, 15, 44, 60)}
    values |= {"sum": square.sum() / 2, "largest": square.max()}
    reference.expect_all("gower.distance", values)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_average_linkage(reference, firms, k):
    found = cluster_customers(firms, variables=VARIABLES, k=k, method="gower", seed=1)
    fit = found.fit.set_index("measure")["estimate"]
    agreement = segment_agreement(found.cases, first="segment", second="kind")["estimate"]
    values = {name: fit[name] for name in ("silhouette", "merge_height")}
    values |= sizes(found.cases) | {"ari_kind": agreement.iloc[0]}
    reference.expect_all(f"gower.average.k{k}", values)


def test_jaccard_over_given_resamples(reference, points):
    labels = segmented(points, 3, n_starts=1, seed=1).labels
    jaccards = []
    for draw in reference.data("draws.csv", header=None).to_numpy():
        at = np.flatnonzero(np.isin(points.where, draw - 1))
        seed = np.random.SeedSequence(1)
        part = partitions(points.rows(at), [3], n_starts=1, seed=seed)[0]
        jaccards.append(jaccard_of_best_match(labels[at], part.labels, 3))
    drawn = np.array(jaccards)
    found = {"mean": drawn, "recovered": drawn > 0.75, "dissolved": drawn <= 0.5}
    for name, values in found.items():
        by_segment = dict(zip(["s1", "s2", "s3"], values.mean(axis=0), strict=True))
        reference.expect_all(f"stability.{name}", by_segment)


def test_jaccard_over_resamples_of_our_own(reference, firms):
    asked = {"variables": VARIABLES, "k": 3, "method": "gower", "seed": 1}
    found = segment_stability(firms, **asked, n_boot=1000, n_noise=0)
    rows = found.query("measure == 'jaccard' and segment != 'all'").set_index("segment")
    values = {f"s{segment}": value for segment, value in rows["estimate"].items()}
    reference.expect_all("clusterboot.mean", values)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_gaussian_mixtures(reference, flowers, k):
    asked = {"variables": FLOWERS, "method": "gaussian_mixture", "seed": 1}
    found = cluster_customers(flowers, k=k, **asked)
    fit = found.fit.set_index("measure")
    values = {"log_likelihood": fit.loc["log_likelihood", "estimate"]}
    values |= {"bic": -fit.loc["bic", "estimate"], "df": fit.loc["bic", "df"]}
    reference.expect_all(f"mixture.k{k}", values | sizes(found.cases))


@pytest.mark.parametrize(
    "key, measure, column, n_reference, n_starts",
    [
        # Many starts find the same optimum as R, and many tables the same mean over them.
        ("log_dispersion", "log_dispersion", "estimate", 2, 200),
        ("gap", "gap", "estimate", 100, 5),
        ("std_error", "gap", "std_error", 100, 5),
    ],
)
def test_gap_of_kmeans(reference, flowers, key, measure, column, n_reference, n_starts):
    asked = {"variables": FLOWERS, "k_range": (1, 5), "seed": 1}
    found = cluster_choice(flowers, **asked, n_reference=n_reference, n_starts=n_starts)
    rows = found[found["measure"] == measure]
    values = dict(zip("k" + rows["clusters"].astype(str), rows[column], strict=True))
    reference.expect_all(f"gap.{key}", values)


@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize("name", GAPS)
def test_the_rules_of_the_gap(reference, name, errors):
    gap = np.array(GAPS[name])
    error = np.array(ERRORS[errors][: len(gap)])
    values = {rule: take(gap, error) for rule, take in GAP_RULES.items()}
    reference.expect_all(f"rule.{name}.{errors}", values)


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("gower_mixed", OUT_OF_SCOPE)
