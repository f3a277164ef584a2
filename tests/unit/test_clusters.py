"""Clusters of customers: what is refused, what is left out, and how results are named."""

import numpy as np
import pandas as pd
import pytest

from custlib.columns import VOCABULARY
from custlib.design import SurveyDesign
from custlib.errors import DataError, FitError, ParameterError
from custlib.segmentation.clusters import (
    choice,
    cluster_choice,
    cluster_customers,
    segment_agreement,
    segment_profiles,
    segment_stability,
    segments,
    stability,
)
from custlib.segmentation.clusters.partition import cut, exchanged

NUMBERS = ["n_orders", "amount"]
METHODS = ["kmeans", "ward", "gaussian_mixture", "gower"]


@pytest.fixture
def firms():
    """Ten small firms and five large ones; the third has no amount."""
    random = np.random.default_rng(5)
    large = np.arange(15) >= 10
    amount = np.where(large, 900.0, 100.0) + random.normal(0, 20, 15)
    table = {"customer": range(101, 116), "n_orders": np.where(large, 40, 4) + np.arange(15) % 4}
    table |= {"amount": amount, "branch": np.where(large, "steel", "wood")}
    return pd.DataFrame(table).assign(amount=lambda t: t["amount"].where(t["customer"] != 103))


def three_parts(error):
    found, expected, do = str(error.value).split("\n")
    assert found
    assert expected.startswith("Expected")
    return found, do


@pytest.mark.parametrize("method", METHODS)
def test_two_plain_groups_are_found_the_larger_first(firms, method):
    found = cluster_customers(firms, variables=NUMBERS, k=2, method=method, seed=1)
    present = found.cases[found.cases["customer"] != 103]
    assert present["segment"].tolist() == ["1"] * 9 + ["2"] * 5
    assert set(found.estimates) <= set(VOCABULARY)
    assert set(found.fit) <= set(VOCABULARY)


@pytest.mark.parametrize("method", METHODS[:3])
def test_a_customer_without_a_value_stays_without_a_segment(firms, method):
    found = cluster_customers(firms, variables=NUMBERS, k=2, method=method, seed=1)
    row = found.cases.loc[2]
    assert row.isna()["segment"]
    assert row["segment_note"] == "missing: amount"
    assert (found.cases["segment_note"] != "").sum() == 1
    assert set(found.fit["n"]) == {14}
    assert set(found.fit["n_missing"]) == {1}
    assert found.fit["note"].str.startswith("1 customer has no segment").all()


def test_gower_compares_what_is_there(firms):
    asked = {"variables": [*NUMBERS, "branch"], "k": 2, "method": "gower", "seed": 1}
    table = pd.concat([firms, pd.DataFrame({"customer": [200]})], ignore_index=True)
    found = cluster_customers(table, **asked)
    assert found.cases.loc[2, "segment"] == "1"
    assert pd.isna(found.cases.loc[15, "segment"])
    assert found.cases.loc[15, "segment_note"] == "missing: n_orders, amount, branch"
    shares = found.estimates.query("item == 'branch' and segment == '1'").set_index("group")
    assert shares["estimate"].to_dict() == {"wood": 1, "steel": 0}
    amounts = found.estimates.query("item == 'amount' and segment == '1'")
    assert amounts[["n", "n_missing"]].to_numpy().tolist() == [[9, 1]]


def test_gower_by_hand():
    """Ranges 10 and 2 levels; the third customer has no size: (.5 + 1)/2 with one left out."""
    size = pd.CategoricalDtype(["small", "medium", "large"], ordered=True)
    table = pd.DataFrame(
        {"a": [0.0, 5, 10], "b": ["x", "x", "y"], "size": ["small", "large", None]}
    )
    points = segments.read_points(
        table.astype({"size": size}), variables=["a", "b", "size"], method="gower", scale=None
    )
    expected = [[0, 1.5 / 3, 2 / 2], [1.5 / 3, 0, 1.5 / 2], [1, 1.5 / 2, 0]]
    assert points.distances == pytest.approx(np.array(expected))


