"""The shifted beta-geometric law: durations into renewals, projections, and fits that fail."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.errors import DataError, FitError, ParameterError
from custlib.loyalty import retention_holdout, shifted_beta_geometric
from custlib.loyalty.retention.geometric.likelihood import constant_churn, log_likelihood
from custlib.loyalty.retention.geometric.renewals import read_renewals

ROLES = {"duration": "t", "event": "left"}
ACTIVE = [1000, 869, 743, 653, 593, 551, 517, 491]


def counted(lost, kept=0):
    """`lost[j]` customers leave at renewal j + 1, `kept` are there after the last."""
    ages = [*range(1, len(lost) + 1), len(lost)]
    return pd.DataFrame({"t": ages, "left": [1] * len(lost) + [0], "n": [*lost, kept]})


def fitted(lost, kept, **options):
    return shifted_beta_geometric(counted(lost, kept), **ROLES, count="n", **options)


@pytest.fixture(scope="module")
def law():
    return fitted(-np.diff(ACTIVE), ACTIVE[-1])


def renewals(table, **options):
    return read_renewals(table, **ROLES, **options)


def test_durations_become_renewals():
    table = pd.DataFrame({"t": [0, 1, 2, 2, 2.9, 0.4], "left": [1, 1, 1, 0, 0, 0]})
    found = renewals(table)
    # Who leaves at once is lost at the first renewal; who is there has passed whole periods alone.
    assert found.lost.tolist() == [2, 1]
    assert found.kept.tolist() == [3, 2]
    assert (found.n, found.not_yet) == (5, 1)


def test_the_length_of_a_period_is_one_parameter():
    months = pd.DataFrame({"t": [12, 12, 24, 24, 36, 11], "left": [1, 1, 1, 0, 0, 0]})
    found = renewals(months, period=12)
    assert found.lost.tolist() == [2, 1, 0]
    assert found.kept.tolist() == [3, 2, 1]
    thirds = pd.DataFrame({"t": [0.1 + 0.2, 0.3], "left": [1, 0]})  # 0.1 + 0.2 is above 0.3
    assert renewals(thirds, period=0.1).lost.tolist() == [0, 0, 1]


@pytest.mark.parametrize("period, ages", [(12, [24, 7, 12, 30]), (1, [2, 0.6, 1, 2.5])])
def test_who_left_between_renewals_is_refused_with_advice(period, ages):
    table = pd.DataFrame({"t": ages, "left": [1, 1, 0, 1]}, index=list("abcd"))
    with pytest.raises(DataError, match="'t' has 2 rows with a customer who left") as problem:
        shifted_beta_geometric(table, **ROLES, period=period)
    told = str(problem.value).splitlines()
    assert len(told) == 3
    assert f"first: row b: {ages[1]}, row d: {ages[3]}." in told[0]
    assert f"a multiple of {period}." in told[1]
    assert "period=1" in told[2]
    # Being seen between renewals is no harm: who was has passed those that were over.
    still = table.assign(left=[1, 0, 0, 0])
    assert renewals(still, period=period).kept.tolist() == [3, 1]


def test_rows_and_counts_of_rows_are_the_same():
    table = counted([3, 2, 1], 4)
    rows = table.loc[table.index.repeat(table["n"])].drop(columns="n")
    one = shifted_beta_geometric(rows, **ROLES)
    many = fitted([3, 2, 1], 4)
    pd.testing.assert_frame_equal(one.estimates, many.estimates)


def test_missing_durations_and_first_periods_count_as_missing():
    table = pd.concat(
        [counted([30, 12, 5], 40), pd.DataFrame({"t": [None, 0], "left": [1, 0], "n": [2, 3]})]
    )
    found = shifted_beta_geometric(table, **ROLES, count="n").estimates
    assert set(found["n"]) == {87}
    assert set(found["n_missing"]) == {5}
    assert "3 in their first period count as missing" in found["note"][0]


def test_gradient_and_curvature_are_those_of_the_likelihood():
    table = renewals(counted([30, 12, 5], 40), count="n")
    at, step = np.array([0.3, 1.1]), 1e-5
    _, gradient, hessian = log_likelihood(at, table)
    for j, shift in enumerate(np.eye(2) * step):
        up, down = log_likelihood(at + shift, table), log_likelihood(at - shift, table)
        assert gradient[j] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6)
        assert hessian[j] == pytest.approx((up[1] - down[1]) / (2 * step), rel=1e-6)


def test_the_rival_laws_of_the_fit_table(law):
    fit = law.fit.set_index("term")
    lost, kept = -np.diff(ACTIVE), np.array(ACTIVE[1:])
    churn = lost.sum() / (lost + kept).sum()
    alike = lost.sum() * math.log(churn) + kept.sum() * math.log(1 - churn)
    own = lost / (lost + kept)
    free = (lost * np.log(own) + kept * np.log(1 - own)).sum()
    assert fit.loc["geometric", "log_likelihood"] == pytest.approx(alike)
    assert fit.loc["each age its own", "log_likelihood"] == pytest.approx(free)
    best = fit.loc["shifted beta-geometric", "log_likelihood"]
    assert alike < best < free
    assert fit.loc["geometric", "p_value"] == pytest.approx(
        stats.chi2.sf(2 * (best - alike), 1) / 2
    )
    assert fit.loc["each age its own", "df"] == 5
    assert fit.loc["each age its own", "p_value"] == pytest.approx(
        stats.chi2.sf(2 * (free - best), 5)
    )
    assert fit.loc["shifted beta-geometric", "aic"] == pytest.approx(4 - 2 * best)


def test_the_test_of_being_alike_knows_that_this_is_an_edge():
    fit = fitted([33, 23, 19, 14], 61).fit.set_index("term")
    gain = fit.loc["shifted beta-geometric", "log_likelihood"]
    gain = 2 * (gain - fit.loc["geometric", "log_likelihood"])
    assert 0 < gain < 4
    assert fit.loc["geometric", "p_value"] == pytest.approx(stats.norm.sf(math.sqrt(gain)))


def test_retention_and_churn_at_an_age_sum_to_one(law):
    found = law.retention([0, 1, 5]).set_index(["measure", "time"])
    a, b = law.peak.a, law.peak.b
    assert found.loc[("retention_rate", 5), "estimate"] == pytest.approx((b + 4) / (a + b + 4))
    both = found.loc["retention_rate", "estimate"] + found.loc["churn_rate", "estimate"]
    assert both.tolist() == pytest.approx([1, 1])
    low = 1 - found.loc[("churn_rate", 5), "ci_high"]
    assert low == pytest.approx(found.loc[("retention_rate", 5), "ci_low"])
    assert found.loc[("survival", 0), ["estimate", "ci_low", "ci_high"]].tolist() == [1, 1, 1]


def test_survival_is_the_product_of_the_retention_rates(law):
    found = law.retention(range(13)).set_index(["measure", "time"])["estimate"]
    assert found["retention_rate"].prod() == pytest.approx(found["survival", 12])


def test_ages_not_seen_are_a_projection(law):
    found = law.retention([7, 8]).query("measure == 'survival'")
    assert found["note"].tolist() == ["", "beyond the ages seen"]
    ahead = law.forecast(100, age=3, ahead=[4, 5])
    assert ahead["note"].tolist() == ["", "beyond the ages seen"]
    assert ahead["time"].tolist() == [7, 8]


def test_times_are_in_the_unit_of_the_durations():
    months = counted(-np.diff(ACTIVE), ACTIVE[-1]).assign(t=lambda table: 12 * table["t"])
    found = shifted_beta_geometric(months, **ROLES, count="n", period=12)
    assert found.retention([2])["time"].tolist() == [24, 24, 24]
    assert found.peak.a == pytest.approx(fitted(-np.diff(ACTIVE), ACTIVE[-1]).peak.a)


def test_the_interval_of_a_share_is_even_in_the_logit(law):
    row = law.retention([5]).query("measure == 'survival'").iloc[0]
    share, z = row["estimate"], stats.norm.ppf(0.975)
    middle = math.log(share / (1 - share))
    step = z * row["std_error"] / (share * (1 - share))
    assert row["ci_low"] == pytest.approx(1 / (1 + math.exp(step - middle)))
    assert row["ci_high"] == pytest.approx(1 / (1 + math.exp(-step - middle)))


def test_with_many_customers_the_error_of_the_law_is_what_counts(law):
    row = law.forecast(100_000, age=7, ahead=[3]).iloc[0]
    z = stats.norm.ppf(0.975)
    assert row["ci_low"] == pytest.approx(row["estimate"] - z * row["std_error"], rel=2e-3)
    assert row["ci_high"] == pytest.approx(row["estimate"] + z * row["std_error"], rel=2e-3)
    assert row["std_error"] > 5 * math.sqrt(100_000) / 2  # chance alone brings at most this


def test_a_forecast_holds_the_chance_of_customers_and_the_error_of_the_law(law):
    row = law.forecast(200, age=7, ahead=[3]).iloc[0]
    share = row["estimate"] / 200
    alone = math.sqrt(200 * share * (1 - share))
    assert row["std_error"] > alone
    assert (row["ci_low"], row["ci_high"]) == (round(row["ci_low"]), round(row["ci_high"]))
    # Within the quantiles of the normal law, up to the half that whole numbers cost.
    z = stats.norm.ppf(0.975)
    assert row["ci_low"] == pytest.approx(row["estimate"] - z * row["std_error"], abs=2)
    assert row["ci_high"] == pytest.approx(row["estimate"] + z * row["std_error"], abs=2)


def test_a_law_known_for_sure_leaves_the_binomial_alone():
    law = fitted([369_000_000, 163_000_000, 86_000_000], 382_000_000)
    row = law.forecast(100, age=3, ahead=[2]).iloc[0]
    share = row["estimate"] / 100
    assert row["ci_low"] == stats.binom.ppf(0.025, 100, share)
    assert row["ci_high"] == stats.binom.ppf(0.975, 100, share)


def test_a_lifetime_without_discount_needs_a_above_one(law):
    row = law.lifetime([0], discount=0).iloc[0]
    assert np.isinf(row["estimate"])
    assert row["note"] == "infinite: a is at most 1"
    steady = fitted([200, 150, 110, 85, 63], 392)
    a, b = steady.peak.a, steady.peak.b
    assert a > 1
    found = steady.lifetime([2], discount=0, first_margin="now").iloc[0]
    assert found["estimate"] == pytest.approx((a + b + 1) / (a - 1))


def test_a_horizon_counts_so_many_periods(law):
    rates = law.retention([1, 2, 3]).set_index(["measure", "time"])["estimate"]["retention_rate"]
    now = law.lifetime([0], discount=0.1, horizon=3, first_margin="now")["estimate"][0]
    later = law.lifetime([0], discount=0.1, horizon=3)["estimate"][0]
    first, second, third = rates.cumprod()
    assert now == pytest.approx(1 + first / 1.1 + second / 1.21)
    assert later == pytest.approx(first / 1.1 + second / 1.21 + third / 1.331)
    near = law.lifetime([0], discount=0.1, horizon=500)["estimate"][0]
    assert near == pytest.approx(law.lifetime([0], discount=0.1)["estimate"][0], rel=1e-9)


def test_the_holdout_is_forecast_from_the_first_renewals_alone():
    table = counted(-np.diff(ACTIVE), ACTIVE[-1])
    found = retention_holdout(table, **ROLES, count="n", up_to=4).set_index(["measure", "time"])
    early = fitted(-np.diff(ACTIVE[:5]), ACTIVE[4])
    expected = early.retention([5, 6, 7]).query("measure == 'retention_rate'")["estimate"]
    assert found.loc["kept", "estimate"].tolist() == pytest.approx(
        (expected.to_numpy() * ACTIVE[4:7]).tolist()
    )
    assert found.loc["kept", "observed"].tolist() == ACTIVE[5:]
    assert found.loc[("survival", 7), "observed"] == pytest.approx(ACTIVE[7] / ACTIVE[4])
    assert found.loc[("survival", 7), "estimate"] == pytest.approx(expected.prod())
    # At the first later age the two parts of the error are plain: of the law, and of chance.
    rate = early.retention([5]).query("measure == 'retention_rate'").iloc[0]
    chance = rate["estimate"] * (1 - rate["estimate"]) / ACTIVE[4]
    assert found.loc[("survival", 5), "std_error"] == pytest.approx(
        math.sqrt(rate["std_error"] ** 2 + chance)
    )


def test_what_came_is_inside_above_or_below():
    lost, later = [300, 140, 80, 50], {"above": 2, "below": 150, "inside": 34}
    for verdict, gone in later.items():
        table = counted([*lost, gone], 430 - gone)
        found = retention_holdout(table, **ROLES, count="n", up_to=4)
        assert found["verdict"].tolist() == [verdict] * 2


def test_without_later_renewals_there_is_no_holdout():
    table = counted([30, 12, 5], 40)
    with pytest.raises(DataError, match="has faced 3 renewals; 3 are fitted"):
        retention_holdout(table, **ROLES, count="n", up_to=3)


@pytest.mark.parametrize(
    "lost, kept, told",
    [
        ([0, 0, 0], 50, "all are still there"),
        ([50], 0, "all of them at the first"),
        ([20], 30, "nobody has faced a second renewal"),
        ([20, 0, 0], 30, "none of the 60 times later"),
        ([10, 10, 10], 20, "does not fall with age"),
        ([10, 10, 10], 70, "does not fall with age"),
    ],
)
def test_a_likelihood_without_a_peak_is_told_and_nothing_is_predicted(lost, kept, told):
    with pytest.raises(FitError, match=told) as problem:
        fitted(lost, kept)
    assert len(str(problem.value).splitlines()) == 3
    assert "Nothing is predicted" in str(problem.value)


def test_alike_customers_are_told_their_common_churn():
    with pytest.raises(FitError, match=r"constant churn of 0\.25 "):
        fitted([64, 48, 36], 108)  # a quarter of those there leaves at each renewal
    share, height = constant_churn(renewals(counted([64, 48, 36], 108), count="n"))
    assert share == 0.25
    assert height == pytest.approx(148 * math.log(0.25) + 444 * math.log(0.75))


def test_nobody_who_faced_a_renewal():
    with pytest.raises(FitError, match="2 are in their first period"):
        shifted_beta_geometric(pd.DataFrame({"t": [0.2, 0.9], "left": [0, 0]}), **ROLES)


def test_an_open_end_of_an_interval_says_so():
    # Churn falls by so little that customers may well be all alike.
    found = fitted([33, 23, 19, 14], 61).estimates.set_index("term")
    assert np.isinf(found.loc["a", "ci_high"])
    assert "open" in found.loc["a", "note"]


@pytest.mark.parametrize("counts", [[1.5, 2], [-1, 2], [np.nan, 2]])
def test_counts_that_are_none_are_refused(counts):
    table = pd.DataFrame({"t": [1, 2], "left": [1, 0], "n": counts})
    with pytest.raises(DataError, match="'n' has 1 row with a count that cannot be used; first"):
        shifted_beta_geometric(table, **ROLES, count="n")


def test_negative_durations_and_periods_are_refused():
    with pytest.raises(DataError, match="negative duration"):
        shifted_beta_geometric(pd.DataFrame({"t": [-1, 2], "left": [1, 0]}), **ROLES)
    for period in (0, -1, math.inf):
        with pytest.raises(ParameterError, match="period is"):
            fitted([30, 12, 5], 40, period=period)


def test_ages_and_discounts_that_are_none_are_refused(law):
    for ages in ([-1], [1.5]):
        with pytest.raises(ParameterError, match="whole numbers"):
            law.retention(ages)
    with pytest.raises(ParameterError, match="whole numbers of periods, from 1"):
        law.forecast(10, age=1, ahead=[0])
    with pytest.raises(ParameterError, match="discount is"):
        law.lifetime([0], discount=-0.1)
    with pytest.raises(ParameterError, match="active is 0"):
        law.forecast(0, age=1, ahead=[1])
    with pytest.raises(ParameterError, match="up_to is 1"):
        retention_holdout(counted([30, 12, 5], 40), **ROLES, count="n", up_to=1)
