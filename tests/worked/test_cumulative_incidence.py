"""Leaving for competing reasons, with the arithmetic of a handful of contracts."""

import math

import pandas as pd
import pytest
from scipy import stats
from table import table

from custlib.loyalty import (
    churn_rate,
    cumulative_incidence,
    reason_fit,
    reason_shares,
    survival_curve,
)

contracts = table(
    """
    months | left | why
    -------+------+--------
    1      | 1    | price
    2      | 1    | staff
    2      | 0    |
    3      | 1    | price
    3      | 1    | staff
    4      | 0    | price
    5      | 1    |
    6      | 0    |
    """
).replace({"why": {"": None}})
ROLES = {"duration": "months", "event": "left", "reason": "why"}


def shares(**options):
    found = cumulative_incidence(contracts, **ROLES, **options)
    return found.set_index(["reason", "time"])


def test_the_share_gone_adds_what_is_left_times_the_chance_to_leave_for_the_reason():
    found = shares()["estimate"]
    # At risk 8, 7, 5, 2; still there 1, 7/8, 7/8·6/7 = 3/4, 3/4·3/5 = 9/20, then half of it.
    price = {0: 0, 1: 1 / 8, 2: 1 / 8, 3: 1 / 8 + 3 / 4 / 5, 4: 0.275, 5: 0.275, 6: 0.275}
    staff = {0: 0, 1: 0, 2: 7 / 8 / 7, 3: 1 / 8 + 3 / 4 / 5, 4: 0.275, 5: 0.275, 6: 0.275}
    nobody_knows = {0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 9 / 20 / 2, 6: 9 / 40}
    assert found["price"].to_dict() == pytest.approx(price)
    assert found["staff"].to_dict() == pytest.approx(staff)
    assert found["(missing)"].to_dict() == pytest.approx(nobody_knows)


def test_the_shares_and_those_still_there_are_all():
    still = survival_curve(contracts, duration="months", event="left").set_index("time")["estimate"]
    gone = shares()["estimate"].groupby("time").sum()
    assert (gone + still).tolist() == pytest.approx([1] * 7)


def test_the_reason_of_who_is_still_there_is_not_read():
    assert shares(times=[4]).loc[("price", 4), "events"] == 2


def test_the_error_of_the_first_step_is_that_of_a_share():
    row = shares().loc[("price", 1)]
    error = math.sqrt(1 / 8 * 7 / 8 / 8)
    assert row["std_error"] == pytest.approx(error)
    z = stats.norm.ppf(0.975)
    step = math.exp(z * error / (1 / 8 * math.log(8)))
    assert row["ci_low"] == pytest.approx((1 / 8) ** step)
    assert row["ci_high"] == pytest.approx((1 / 8) ** (1 / step))


def test_and_of_the_second_that_of_the_delta_method():
    # F = 1/8 + 3/20; three times, each with its share of the formula.
    row, f = shares().loc[("price", 3)], 0.275
    variance = (f - 1 / 8) ** 2 * 1 / (8 * 7) + 1 * 7 / 8**3 - 2 * (f - 1 / 8) / 8**2
    variance += (f - 1 / 8) ** 2 * 1 / (7 * 6)
    variance += (3 / 4) ** 2 * 1 * 4 / 5**3
    assert row["std_error"] == pytest.approx(math.sqrt(variance))


def test_a_reason_not_yet_met_has_the_exact_bound_of_those_at_risk():
    row = shares().loc[("(missing)", 3)]
    assert (row["estimate"], row["ci_low"]) == (0, 0)
    assert row["ci_high"] == pytest.approx(1 - 0.025 ** (1 / 5))
    assert "nobody left for this reason" in row["note"]


def test_shares_of_the_reasons_among_those_who_left():
    found = reason_shares(contracts, event="left", reason="why").set_index("reason")
    assert found[["numerator", "denominator"]].values.tolist() == [[2, 5], [2, 5], [1, 5]]
    assert found["n_missing"].tolist() == [0, 0, 0]  # the unknown reason is one of the five
    assert found.loc["price", "bound_low"] == pytest.approx(2 / 5)
    assert found.loc["price", "bound_high"] == pytest.approx(3 / 5)
    z2 = stats.chi2.ppf(1 - 0.05 / 3, 1)
    half = math.sqrt(z2 * (0.24 / 5 + z2 / 100))
    assert found.loc["price", "ci_low"] == pytest.approx((0.4 + z2 / 10 - half) / (1 + z2 / 5))