def test_rows_index_and_columns_are_kept(firms):
    table = firms.set_index(pd.Index(list("qwertyuiopasdfg")))
    before = table.copy()
    cases = cluster_customers(table, variables=NUMBERS, k=2, seed=1).cases
    assert list(cases.columns) == [*before, "segment", "segment_distance", "segment_note"]
    pd.testing.assert_frame_equal(cases[list(before)], before)
    pd.testing.assert_frame_equal(table, before)


def test_centres_are_means_in_the_unit_of_the_variable(firms):
    found = cluster_customers(firms, variables=NUMBERS, k=2, scale="rank", seed=1)
    rows = found.estimates.set_index(["segment", "item"])["estimate"]
    assert rows["2", "amount"] == pytest.approx(firms["amount"][10:].mean())
    assert rows["1", "amount"] == pytest.approx(firms["amount"][:10].mean())


def test_distances_squared_add_up_to_the_sum_within(firms):
    found = cluster_customers(firms, variables=NUMBERS, k=3, seed=1)
    fit = found.fit.set_index("measure")["estimate"]
    assert (found.cases["segment_distance"] ** 2).sum() == pytest.approx(fit["within_ss"])
    # Two standardized variables of 14 customers: 2 × 13.
    assert fit["within_ss"] + fit["between_ss"] == pytest.approx(26)


def test_segments_of_equal_size_are_ordered_by_their_means():
    table = pd.DataFrame({"a": [9, 10, 1, 2, 5, 5.5]})
    labels = cluster_customers(table, variables=["a"], k=3, seed=1).cases["segment"]
    assert labels.tolist() == ["3", "3", "1", "1", "2", "2"]


def test_one_segment_has_no_silhouette(firms):
    fit = cluster_customers(firms, variables=NUMBERS, k=1, seed=1).fit.set_index("measure")
    assert np.isnan(fit.loc[["silhouette", "calinski_harabasz"], "estimate"]).all()
    assert fit.loc["between_ss", "estimate"] == pytest.approx(0)
    told = "1 customer has no segment, since a value is missing"
    no_number = f"{told}; not defined for one segment"
    assert set(fit.loc[["silhouette", "calinski_harabasz"], "note"]) == {no_number}
    assert fit.loc["between_ss", "note"] == told


def test_as_many_segments_as_customers_have_no_spread_inside_them():
    table = pd.DataFrame({"a": [1.0, 2, 4]})
    fit = cluster_customers(table, variables=["a"], k=3, seed=1).fit.set_index("measure")
    assert fit.loc["calinski_harabasz", "note"] == "no spread inside the segments"
    found = cluster_choice(table, variables=["a"], k_range=(1, 3), n_reference=0, seed=1)
    notes = found.loc[found["estimate"].isna()].set_index(["clusters", "measure"])["note"]
    assert notes.to_dict() == {
        (1, "silhouette"): "not defined for one segment",
        (1, "calinski_harabasz"): "not defined for one segment",
        (3, "calinski_harabasz"): "no spread inside the segments",
    }
    assert set(found.loc[found["estimate"].notna(), "note"]) == {""}


def test_a_name_that_exists_is_refused_and_another_can_be_given(firms):
    table = firms.assign(segment="old")
    with pytest.raises(DataError, match="segment"):
        cluster_customers(table, variables=NUMBERS, k=2, seed=1)
    cases = cluster_customers(table, variables=NUMBERS, k=2, segment="cluster", seed=1).cases
    assert {"cluster", "cluster_distance", "cluster_note"} <= set(cases)


