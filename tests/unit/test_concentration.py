"""Concentration: edge cases, errors against the jackknife, and what bad input gives."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation.lorenz.measures import concentration, lorenz_points
from custlib.segmentation.lorenz.profit import profit_curve
from custlib.segmentation.lorenz.theory import shape_for_top_share, theoretical_top_share

NUMBERS = ["std_error", "ci_low", "ci_high"]


def base(values):
    return pd.DataFrame({"customer": range(len(values)), "amount": values, "profit": values})


def measured(values, **options):
    return concentration(base(values), **options).set_index("measure")


def lognormal(n, seed=1, sigma=1.0):
    return np.random.default_rng(seed).lognormal(0, sigma, n)


def test_errors_are_those_of_the_jackknife():
    values = lognormal(300, sigma=0.6)
    left_out = np.array([measured(np.delete(values, at))["estimate"] for at in range(300)])
    spread = ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0) * 299 / 300
    found = measured(values)["std_error"]
    # The jackknife does not serve for share_needed, which moves in steps, nor for an inverse.
    for name in ("gini", "gini_unbiased", "top_share", "distance", "hhi"):
        at = found.index.get_loc(name)
        assert found[name] == pytest.approx(spread[at] ** 0.5, rel=0.05), name


def test_lorenz_points_and_the_top_share_have_one_error():
    values = lognormal(500)
    points = lorenz_points(base(values), points=10).set_index("customer_share")
    top = measured(values, top=0.2).loc["top_share"]
    assert points.loc[0.8, "std_error"] == pytest.approx(top["std_error"], rel=1e-12)
    assert points.loc[0.8, "estimate"] == pytest.approx(1 - top["estimate"], rel=1e-12)
    assert points.loc[0.8, "ci_low"] == pytest.approx(1 - top["ci_high"], rel=1e-12)
    assert points.loc[[0.0, 1.0], "std_error"].tolist() == [0, 0]
    assert points.loc[[0.0, 1.0], "ci_low"].isna().all()


def test_there_are_no_more_points_than_customers():
    assert lorenz_points(base([1, 2, 3]), points=100)["estimate"].tolist() == pytest.approx(
        [0, 1 / 6, 1 / 2, 1]
    )


def test_an_error_does_not_drown_in_values_far_from_zero():
    far = 1e6 + np.random.default_rng(2).normal(size=1000)
    mean, spread = far.mean(), far - far.mean()
    largest = np.sort(spread)[::-1][:200]
    # Around equality a share moves by (x − q)₊/mean less its share of x/mean.
    scores = np.maximum(spread - largest[-1], 0) - 0.2 * spread
    error = measured(far).loc["top_share", "std_error"]
    assert error == pytest.approx(scores.std(ddof=1) / mean / 1000**0.5, rel=1e-3)


def test_one_customer_has_everything_and_no_interval():
    found = measured([5.0])
    assert found.loc["gini", "estimate"] == 0
    assert found.loc[["top_share", "share_needed"], "estimate"].tolist() == [1, 1]
    assert found[NUMBERS].isna().all(axis=None)
    assert set(found["note"]) == {"one customer: no interval"}
    assert set(found["verdict"]) == {""}


END = "at the end of its range: no interval"


def test_a_share_of_all_has_no_interval_and_says_why():
    found = measured([0] * 36 + [3, 4, 5, 9])
    # The eight largest of 40 hold everything.
    assert found.loc[["top_share", "distance"], "ci_low"].isna().all()
    assert found.index[found["note"] == END].tolist() == ["top_share", "distance"]
    assert found.loc[found["note"] == "", "ci_low"].notna().all()


def test_one_of_three_has_everything():
    found = measured([0, 0, 10])
    ends = ["gini_unbiased", "top_share", "distance", "hhi", "effective_number"]
    assert found.index[found["ci_low"].isna()].tolist() == ends
    assert found.index[found["note"] == END].tolist() == ends


def test_a_share_of_all_does_not_miss_1_by_rounding():
    # Summed one by one or in pairs, such numbers differ in the last digit.
    for seed in range(60):
        found = measured(np.concatenate([np.zeros(36), lognormal(8, seed=seed)]))
        assert found.loc["top_share", "estimate"] == 1
        assert found.loc["top_share", "note"] == END


def test_an_effective_number_is_at_least_one_customer():
    # Four zeros beside 2 and 8: 100/68 customers, with an error beyond 0 on either side.
    row = measured([0, 0, 0, 0, 2, 8]).loc["effective_number"]
    assert row["estimate"] == pytest.approx(100 / 68)
    assert row["ci_low"] == 1


def test_both_ends_of_a_lorenz_curve_say_why_they_have_no_interval():
    found = lorenz_points(base([1, 2, 3]), points=3)
    assert found["note"].tolist() == [END, "", "", END]


def test_resamples_that_are_all_alike_give_no_interval():
    # Two customers are drawn as they are, or as one of them twice, which has no spread.
    found = measured([1.0, 2.0], n_boot=20, seed=1)
    assert found["ci_low"].isna().all()
    assert found.loc["share_needed", "note"] == END
    assert found.loc["gini", "note"] == "resamples are all alike: no interval"
    assert found.loc["distance", "verdict"] == ""


def test_equal_customers_are_not_concentrated():
    found = measured([7.1] * 10)
    assert found.loc["gini", "estimate"] == 0
    assert found.loc["top_share", "estimate"] == pytest.approx(0.2)
    assert found.loc["effective_number", "estimate"] == pytest.approx(10)
    assert found[NUMBERS].isna().all(axis=None)
    assert found.loc["gini", "note"] == "all values equal: no interval"


@pytest.mark.parametrize("values", [[0.0, 0.0], [-3.0, 1.0], [np.nan, np.nan]])
def test_nothing_to_share_out_gives_noted_rows(values):
    found = measured(values)
    assert found["estimate"].isna().all()
    assert set(found["note"]) == {"the values do not sum to more than zero"}
    points = lorenz_points(base(values))
    assert points[["estimate", *NUMBERS]].isna().all(axis=None)
    assert points.columns.tolist() == lorenz_points(base([1, 2])).columns.tolist()


def test_missing_values_are_left_out_and_counted():
    found, known = measured([1, np.nan, 3, 8]), measured([1, 3, 8])
    assert found["n_missing"].tolist() == [1] * 7
    assert found["n"].tolist() == [3] * 7
    assert found["estimate"].tolist() == known["estimate"].tolist()


def test_with_negative_values_the_gini_may_pass_one_and_a_note_says_so():
    found = measured([-8, 1, 2, 9]).loc["gini"]
    # Mean absolute difference over twice the mean: (9+10+17+1+8+7)·2/16 over 2·1.
    assert found["estimate"] == pytest.approx(52 * 2 / 16 / 2)
    assert found["method"] == "normal"
    assert found["note"] == "negative values: measures may leave 0–1"
    middle = (found["ci_low"] + found["ci_high"]) / 2
    assert middle == pytest.approx(found["estimate"])


def test_intervals_stay_between_their_bounds():
    found = measured([1000.0, 1, 1, 1, 1, 2])
    shares = found.loc[["gini", "gini_unbiased", "top_share", "share_needed"]]
    assert ((shares["ci_low"] >= 0) & (shares["ci_high"] <= 1)).all()
    assert found.loc["hhi", "ci_low"] >= 1 / 6
    assert found.loc["effective_number", "ci_high"] <= 6 + 1e-9


@pytest.mark.parametrize(
    "sigma, verdict", [(0.5, "below"), (3.5, "above"), (1.683, "not distinguishable")]
)
def test_the_verdict_on_20_80(sigma, verdict):
    quantiles = (np.arange(1000) + 0.5) / 1000
    values = np.exp(sigma * pd.Series(quantiles).map(NormalDist().inv_cdf))
    assert measured(values).loc["distance", "verdict"] == verdict


def test_the_bootstrap_repeats_itself_and_is_wider_under_a_long_tail():
    values = lognormal(100, sigma=1.7)
    first, second = (measured(values, n_boot=200, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    plain = measured(values)
    assert first.loc["gini", "ci_high"] > plain.loc["gini", "ci_high"]
    assert first["estimate"].equals(plain["estimate"])
    assert first.loc["gini", "method"] == "logit, bootstrap t"


def test_the_bootstrap_asks_for_a_seed():
    with pytest.raises(ParameterError, match="seed"):
        measured([1, 2], n_boot=10)


def test_a_customer_with_two_rows_is_refused_unless_names_are_not_looked_at():
    twice = pd.DataFrame({"customer": ["a", "b", "a"], "amount": [1, 2, 3]})
    with pytest.raises(DataError, match="2 rows with a repeated customer"):
        concentration(twice)
    assert concentration(twice, customer=None)["n"].tolist() == [3] * 7


@pytest.mark.parametrize(
    "table, match",
    [
        (pd.DataFrame({"customer": [], "amount": []}), "no row"),
        (pd.DataFrame({"customer": [None, "b"], "amount": [1, 2]}), "missing customer"),
        (pd.DataFrame({"customer": [1, 2], "amount": ["much", 2]}), "not a number"),
        (pd.DataFrame({"customer": [1, 2], "amount": [np.inf, 2]}), "infinite"),
        (pd.DataFrame({"customer": [1, 2]}), "amount"),
    ],
)
def test_unusable_tables_are_refused(table, match):
    with pytest.raises(DataError, match=match):
        concentration(table)


@pytest.mark.parametrize("options", [{"top": 0}, {"top": 1}, {"target": 1.2}, {"conf_level": 95}])
def test_shares_outside_zero_and_one_are_refused(options):
    with pytest.raises(ParameterError):
        measured([1, 2], **options)


# --- laws of sizes ---


@pytest.mark.parametrize("law, name", [("lognormal", "sigma"), ("pareto", "alpha")])
def test_the_shape_gives_back_the_share(law, name):
    for share in (0.25, 0.5, 0.8, 0.99):
        shape = shape_for_top_share(top=0.2, share=share, law=law)
        assert theoretical_top_share(top=0.2, **{name: shape}) == pytest.approx(share, rel=1e-12)


def test_equality_is_the_edge_of_both_laws():
    assert shape_for_top_share(top=0.2, share=0.2) == pytest.approx(0, abs=1e-12)
    assert shape_for_top_share(top=0.2, share=0.2, law="pareto") == np.inf
    assert theoretical_top_share(top=0.2, sigma=0) == pytest.approx(0.2)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sigma": 1, "alpha": 2},
        {"sigma": -1},
        {"alpha": 1},
        {"sigma": np.nan},
        {"alpha": np.inf},
    ],
)
def test_a_law_without_its_one_shape_is_refused(options):
    with pytest.raises(ParameterError):
        theoretical_top_share(top=0.2, **options)


@pytest.mark.parametrize("options", [{"share": 0.1}, {"share": 1}, {"share": 0.8, "law": "zipf"}])
def test_a_share_no_law_gives_is_refused(options):
    with pytest.raises(ParameterError):
        shape_for_top_share(top=0.2, **options)


# --- profit ---


def test_a_base_without_losses_peaks_at_its_end():
    curve = profit_curve(base([3, 1]))
    peak = curve.estimates.set_index("measure").loc["peak_share"]
    assert peak["estimate"] == 1
    assert peak["note"] == "no loss-maker: no interval"
    assert curve.points["measure"].tolist() == ["curve", "curve", "peak"]


def test_a_base_that_loses_money_has_a_curve_of_money_only():
    curve = profit_curve(base([5, -9]))
    assert curve.points["profit"].tolist() == [0, 5, -4]
    assert curve.points["profit_share"].isna().all()
    found = curve.estimates.set_index("measure")
    assert found.loc["total_profit", "estimate"] == -4
    assert np.isnan(found.loc["peak_share", "estimate"])
    assert "more than zero" in found.loc["peak_share", "note"]


def test_a_base_of_losses_only():
    found = profit_curve(base([-1, -2])).estimates.set_index("measure")["estimate"]
    assert found["loss_makers"] == 1
    assert found["losses"] == -3
    assert found["peak_customers"] == 0


def test_nobody_with_a_known_profit():
    found = profit_curve(base([np.nan])).estimates
    assert found["estimate"].isna().all()
    assert (found["note"] != "").all()
    assert found["n_missing"].tolist() == [1] * 5


def test_one_customer_has_a_whale_curve_without_interval():
    found = profit_curve(base([4.0])).estimates.set_index("measure")
    assert found.loc["peak_share", "note"] == "one customer"
    assert found.loc["total_profit", "estimate"] == 4


def test_losses_that_may_eat_all_gains_leave_the_peak_without_an_upper_bound():
    values = np.append(np.full(200, -1.0), [200.001])
    row = profit_curve(base(values)).estimates.set_index("measure").loc["peak_share"]
    assert row["estimate"] == pytest.approx(200_001)
    assert row["ci_low"] >= 1
    assert row["ci_high"] == np.inf


def test_the_peak_and_its_interval_stay_at_or_above_one():
    values = np.random.default_rng(4).normal(0.4, 1, 200)
    row = profit_curve(base(values)).estimates.set_index("measure").loc["peak_share"]
    assert 1 <= row["ci_low"] < row["estimate"] < row["ci_high"]


def test_a_million_customers_are_summed_exactly():
    values = np.round(lognormal(10**6))
    table = base(values)
    found = concentration(table).set_index("measure")["estimate"]
    ordered = np.sort(values)[::-1]
    assert found["top_share"] == pytest.approx(ordered[:200_000].sum() / values.sum())
    assert lorenz_points(table).notna().any().any()
    assert len(profit_curve(table).estimates)


def test_numbers_of_points_and_resamples_are_whole():
    for curve in (lorenz_points, profit_curve):
        with pytest.raises(ParameterError, match=r"points is 2\.5"):
            curve(base([1, 2, 3]), points=2.5)
    with pytest.raises(ParameterError, match=r"n_boot is 2\.5"):
        measured([1, 2, 3], n_boot=2.5, seed=1)