def test_or_of_those_with_a_reason_alone():
    found = reason_shares(contracts, event="left", reason="why", missing="left_out")
    assert found["reason"].tolist() == ["price", "staff"]
    assert found["estimate"].tolist() == [0.5, 0.5]
    assert found["n_missing"].tolist() == [1, 1]


def gone(**counts):
    return pd.DataFrame({"left": 1, "why": [name for name, n in counts.items() for _ in range(n)]})


def test_a_cited_list_leaves_the_rest_to_all_others():
    left = gone(staff=60, quality=20, price=10, moved=6, other=4)
    cited = {"staff": 0.67, "quality": 0.14, "price": 0.09}
    found = reason_fit(left, event="left", reason="why", cited=cited).set_index("reason")
    assert found.loc["other", "numerator"] == 10
    assert found.loc["other", "limit"] == pytest.approx(0.10)
    statistic = 49 / 67 + 36 / 14 + 1 / 9 + 0
    assert found.loc["all", "statistic"] == pytest.approx(statistic)
    assert found.loc["all", "p_value"] == pytest.approx(stats.chi2.sf(statistic, 3))
    assert found["verdict"].tolist() == ["agrees"] * 5


def test_few_customers_are_tested_exactly():
    found = reason_fit(gone(staff=1, price=3), event="left", reason="why", cited={"staff": 0.7})
    # Binomial(4, 0.7): as rare as one or rarer are none and one.
    assert found["p_value"].iloc[-1] == pytest.approx(0.3**4 + 4 * 0.7 * 0.3**3)
    assert found["method"].iloc[-1] == "exact multinomial"


def test_three_reasons_exactly():
    found = reason_fit(
        gone(a=2, b=0, c=0), event="left", reason="why", cited={"a": 0.2, "b": 0.5}, rest="c"
    )
    # Two customers: aa .04, bb .25, cc .09, ab .2, ac .12, bc .3. Only aa is as rare as aa.
    assert found["p_value"].iloc[-1] == pytest.approx(0.04)


def test_churn_a_year_from_the_months_under_watch():
    found = churn_rate(contracts, duration="months", event="left").iloc[0]
    monthly = 5 / 26
    assert found["at_risk"] == 26
    assert found["estimate"] == pytest.approx(1 - (1 - monthly) ** 12)
    z2 = stats.norm.ppf(0.975) ** 2
    half = math.sqrt(z2 * (monthly * (1 - monthly) / 26 + z2 / (4 * 26**2)))
    low = (monthly + z2 / 52 - half) / (1 + z2 / 26)
    assert found["ci_low"] == pytest.approx(1 - (1 - low) ** 12)


def test_who_left_at_0_was_there_for_one_unit():
    at_once = pd.DataFrame({"t": [0] * 5 + [1] * 5, "left": [1] * 5 + [0] * 5})
    for ages in (None, [0, 1]):
        found = churn_rate(at_once, duration="t", event="left", over=1, ages=ages).iloc[0]
        assert (found["estimate"], found["at_risk"]) == (0.5, 10)


def test_churn_from_exact_times_is_that_of_the_exponential_law():
    times = pd.DataFrame({"t": [0.5, 1.5, 2.0], "left": [1, 1, 0]})
    found = churn_rate(times, duration="t", event="left", over=3).iloc[0]
    assert found["estimate"] == pytest.approx(1 - math.exp(-3 * 2 / 4))
    # Garwood: rates at which 2 or more, or 2 or fewer, events in 4 units have a chance of 2.5 %.
    low, high = (-math.log(1 - found[end]) * 4 / 3 for end in ("ci_low", "ci_high"))
    assert stats.poisson.sf(1, low) == pytest.approx(0.025)
    assert stats.poisson.cdf(2, high) == pytest.approx(0.025)


def test_churn_by_bands_of_age():
    found = churn_rate(contracts, duration="months", event="left", ages=[0, 2, 6], over=1)
    # First two months: 8 + 7 under watch, 2 left; then 5 + 3 + 2 + 1, of whom 3 left.
    assert found["at_risk"].tolist() == [15, 11]
    assert found["estimate"].tolist() == pytest.approx([2 / 15, 3 / 11])