@pytest.mark.parametrize("method", METHODS[:3])
@pytest.mark.parametrize("values", [list("ab") * 7 + ["a"], [True, False] * 7 + [True]])
def test_text_and_truth_are_refused_with_the_way_out(firms, method, values):
    with pytest.raises(DataError) as error:
        cluster_customers(
            firms.assign(branch=values), variables=["amount", "branch"], k=2, method=method, seed=1
        )
    found, do = three_parts(error)
    assert "'branch'" in found
    assert 'method="gower"' in do


def test_numbers_as_objects_are_numbers(firms):
    table = firms.assign(n_orders=firms["n_orders"].astype(object))
    found = cluster_customers(table, variables=NUMBERS, k=2, seed=1).cases
    expected = cluster_customers(firms, variables=NUMBERS, k=2, seed=1).cases
    assert found["segment"].equals(expected["segment"])


@pytest.mark.parametrize(
    "column, words",
    [
        ([np.inf] + [1.0] * 14, "infinite"),
        ([7.0] * 15, "the same for all"),
        ([np.nan] * 15, "No customer has a value in every variable"),
        (pd.date_range("2024-01-01", periods=15), "dates"),
    ],
)
def test_columns_that_cannot_be_compared_are_refused(firms, column, words):
    with pytest.raises(DataError) as error:
        cluster_customers(firms.assign(x=column), variables=["amount", "x"], k=2, seed=1)
    assert words in three_parts(error)[0]


@pytest.mark.parametrize("method", METHODS)
def test_more_segments_than_different_customers_are_refused(method):
    table = pd.DataFrame({"a": [1.0, 1, 1, 2], "b": [3.0, 3, 3, 4]})
    with pytest.raises(DataError) as error:
        cluster_customers(table, variables=["a", "b"], k=3, method=method, seed=1)
    assert "2 different rows" in three_parts(error)[0]


def test_an_empty_table_is_refused():
    with pytest.raises(DataError, match="No customer"):
        cluster_customers(pd.DataFrame({"a": np.array([], float)}), variables=["a"], k=1, seed=1)


def test_too_many_rows_for_a_tree_are_refused_before_any_distance():
    table = pd.DataFrame({"a": np.arange(5001.0)})
    with pytest.raises(DataError) as error:
        cluster_customers(table, variables=["a"], k=2, method="gower", seed=1)
    assert "5001" in three_parts(error)[0]


def test_customers_without_a_common_variable_have_no_distance():
    table = pd.DataFrame({"a": [1, 2, np.nan, 4], "b": [np.nan, 1, 2, 3]})
    with pytest.raises(DataError, match="no variable in common"):
        cluster_customers(table, variables=["a", "b"], k=2, method="gower", seed=1)


@pytest.mark.parametrize(
    "options",
    [
        {"method": "kmean"},
        {"scale": "zscore"},
        {"method": "gower", "scale": "z"},
        {"k": 0},
        {"k": 2.5},
        {"n_starts": 0},
        {"n_starts": 1.5},
        {"variables": []},
        {"variables": "amount"},
        {"variables": ["amount", "amount"]},
        {"seed": None},
    ],
)
def test_wrong_arguments_are_refused(firms, options):
    asked = {"variables": NUMBERS, "k": 2, "seed": 1} | options
    with pytest.raises(ParameterError):
        cluster_customers(firms, **asked)


def test_whole_numbers_with_a_decimal_point_are_whole_numbers(firms):
    given = {"k": 2.0, "n_starts": 5.0, "seed": 1}
    found = cluster_customers(firms, variables=NUMBERS, **given).cases
    whole = cluster_customers(firms, variables=NUMBERS, k=2, n_starts=5, seed=1).cases
    pd.testing.assert_frame_equal(found, whole)
    stable = segment_stability(firms, variables=NUMBERS, n_boot=4.0, n_noise=0.0, **given)
    assert stable["method"].str.endswith("4 resamples").all()
    numbers = {"n_reference": 2.0, "n_starts": 2.0, "k_range": (1.0, 2.0)}
    assert set(cluster_choice(firms, variables=NUMBERS, seed=1, **numbers)["clusters"]) == {1, 2}


