"""Staying and leaving by hand: the curve, its times and means, the log-rank test, Cox, cohorts."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from table import table

from custlib.loyalty import (
    churn_hazards,
    cohort_retention,
    compare_survival,
    contract_durations,
    restricted_mean,
    survival_curve,
    survival_times,
)

Z = stats.norm.ppf(0.975)
ROLES = {"duration": "months", "event": "left"}

contracts = table("""
    | plan    | months | left |
    |---------|--------|------|
    | annual  |      2 |    1 |
    | monthly |      1 |    1 |
    | annual  |      4 |    0 |
    | monthly |      2 |    0 |
    | monthly |      3 |    1 |
""")


def test_each_step_is_the_share_of_those_at_risk_who_stay():
    found = survival_curve(contracts, **ROLES)
    expected = table("""
        | time | at_risk | events | censored | estimate |
        |------|---------|--------|----------|----------|
        |    0 |       5 |      0 |        0 |      1.0 |
        |    1 |       5 |      1 |        0 |      0.8 |
        |    2 |       4 |      1 |        1 |      0.6 |
        |    3 |       2 |      1 |        0 |      0.3 |
        |    4 |       1 |      0 |        1 |      0.3 |
    """)
    for name in expected:
        assert found[name].tolist() == pytest.approx(expected[name].tolist()), name


def test_greenwood_and_three_intervals():
    # 4/5, then 3/4, then 1/2 stay.
    variance = 1 / (5 * 4) + 1 / (4 * 3) + 1 / (2 * 1)
    error = math.sqrt(variance)
    expected = {
        "plain": (0.3 - Z * 0.3 * error, 0.3 + Z * 0.3 * error),
        "log": (0.3 * math.exp(-Z * error), 0.3 * math.exp(Z * error)),
        "log-log": tuple(0.3 ** math.exp(s * Z * error / -math.log(0.3)) for s in (1, -1)),
    }
    for ci, (low, high) in expected.items():
        row = survival_curve(contracts, **ROLES, times=[3], ci=ci).iloc[0]
        assert row["std_error"] == pytest.approx(0.3 * error)
        assert row["ci_low"] == pytest.approx(max(low, 0)), ci
        assert row["ci_high"] == pytest.approx(min(high, 1)), ci


def test_before_anybody_leaves_the_bound_is_the_exact_one():
    base = pd.DataFrame({"months": [2, 2, 3, 5], "left": [0, 0, 0, 1]})
    row = survival_curve(base, **ROLES).query("time == 2").iloc[0]
    # Four at risk, none left: the share p with p**4 = 0.025.
    assert (row["estimate"], row["ci_high"]) == (1, 1)
    assert row["ci_low"] == pytest.approx(0.025 ** (1 / 4))
    assert "exact bound" in row["note"]


def test_a_contract_counts_from_the_age_at_which_it_was_first_seen():
    base = table("""
        | entry | months | left |
        |-------|--------|------|
        |     0 |      2 |    1 |
        |     1 |      3 |    1 |
        |     2 |      5 |    1 |
        |     0 |      4 |    0 |
    """)
    found = survival_curve(base, **ROLES, entry="entry").set_index("time")
    # At 2 the third contract, first seen at 2, is not yet at risk; at 3 it is.
    assert found.loc[[2, 3, 4, 5], "at_risk"].tolist() == [3, 3, 2, 1]
    assert found.loc[[2, 3, 5], "estimate"].tolist() == pytest.approx([2 / 3, 4 / 9, 0])


def test_times_and_means():
    found = survival_times(contracts, **ROLES, left=[0.2, 0.3, 0.5, 0.8])
    # The curve is 0.8 from 1 to 2, so a fifth has left by the middle of that step.
    assert found["estimate"].tolist()[:3] == [1.5, 2, 3]
    assert np.isnan(found["estimate"].iloc[3])
    assert found["note"].iloc[3] == "not reached: fewer have left"
    row = restricted_mean(contracts, **ROLES, horizon=4).iloc[0]
    assert row["estimate"] == pytest.approx(1 + 0.8 + 0.6 + 0.3)
    areas = {(5, 1): 0.8 + 0.6 + 0.3, (4, 1): 0.6 + 0.3, (2, 1): 0.3}
    variance = sum(area**2 * d / (n * (n - d)) for (n, d), area in areas.items())
    assert row["std_error"] == pytest.approx(math.sqrt(variance))
    assert row["ci_low"] == pytest.approx(2.7 - Z * math.sqrt(variance))
    assert row["ci_high"] == pytest.approx(2.7 + Z * math.sqrt(variance))
    # Up to 2 the area 1.8 and its interval would pass the horizon.
    assert restricted_mean(contracts, **ROLES, horizon=2)["ci_high"].item() == 2


def test_the_log_rank_test():
    found = compare_survival(contracts, **ROLES, by="plan")
    # At risk, annual of all: 2/5 at 1, 2/4 at 2, 1/2 at 3; one leaves each time.
    expected = 2 / 5 + 2 / 4 + 1 / 2
    variance = (2 / 5) * (3 / 5) + (2 / 4) * (2 / 4) + (1 / 2) * (1 / 2)
    groups = found.estimates.set_index("plan")
    assert groups.loc["annual", "expected_events"] == pytest.approx(expected)
    assert groups.loc["monthly", "expected_events"] == pytest.approx(3 - expected)
    assert groups.loc["annual", "estimate"] == pytest.approx(1 / expected)
    row = found.tests.iloc[0]
    assert row["statistic"] == pytest.approx((1 - expected) ** 2 / variance)
    assert row["p_value"] == pytest.approx(stats.chi2.sf(row["statistic"], 1))


def test_early_times_weigh_more_with_rho():
    row = compare_survival(contracts, **ROLES, by="plan", rho=1).tests.iloc[0]
    weights = (1, 0.8, 0.6)  # the curve just before each leaving
    share, annual = (2 / 5, 2 / 4, 1 / 2), (0, 1, 0)
    score = sum(w * (o - p) for w, o, p in zip(weights, annual, share, strict=True))
    variance = sum(w**2 * p * (1 - p) for w, p in zip(weights, share, strict=True))
    assert row["statistic"] == pytest.approx(score**2 / variance)


def test_the_difference_of_means_of_a_pair():
    row = compare_survival(contracts, **ROLES, by="plan").contrasts.iloc[0]
    # Until 3, the last month of the monthly plan: annual 1, 1, 1/2; monthly 1, 2/3, 2/3.
    assert (row["contrast"], row["horizon"]) == ("annual - monthly", 3)
    assert row["estimate"] == pytest.approx(2.5 - (1 + 2 / 3 + 2 / 3))
    variance = 0.5**2 / 2 + (4 / 3) ** 2 / (3 * 2)
    assert row["std_error"] == pytest.approx(math.sqrt(variance))


def test_cox_solved_by_hand():
    base = pd.DataFrame({"months": [1, 3, 2, 4], "left": 1, "visits": [0, 1, 1, 0]})
    found = churn_hazards(base, **ROLES, terms=["visits"])
    # With h the hazard ratio: 2 = 2h/(2h + 2) + 2h/(2h + 1) + h/(h + 1), so h² = h + 1.
    golden = (1 + math.sqrt(5)) / 2
    row = found.estimates.iloc[0]
    assert row["effect"] == pytest.approx(golden)
    shares = [golden / (golden + 1), 2 * golden / (2 * golden + 1), golden / (golden + 1)]
    error = sum(p * (1 - p) for p in shares) ** -0.5
    assert row["std_error"] == pytest.approx(error)
    for end, at in (("low", math.log(golden) - Z * error), ("high", math.log(golden) + Z * error)):
        assert row[f"ci_{end}"] == pytest.approx(at)
        assert row[f"effect_{end}"] == pytest.approx(math.exp(at))
    assert row["statistic"] == pytest.approx(math.log(golden) / error)
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(math.log(golden) / error))


def test_the_level_of_an_interval_is_the_one_asked_for():
    z = stats.norm.ppf(0.95)
    base = pd.DataFrame({"months": [1, 3, 2, 4], "left": 1, "visits": [0, 1, 1, 0]})
    rows = [
        churn_hazards(base, **ROLES, terms=["visits"], conf_level=0.9).estimates.iloc[0],
        compare_survival(contracts, **ROLES, by="plan", conf_level=0.9).contrasts.iloc[0],
        restricted_mean(contracts, **ROLES, horizon=4, conf_level=0.9).iloc[0],
    ]
    for row in rows:
        assert row["conf_level"] == 0.9
        assert row["ci_low"] == pytest.approx(row["estimate"] - z * row["std_error"])
        assert row["ci_high"] == pytest.approx(row["estimate"] + z * row["std_error"])
    pair = rows[1]
    assert pair["p_value"] == pytest.approx(stats.chi2.sf(pair["statistic"], 1))
    step = survival_curve(contracts, **ROLES, times=[3], ci="plain", conf_level=0.5).iloc[0]
    assert step["ci_high"] == pytest.approx(0.3 + stats.norm.ppf(0.75) * step["std_error"])


@pytest.mark.parametrize("ties, ratio", [("efron", math.sqrt(6)), ("breslow", 2)])
def test_two_who_left_together(ties, ratio):
    # Breslow: 1 = 2h/(h + 2). Efron: 1 = h/(h + 2) + (h/2)/((h + 3)/2).
    base = pd.DataFrame({"months": [1, 1, 2], "left": [1, 1, 0], "visits": [1, 0, 0]})
    found = churn_hazards(base, **ROLES, terms=["visits"], ties=ties).estimates
    assert found["effect"].item() == pytest.approx(ratio)


def test_concordant_pairs():
    base = pd.DataFrame(
        {"months": [1, 2, 2, 3, 4], "left": [1, 1, 0, 1, 0], "visits": [2, 2, 1, 0, 1]}
    )
    fit = churn_hazards(base, **ROLES, terms=["visits"]).fit.set_index("measure")
    row = fit.loc["concordance"]
    # More visits leave sooner. First: right with 3, tied with 1. Second: right with 3 (the one
    # last seen at 2 among them). Fourth: wrong with the fifth.
    assert row["denominator"] == 4 + 3 + 1
    assert row["estimate"] == pytest.approx((3.5 + 3) / 8)


def test_the_drift_of_a_term_by_hand():
    base = pd.DataFrame({"months": [1, 2, 3, 4], "left": 1, "visits": [0, 1, 1, 0]})
    found = churn_hazards(base, **ROLES, terms=["visits"])
    h = found.estimates["effect"].item()
    share = np.array([2 * h / (2 * h + 2), 2 * h / (2 * h + 1), h / (h + 1), 0])
    gone = np.array([0, 1 / 4, 2 / 4, 3 / 4])
    v = share * (1 - share)
    score = gone @ (np.array([0, 1, 1, 0]) - share)
    spread = gone**2 @ v - (gone @ v) ** 2 / v.sum()
    test = found.proportionality.iloc[0]
    assert test["statistic"] == pytest.approx(score**2 / spread)
    reading = np.log(h) + (np.array([0, 1, 1, 0]) - share) * 4 / v.sum()
    assert found.drift["estimate"].tolist() == pytest.approx(reading.tolist())


def test_retention_of_cohorts():
    base = table("""
        | year | months | left |
        |------|--------|------|
        | 2021 |      1 |    1 |
        | 2021 |      3 |    1 |
        | 2021 |      3 |    0 |
        | 2021 |      4 |    0 |
        | 2022 |      2 |    1 |
        | 2022 |      1 |    0 |
        | 2022 |      2 |    0 |
    """)
    found = cohort_retention(base, cohort="year", **ROLES)
    expected = table("""
        | year | age | measure  | numerator | denominator |
        |------|-----|----------|-----------|-------------|
        | 2021 |   0 | retained |         4 |           4 |
        | 2021 |   1 | retained |         3 |           4 |
        | 2021 |   1 | renewed  |         3 |           4 |
        | 2021 |   2 | retained |         3 |           4 |
        | 2021 |   2 | renewed  |         3 |           3 |
        | 2021 |   3 | retained |         2 |           4 |
        | 2021 |   3 | renewed  |         2 |           3 |
        | 2022 |   0 | retained |         3 |           3 |
        | 2022 |   1 | retained |         3 |           3 |
        | 2022 |   1 | renewed  |         3 |           3 |
    """)
    # Age 3 is the last that is over, for the cohort of 2021.
    assert found["age"].unique().tolist() == [0, 1, 2, 3]
    known = found[found["estimate"].notna()]
    assert known[list(expected)].to_numpy().tolist() == expected.to_numpy().tolist()
    assert known["estimate"].tolist() == pytest.approx(
        (expected["numerator"] / expected["denominator"]).tolist()
    )
    # One of 2022 was last seen at 1, still there: what happened at 2 is not known of the cohort.
    late = found.query("year == 2022 and age == 2").iloc[0]
    assert late["note"] == "not yet over: 1 customer is still there at an earlier age"


def test_wilson_of_a_cohort():
    base = pd.DataFrame({"year": 1, "months": [1, 2, 2, 2], "left": [1, 0, 0, 0]})
    row = cohort_retention(base, cohort="year", **ROLES, ages=[2]).iloc[0]
    centre, half = 0.75 + Z**2 / 8, Z * math.sqrt(0.75 * 0.25 / 4 + Z**2 / 64)
    assert row["ci_low"] == pytest.approx((centre - half) / (1 + Z**2 / 4))


def test_durations_from_who_was_there():
    seen = table("""
        | firm | month |
        |------|-------|
        | a    |     1 |
        | b    |     3 |
        | b    |     2 |
        | a    |     2 |
        | a    |     2 |
        | c    |     3 |
        | c    |     4 |
    """)
    found = contract_durations(seen, customer="firm", period="month")
    expected = table("""
        | firm | cohort | duration | event |
        |------|--------|----------|-------|
        | a    |      1 |        2 |     1 |
        | b    |      2 |        2 |     1 |
        | c    |      3 |        2 |     0 |
    """)
    assert found[list(expected)].to_numpy().tolist() == expected.to_numpy().tolist()
    assert found["note"].tolist() == ["may have begun before the record", "", ""]
    longer = contract_durations(seen, customer="firm", period="month", until=5)
    assert longer["event"].tolist() == [1, 1, 1]
