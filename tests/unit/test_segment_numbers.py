"""Stability by number of segments, the number taken, noise like the data, divisions compared."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, FitError, ParameterError
from custlib.segmentation import (
    agreement_by_pair,
    cluster_customers,
    method_agreement,
    noise_like,
    segment_agreement,
    segment_stability,
    stability_by_number,
    stable_number,
)
from custlib.segmentation.clusters import by_number

rng = np.random.default_rng(4)
# Three round clouds, the last a quarter of the size of the others.
PLANTED = np.repeat([0, 1, 2], [40, 40, 10])
CENTRES = np.array([[0.0, 0.0], [12.0, 0.0], [5.0, 11.0]])
CLOUDS = pd.DataFrame(CENTRES[PLANTED] + rng.normal(size=(90, 2)), columns=["x", "y"])
HOW = {"variables": ["x", "y"], "seed": 1, "n_boot": 10}


@pytest.fixture(scope="module")
def stability():
    return stability_by_number(CLOUDS, k_range=[4, 2], n_noise=0, **HOW)


def count_rows(table):
    return table[table["measure"] == "stable_segments"].set_index("clusters")


def test_each_number_has_the_rows_of_its_own_stability(stability):
    alone = segment_stability(CLOUDS, k=3, n_noise=0, **HOW)
    rows = stability[(stability["clusters"] == 3) & (stability["measure"] != "stable_segments")]
    same = rows.drop(columns="clusters").reset_index(drop=True)[list(alone)]
    pd.testing.assert_frame_equal(same, alone, check_dtype=False)
    assert sorted(stability["clusters"].unique()) == [2, 3, 4]


def test_beside_noise_the_planted_number_is_all_stable_and_one_more_is_not():
    rows = count_rows(stability_by_number(CLOUDS, k_range=[3, 4], **HOW))
    assert (rows.loc[3, "estimate"], rows.loc[3, "verdict"]) == (3, "all stable")
    assert rows.loc[4, "verdict"] == "not all stable"


def test_a_segment_below_the_base_does_not_count():
    rows = count_rows(stability_by_number(CLOUDS, k_range=[3], n_noise=0, min_base=11, **HOW))
    assert (rows.loc[3, "estimate"], rows.loc[3, "verdict"]) == (2, "not all stable")


def test_a_number_whose_mixture_fails_keeps_a_noted_row(monkeypatch):
    def fails_at_three(customers, *, k, **how):
        if k == 3:
            raise FitError.because("The Gaussian mixture failed.", "Expected a fit.", "Ask less.")
        return segment_stability(customers, k=k, **how)

    monkeypatch.setattr(by_number, "segment_stability", fails_at_three)
    table = stability_by_number(CLOUDS, k_range=[2, 3], n_noise=0, **HOW)
    own = table[table["clusters"] == 3]
    assert own["measure"].tolist() == ["stable_segments"]
    assert own["note"].tolist() == ["The Gaussian mixture failed."]
    assert own["verdict"].tolist() == ["not all stable"]
    assert own["estimate"].isna().all()
    assert len(table[table["clusters"] == 2]) > 1


@pytest.mark.parametrize("k_range", [[], [1, 3]])
def test_a_range_that_is_none_is_told(k_range):
    with pytest.raises(ParameterError, match="k_range"):
        stability_by_number(CLOUDS, k_range=k_range, **HOW)


def rows_of(verdicts):
    table = pd.DataFrame({"clusters": verdicts.keys(), "verdict": verdicts.values()})
    return table.assign(measure="stable_segments")


WIDTHS = pd.DataFrame({"clusters": [1, 2, 3, 4], "estimate": [np.nan, 0.3, 0.6, 0.5]})


@pytest.mark.parametrize(
    "verdicts, taken",
    [
        ({2: "all stable", 3: "all stable", 4: "not all stable"}, 3),
        ({2: "not all stable", 3: "not all stable", 4: "not all stable"}, 3),
        ({2: "not all stable", 4: "not all stable"}, 4),
    ],
)
def test_the_largest_all_stable_number_is_taken_or_that_of_the_silhouette(verdicts, taken):
    choice = WIDTHS.assign(measure="silhouette")
    assert stable_number(rows_of(verdicts), choice=choice) == taken


def test_noise_has_the_covariances_and_means_of_the_data_and_no_missing_rows():
    spread = np.array([[4.0, 3.0], [3.0, 9.0]])
    values = np.random.default_rng(1).multivariate_normal([50, -5], spread, 4000)
    table = pd.DataFrame(values, columns=["x", "y"])
    table.loc[0, "x"] = np.nan
    noise = noise_like(table, variables=["x", "y"], seed=2)
    assert len(noise) == 3999
    # Standard errors of 4,000 rows: means 0.03 to 0.05, covariances up to 0.2.
    assert noise.mean().tolist() == pytest.approx([50, -5], abs=0.25)
    assert noise.cov().to_numpy().ravel() == pytest.approx(spread.ravel(), abs=0.9)
    assert noise.equals(noise_like(table, variables=["x", "y"], seed=2))
    assert not noise.equals(noise_like(table, variables=["x", "y"], seed=3))


def test_noise_of_text_is_refused():
    with pytest.raises(DataError):
        noise_like(pd.DataFrame({"x": ["a", "b"]}), variables=["x"], seed=1)


def test_pairs_are_named_and_absent_divisions_passed_over():
    table = pd.DataFrame({"a": list("xxyy"), "b": list("ppqq"), "c": list("mnmn"), "d": None})
    names = {"a": "As", "b": "Bs", "c": "Cs", "d": "Ds", "e": "Es"}
    found = agreement_by_pair(table, segments=names).set_index("contrast")["estimate"]
    assert list(found.index) == ["As and Bs", "As and Cs", "Bs and Cs"]
    # Unrelated halves of four: no pair is together in both, 2/3 of one is expected.
    assert found.tolist() == pytest.approx([1, -0.5, -0.5])
    assert agreement_by_pair(table[["a"]], segments=names).empty


def test_a_division_that_stands_twice_is_refused():
    twice = pd.DataFrame([["x", "p", "q"]], columns=["a", "b", "a"])
    with pytest.raises(DataError, match="a"):
        agreement_by_pair(twice, segments={"a": "As", "b": "Bs"})


@pytest.mark.parametrize(
    "options, error, told",
    [
        ({"variables": ["x", "z"]}, DataError, "not in the table: z"),
        ({"segment": "part"}, DataError, "not in the table: part"),
        ({"variables": "x"}, ParameterError, "variables is the text 'x'"),
    ],
)
def test_other_methods_need_the_variables_and_the_segments(options, error, told):
    asked = {"variables": ["x", "y"], "k": 3, "seed": 1} | options
    with pytest.raises(error, match=told):
        method_agreement(CLOUDS.assign(segment="1"), **asked)


def test_other_methods_find_clouds_that_are_far_apart_and_the_own_method_is_left_out():
    cases = cluster_customers(CLOUDS, variables=["x", "y"], k=3, seed=1).cases
    found = method_agreement(cases, variables=["x", "y"], k=3, seed=1).set_index("contrast")
    assert list(found.index) == [
        "segments and kmeans on ranks",
        "segments and ward on standardized numbers",
        "segments and ward on ranks",
    ]
    assert found.loc["segments and ward on standardized numbers", "estimate"] == 1
    alone = segment_agreement(cases.assign(planted=PLANTED), first="segment", second="planted")
    assert alone["estimate"].iloc[0] == 1
    ranked = method_agreement(cases, variables=["x", "y"], k=3, seed=1, method="ward", scale="rank")
    assert "segments and ward on ranks" not in set(ranked["contrast"])


def test_noise_is_not_made_of_one_customer_nor_of_a_variable_named_twice():
    table = pd.DataFrame({"x": [1.0, None], "y": [2.0, 3.0]})
    with pytest.raises(DataError, match="1 of 2 customers have a value in every variable"):
        noise_like(table, variables=["x", "y"], seed=1)
    with pytest.raises(ParameterError, match="Named more than once: y"):
        noise_like(table, variables=["y", "y"], seed=1)