def test_huge_and_tiny_numbers_keep_their_groups(firms):
    table = firms.assign(amount=firms["amount"] * 1e300, n_orders=firms["n_orders"] * 1e-300)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        cases = cluster_customers(table, variables=NUMBERS, k=2, seed=1).cases
    assert cases["segment"].dropna().tolist() == ["1"] * 9 + ["2"] * 5


def test_a_mixture_that_cannot_be_fitted_refuses(firms, monkeypatch):
    monkeypatch.setattr("custlib.segmentation.clusters.partition.ITERATIONS", 1)
    random = np.random.default_rng(1)
    table = pd.DataFrame(random.normal(size=(60, 2)), columns=["a", "b"])
    asked = {"variables": ["a", "b"], "method": "gaussian_mixture", "seed": 1}
    with pytest.raises(FitError) as error:
        cluster_customers(table, k=3, **asked)
    assert "did not converge" in three_parts(error)[0]
    rows = cluster_choice(table, k_range=(3, 4), **asked)
    assert rows["estimate"].isna().all()
    assert rows["note"].str.contains("did not converge").all()
    found = segment_stability(table, k=2, n_boot=2, n_noise=0, **asked | {"method": "kmeans"})
    assert found["estimate"].notna().all()


def test_a_cut_has_exactly_k_parts_among_ties():
    tree = segments.partitions(
        segments.read_points(
            pd.DataFrame({"a": [0.0, 1, 2, 3]}), variables=["a"], method="ward", scale="none"
        ),
        [1, 2, 3, 4],
        n_starts=1,
        seed=np.random.SeedSequence(1),
    )
    assert [part.labels.max() + 1 for part in tree] == [1, 2, 3, 4]
    assert cut(np.array([[0, 1, 1, 2], [2, 3, 1, 2], [4, 5, 1, 4]]), 3).max() == 2


def test_a_single_move_that_helps_is_made():
    """Two parts {0, 1, 5} and {9, 14}: Lloyd is content, moving 5 gives 52/3 + ... less.

    Means 2 and 11.5: 5 is nearer to 2. Moved, the sum of squares goes from 14 + 12.5 = 26.5 to
    .5 + 122/3 = 41.2, so it stays; with 7 for 5 (means 2.67, 11.5) it goes from 28.7 + 12.5 = 41.2
    to .5 + 26 = 26.5, so it moves.
    """
    start = np.array([0, 0, 0, 1, 1])
    stays, moves = (np.array([[0.0], [1], [at], [9], [14]]) for at in (5, 7))
    assert exchanged(stays, start).tolist() == [0, 0, 0, 1, 1]
    assert exchanged(moves, start).tolist() == [0, 0, 1, 1, 1]


def test_choice_has_a_row_per_number_and_measure_and_one_taken_each(firms):
    found = cluster_choice(firms, variables=NUMBERS, k_range=(1, 4), n_reference=10, seed=1)
    assert set(found) <= set(VOCABULARY)
    measures = ["silhouette", "calinski_harabasz", "gap", "log_dispersion"]
    assert found["clusters"].tolist() == [k for k in range(1, 5) for _ in measures]
    taken = found.loc[found["verdict"] != "", "clusters"]
    assert found["verdict"].str.count("SEmax").sum() == 3
    assert found["verdict"].isin(["largest silhouette"]).sum() == 1
    assert taken.iloc[0] == 2


def test_choice_begins_where_it_is_told_and_the_gap_at_one(firms):
    found = cluster_choice(firms, variables=NUMBERS, k_range=(2, 3), n_reference=5, seed=1)
    assert found.loc[found["measure"] == "silhouette", "clusters"].tolist() == [2, 3]
    assert found.loc[found["measure"] == "gap", "clusters"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("method", ["gaussian_mixture", "gower"])
def test_no_gap_where_it_has_no_meaning(firms, method):
    found = cluster_choice(firms, variables=NUMBERS, k_range=(1, 2), method=method, seed=1)
    assert "gap" not in set(found["measure"])
    assert ("bic" in set(found["measure"])) == (method == "gaussian_mixture")


def test_large_tables_are_sampled_and_say_so(firms, monkeypatch):
    monkeypatch.setattr(choice, "SILHOUETTE_ROWS", 12)
    monkeypatch.setattr(segments, "SILHOUETTE_ROWS", 12)
    monkeypatch.setattr(choice, "GAP_ROWS", 11)
    asked = {"variables": NUMBERS, "seed": 1}
    found = cluster_choice(firms, k_range=(1, 3), n_reference=5, **asked)
    sizes = found.groupby("measure")["n"].agg(set).to_dict()
    whole, part = {14}, {11}
    assert sizes == {
        "silhouette": {12}, "calinski_harabasz": whole, "gap": part, "log_dispersion": part
    }  # fmt: skip
    notes = found.loc[found["measure"] == "gap", "note"]
    assert notes.str.contains("of a sample of 11 customers").all()
    fit = cluster_customers(firms, k=2, **asked).fit.set_index("measure")
    assert "sample of 12" in fit.loc["silhouette", "note"]


def test_the_uniform_reference_lies_along_the_principal_components():
    random = np.random.default_rng(3)
    along, across = random.normal(size=(2, 400)) * [[10], [1]]
    table = pd.DataFrame({"a": along + across + 50, "b": along - across})
    points = segments.read_points(table, variables=["a", "b"], method="kmeans", scale="none")
    drawn = choice._uniform(points, np.random.SeedSequence(1)).values
    turned = drawn @ np.array([[1, 1], [1, -1]]) / 2 - [25, 25]
    # A box of the ranges, so each standard deviation is the range over √12.
    ranges = np.array([np.ptp(along), np.ptp(across)])
    assert turned.std(axis=0) == pytest.approx(ranges / np.sqrt(12), rel=0.1)
    assert drawn.mean(axis=0) == pytest.approx([50, 0], abs=3)


@pytest.mark.parametrize("k_range", [(0, 3), (3, 2), (1, 1), (1, 2.5)])
def test_a_range_that_is_none_is_refused(firms, k_range):
    with pytest.raises(ParameterError, match="k_range"):
        cluster_choice(firms, variables=NUMBERS, k_range=k_range, seed=1)


def test_stability_of_plain_groups_and_what_noise_does(firms):
    found = segment_stability(firms, variables=NUMBERS, k=2, n_boot=20, seed=1)
    assert set(found) <= set(VOCABULARY)
    rows = found.set_index(["segment", "measure"])
    assert rows.loc[("1", "jaccard"), "estimate"] == 1
    assert rows.loc[("1", "recovered"), ["numerator", "denominator"]].tolist() == [20, 20]
    assert rows.loc[("all", "noise_normal"), "note"].endswith("20 tables, 3 resamples each")
    # Fourteen customers: noise comes back whole in some table, and nothing can exceed that.
    p_value = rows.loc[("all", "jaccard"), "p_value"]
    most = max(
        rows.loc[("all", f"noise_{kind}_largest"), "estimate"] for kind in ("normal", "uniform")
    )
    assert (p_value > 0.05) == (most == 1)


def test_stability_has_the_segments_of_the_clusters(firms):
    asked = {"variables": NUMBERS, "k": 3, "seed": 7}
    sizes = cluster_customers(firms, **asked).cases["segment"].value_counts().to_dict()
    rows = segment_stability(firms, **asked, n_boot=3, n_noise=0).query("measure == 'jaccard'")
    assert rows[rows["segment"] != "all"].set_index("segment")["n"].to_dict() == sizes


def test_a_customer_drawn_twice_is_kept_once(firms, monkeypatch):
    seen = []
    cut_up = stability.partitions

    def watched(points, *args, **options):
        seen.append(points.where.tolist())
        return cut_up(points, *args, **options)

    monkeypatch.setattr(stability, "partitions", watched)
    segment_stability(firms, variables=NUMBERS, k=2, n_boot=8, n_noise=0, seed=1)
    assert len(seen) == 8
    assert all(len(set(drawn)) == len(drawn) < 14 for drawn in seen)


def test_recovered_lies_above_three_quarters_and_dissolved_up_to_a_half(firms, monkeypatch):
    drawn = np.array([[0.5, 1.0], [0.6, 1.0], [0.75, 1.0], [0.76, 1.0], [0.9, 1.0]])
    monkeypatch.setattr(stability, "_jaccards", lambda *args: drawn)
    found = segment_stability(firms, variables=NUMBERS, k=2, n_boot=5, n_noise=0, seed=1)
    rows = found.set_index(["segment", "measure"])
    assert rows.loc[("1", "recovered"), "numerator"] == 2
    assert rows.loc[("1", "dissolved"), "numerator"] == 1
    first = rows.loc[("1", "jaccard")]
    assert first["estimate"] == pytest.approx(3.51 / 5)
    assert first["verdict"] == "pattern"
    error = np.std(drawn[:, 0], ddof=1) / np.sqrt(5)
    assert first["monte_carlo_error"] == pytest.approx(error)
    assert first["ci_high"] == pytest.approx(0.702 + 2.776445 * error)  # t, 4 degrees of freedom
    assert rows.loc[("all", "jaccard"), "estimate"] == pytest.approx((0.702 + 1) / 2)


@pytest.mark.parametrize(
    "noise, segments_say, p_value",
    [
        (0.5, ["stable", "pattern", "doubtful"], 1 / 21),
        (0.65, ["stable", "no more stable than noise", "doubtful"], 1 / 21),
        (0.8, ["no more stable than noise"] * 2 + ["doubtful"], 1.0),
    ],
)
def test_verdicts_beside_noise(firms, monkeypatch, noise, segments_say, p_value):
    """Segments of .95, .62 and .5, whose mean is .69, and twenty tables of noise all alike."""
    drawn = iter([np.tile([0.95, 0.62, 0.5], (4, 1))] + [np.full((3, 3), noise)] * 40)
    monkeypatch.setattr(stability, "_jaccards", lambda *args: next(drawn))
    found = segment_stability(firms, variables=NUMBERS, k=3, n_boot=4, seed=1)
    rows = found[found["measure"] == "jaccard"].set_index("segment")
    assert rows.loc["all", "p_value"] == pytest.approx(p_value)
    assert rows["verdict"].tolist()[1:] == segments_say
    whole = "more stable than noise" if p_value < 0.05 else "no more stable than noise"
    assert rows.loc["all", "verdict"] == whole


def test_the_same_seed_gives_the_same_stability(firms):
    asked = {"variables": NUMBERS, "k": 3, "n_boot": 5, "n_noise": 0}
    first, again, other = (segment_stability(firms, **asked, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["estimate"].equals(other["estimate"])


def test_shuffled_columns_are_the_noise_of_mixed_data(firms):
    asked = {"variables": [*NUMBERS, "branch"], "k": 2, "method": "gower", "seed": 1}
    found = segment_stability(firms, **asked, n_boot=5)
    noises = [name for name in found["measure"] if name.startswith("noise")]
    assert noises == ["noise_shuffled", "noise_shuffled_largest"]


def test_verdicts_without_noise_say_that_it_was_not_looked_at(firms):
    found = segment_stability(firms, variables=NUMBERS, k=2, n_boot=5, n_noise=0, seed=1)
    assert found.loc[0, "verdict"] == "noise not looked at"
    assert np.isnan(found.loc[0, "p_value"])


@pytest.mark.parametrize("options", [{"k": 1}, {"n_boot": 1}, {"n_noise": 5}, {"conf_level": 95}])
def test_stability_refuses_what_gives_none(firms, options):
    asked = {"variables": NUMBERS, "k": 2, "seed": 1} | options
    with pytest.raises(ParameterError):
        segment_stability(firms, **asked)


def test_profiles_by_hand(firms):
    """Orders 1, 3 | 5, 7: mean 4, sd √(20/3); a − all = −2, b − all = 2."""
    table = pd.DataFrame({"segment": list("aabb"), "n_orders": [1, 3, 5, 7], "vip": list("xxxy")})
    rows = segment_profiles(table, variables=["n_orders", "vip"])
    rows = rows.set_index(["segment", "item", "group"])
    first = rows.loc[("a", "n_orders", "")]
    assert first["estimate"] == 2
    assert first["std_error"] == pytest.approx(
        np.sqrt(4 / 3 * 2 * 0.5**2)
    )  # scores ∓1/2, two zeros
    assert first["effect"] == pytest.approx(-2 / np.sqrt(20 / 3))
    # Scores less those of the whole: ±1/4 and ±3/4; over sd, √(5/3)/√(20/3) = 1/2; t at 1 df.
    assert first["effect_low"] == pytest.approx(-2 / np.sqrt(20 / 3) - 12.7062047 / 2)
    share = rows.loc[("b", "vip", "y")]
    assert share["estimate"] == 0.5
    assert share["effect"] == pytest.approx((0.5 - 0.25) / np.sqrt(0.25 * 0.75))
    assert share["ci_low"] < 0.5 < share["ci_high"]
    assert rows.loc[("all", "vip", "y"), "effect"] == 0


def test_profiles_keep_customers_without_segment_and_thin_segments():
    table = pd.DataFrame({"segment": ["a", "a", None, "b"], "n_orders": [1.0, 3, 5, np.nan]})
    rows = segment_profiles(table, variables=["n_orders"]).set_index("segment")
    assert list(rows.index) == ["a", "b", "(missing)", "all"]
    assert rows.loc["b", "note"] == "no customer with a value"
    assert rows.loc["(missing)", "note"] == "too few customers"
    assert np.isnan(rows.loc["(missing)", "ci_low"])
    assert rows.loc["all", ["n", "n_missing"]].tolist() == [3, 1]


def test_profiles_of_a_text_are_not_of_its_letters(firms):
    with pytest.raises(ParameterError, match="variables is the text 'amount'"):
        segment_profiles(firms.assign(segment="1"), variables="amount")


def test_profiles_refuse_a_segment_called_as_the_row_of_all():
    table = pd.DataFrame({"segment": ["all", "b"], "n_orders": [1, 2]})
    with pytest.raises(DataError, match="More than one segment would be called 'all'"):
        segment_profiles(table, variables=["n_orders"])


def test_profiles_take_weights():
    table = pd.DataFrame({"segment": list("aab"), "n_orders": [1.0, 4, 7], "w": [1.0, 2, 1]})
    design = SurveyDesign(weight="w")
    rows = segment_profiles(table, variables=["n_orders"], design=design).set_index("segment")
    assert rows.loc["a", "estimate"] == 3
    assert rows.loc["all", "estimate"] == 4


@pytest.mark.parametrize(
    "first, second, expected",
    [
        (list("aabb"), list("yyxx"), 1),
        (list("aabb"), list("xyxy"), -0.5),  # 0 of 2 pairs kept; expected 2 × 2/6, largest 2
        (list("aabb"), ["x", "x", None, None], np.nan),  # what is left has one segment
        (list("aaaa"), list("xxxx"), np.nan),
    ],
)
def test_agreement_by_hand(first, second, expected):
    table = pd.DataFrame({"first": first, "second": second})
    row = segment_agreement(table, first="first", second="second").iloc[0]
    assert row["estimate"] == pytest.approx(expected, nan_ok=True)
    assert (row["note"] != "") == np.isnan(expected)
    assert row["n"] + row["n_missing"] == 4
