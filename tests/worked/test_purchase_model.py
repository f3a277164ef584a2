"""Repeat buying and spending by hand: parameters of one turn the formulas into fractions."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import special
from table import table

from custlib.loyalty import (
    buying_records,
    holdout_comparison,
    purchase_model,
    repeat_purchases,
    spend_model,
    time_between,
)
from custlib.loyalty.value.purchases import PROCESSES
from custlib.loyalty.value.records import read_records
from custlib.loyalty.value.spending import Spending
from custlib.loyalty.value.worth import _discounted

ONE = np.ones(4)
# Customers on whom a model can be fitted; its parameters are then put to those wanted.
SOMEBODY = table(
    """
    x | t_x | T
    --+-----+---
    0 |   0 | 40
    0 |   0 | 40
    0 |   0 | 40
    0 |   0 | 40
    0 |   0 | 40
    1 |   5 | 40
    1 |  12 | 40
    2 |  20 | 40
    3 |   6 | 40
    9 |  36 | 40
    """
)
ROLES = {"frequency": "x", "recency": "t_x", "age": "T"}


@pytest.fixture(scope="module")
def fitted():
    customers = pd.concat([SOMEBODY] * 12, ignore_index=True)
    return purchase_model(customers, **ROLES, time_unit="week")


def at(model, name, parameters):
    """The model with another process and parameters."""
    top = replace(model.top, theta=np.log(parameters), names=PROCESSES[name].names)
    return replace(model, process=PROCESSES[name], top=top)


def likelihood(name, customers):
    records = read_records(customers, **ROLES)
    return math.exp(PROCESSES[name].likelihood(np.log(ONE), records)[0])


NOBODY = table("x | t_x | T\n0 | 0 | 3")
ONCE = table("x | t_x | T\n1 | 1 | 3")


@pytest.mark.parametrize(
    "name, customers, value",
    [
        # Nobody can have left: (alpha/(alpha + T))^r.
        ("bg_nbd", NOBODY, Fraction(1, 4)),
        # There still: 1/2 × 1/16; left at the purchase: 1/2 × 1/4.
        ("bg_nbd", ONCE, Fraction(5, 32)),
        # There still: 1/2 × 1/4; left at once: 1/2.
        ("mbg_nbd", NOBODY, Fraction(5, 8)),
        # Chances to leave: B(1, 3)/B(1, 1) = 1/3 and B(2, 2)/B(1, 1) = 1/6.
        ("mbg_nbd", ONCE, Fraction(1, 3) / 16 + Fraction(1, 6) / 4),
        # 1/4 × 1/4, and the integral of (1 + t)^-3 from 0 to 3.
        ("pareto_nbd", NOBODY, Fraction(1, 16) + Fraction(1, 2) * (1 - Fraction(1, 16))),
        # 1/16 × 1/4, and the integral of (1 + t)^-4 from 1 to 3.
        ("pareto_nbd", ONCE, Fraction(1, 64) + Fraction(1, 3) * (Fraction(1, 8) - Fraction(1, 64))),
    ],
)
def test_likelihoods_of_one_customer(name, customers, value):
    assert likelihood(name, customers) == pytest.approx(float(value), rel=1e-11)


def test_likelihoods_of_several_are_multiplied():
    both = pd.concat([NOBODY, ONCE, ONCE])
    assert likelihood("bg_nbd", both) == pytest.approx(1 / 4 * (5 / 32) ** 2)


@pytest.mark.parametrize(
    "name, customers, value",
    [
        ("bg_nbd", NOBODY, 1),
        ("bg_nbd", ONCE, Fraction(1, 32) / Fraction(5, 32)),
        ("mbg_nbd", NOBODY, Fraction(1, 8) / Fraction(5, 8)),
        ("mbg_nbd", ONCE, Fraction(1, 48) / (Fraction(1, 48) + Fraction(1, 24))),
        ("pareto_nbd", NOBODY, Fraction(1, 16) / Fraction(17, 32)),
        ("pareto_nbd", ONCE, Fraction(1, 64) / (Fraction(1, 64) + Fraction(7, 192))),
    ],
)
def test_who_is_still_a_customer(fitted, name, customers, value):
    found = at(fitted, name, ONE).predict(customers, horizon=1)
    assert found["alive_probability"].tolist() == pytest.approx([float(value)])


@pytest.mark.parametrize(
    "name, parameters, value",
    [
        # The mean of 1/(1 + p) over p, for r = alpha = t = 1: uniform p, and density 2p.
        ("bg_nbd", (1, 1, 1, 1), math.log(2)),
        ("bg_nbd", (1, 1, 2, 1), 2 * (1 - math.log(2))),
        # Times 1 − p, as one may leave at once.
        ("mbg_nbd", (1, 1, 1, 1), 2 * math.log(2) - 1),
        # Mean of the smaller of 1 and the time to leaving: log 2 for s = 1, and 1 − 1/2 for s = 2.
        ("pareto_nbd", (1, 1, 1, 1), math.log(2)),
        ("pareto_nbd", (1, 1, 2, 1), 0.5),
    ],
)
def test_expected_purchases_of_a_new_customer(fitted, name, parameters, value):
    found = at(fitted, name, parameters).expected_purchases([1])
    assert found["estimate"].tolist() == pytest.approx([value])


def test_expected_purchases_by_what_was_bought(fitted):
    # Still there 1/5, p ~ Beta(1, 2), rate ~ Gamma(2, 4): within 4 weeks the mean of
    # (1 − (1 + p)^−2)/p = (2 + p)/(1 + p)² over density 2(1 − p).
    q = np.linspace(0, 1, 200_001)
    mean = np.trapezoid((2 + q) / (1 + q) ** 2 * 2 * (1 - q), q)
    found = at(fitted, "bg_nbd", ONE).predict(ONCE, horizon=4)
    assert found["purchases_expected"].tolist() == pytest.approx([mean / 5], rel=1e-9)
    # MBG: there 1/3, as 1/48 to 1/24, and one more chance not taken: density 3(1 − p)².
    mean = np.trapezoid((2 + q) / (1 + q) ** 2 * 3 * (1 - q) ** 2, q)
    found = at(fitted, "mbg_nbd", ONE).predict(ONCE, horizon=4)
    assert found["purchases_expected"].tolist() == pytest.approx([mean / 3], rel=1e-9)
    # Pareto, at s = 1: 3/10 × (1 + 1)/(1 + 3) × 4 log 2.
    found = at(fitted, "pareto_nbd", ONE).predict(ONCE, horizon=4)
    assert found["purchases_expected"].tolist() == pytest.approx([0.3 * 2 * math.log(2)])


@pytest.mark.parametrize("discount", [0.0, 0.1, 1.0])
def test_discounted_purchases(discount):
    # A new customer under Pareto/NBD with parameters of 1 buys at the rate 1/(1 + u), whose
    # discounted sum is a difference of exponential integrals.
    records = read_records(table("x | t_x | T\n0 | 0 | 0"), **ROLES)
    rate = math.log1p(discount) / 10
    value = _discounted(PROCESSES["pareto_nbd"], ONE, records, 20, rate)[0]
    plain = math.log(21)
    exact = math.exp(rate) * (special.exp1(rate) - special.exp1(21 * rate)) if rate else plain
    assert value == pytest.approx(exact, rel=1e-10)


@pytest.fixture(scope="module")
def spending():
    customers = pd.DataFrame(
        {"x": [1, 2, 3, 4] * 15, "z": [20.0, 35.0, 28.0, 60.0, 12.0, 33.0] * 10}
    )
    return spend_model(customers, frequency="x", spend="z")


def test_means_of_spending(spending):
    model = replace(spending, top=replace(spending.top, theta=np.log([2.0, 3.0, 10.0])))
    customers = table("x | z\n0 | 0\n1 | 20\n4 | 20")
    # 2 × 10/2 · 2 × 30/4 · 2 × 90/10.
    assert model.predict(customers)["spend_expected"].tolist() == pytest.approx([10, 15, 18])


def test_a_mean_that_does_not_exist_says_so(spending):
    model = replace(spending, top=replace(spending.top, theta=np.log([2.0, 0.5, 10.0])))
    found = model.predict(table("x | z\n0 | 0\n1 | 20"))
    assert found["spend_expected"].isna().tolist() == [True, False]
    assert found["spend_expected"][1] == pytest.approx(2 * 30 / 1.5)
    assert found["spend_note"].tolist() == [
        "q is at most 1: the mean over all customers is infinite",
        "",
    ]


def test_likelihood_of_spending():
    # One order at p = q = v = 1 has the density 1/(1 + z)².
    value = Spending(np.array([1.0, 1.0]), np.array([1.0, 3.0]))(np.zeros(3))[0]
    assert value == pytest.approx(math.log(1 / 4 * 1 / 16))


def test_days_become_weeks():
    customers = table(
        """
        n_orders | recency_days | age_days
        ---------+--------------+---------
        1        | 70           | 70
        3        | 14           | 70
        """
    )
    made = buying_records(customers, time_unit="week")
    assert made["frequency"].tolist() == [0, 2]
    assert made["recency"].tolist() == [0, 8]
    assert made["age"].tolist() == [10, 10]


def test_time_between_two_days():
    assert time_between("2024-02-28", "2024-03-01", time_unit="day") == 2
    assert time_between("2024-03-14", "2024-02-29", time_unit="week") == -2
    assert time_between("2023-01-01", "2024-01-01", time_unit="month") == pytest.approx(
        12 * 365 / 365.25
    )


def test_repeat_purchases_leave_out_the_first_of_each():
    orders = table(
        """
        customer | period | n_orders
        ---------+--------+---------
        a        | 0      | 3
        a        | 3      | 1
        b        | 1      | 1
        b        | 2      | 0
        c        | 1      | 2
        """
    )
    found = repeat_purchases(orders, n_periods=5)
    assert found["observed"].tolist() == [2, 2 + 1, 3, 4, 4]
    assert found["n"].tolist() == [1, 3, 3, 3, 3]


def test_a_forecast_held_against_what_came(fitted):
    customers = SOMEBODY.assign(later=[0, 0, 0, 1, 0, 0, 0, 0, 0, 3])
    held = holdout_comparison(
        customers, model=fitted, actual="later", horizon=20, most=2, n_draws=200, seed=1
    )
    expected = fitted.predict(SOMEBODY, horizon=20)["purchases_expected"].to_numpy()
    rows = held.estimates.set_index("measure")
    assert rows.loc["purchases", "observed"] == 4
    assert rows.loc["error", "estimate"] == pytest.approx(expected.sum() - 4)
    assert rows.loc["error_share", "estimate"] == pytest.approx((expected.sum() - 4) / 4)
    gaps = expected - customers["later"]
    assert rows.loc["mean_absolute_error", "estimate"] == pytest.approx(np.abs(gaps).mean())
    assert rows.loc["mean_squared_error", "estimate"] == pytest.approx((gaps**2).mean())
    bins = held.bins
    assert bins["frequency"].tolist() == [0, 1, 2]
    assert bins["n"].tolist() == [5, 2, 3]
    assert bins["observed"].tolist() == pytest.approx([1 / 5, 0, 3 / 3])
    assert bins["estimate"].tolist() == pytest.approx(
        [expected[:5].mean(), expected[5:7].mean(), expected[7:].mean()]
    )
    assert bins["note"].tolist() == ["", "", "and more"]
    inside = held.cases["later"].between(held.cases["purchases_low"], held.cases["purchases_high"])
    assert held.cases["purchases_inside"].tolist() == inside.tolist()
    assert rows.loc["coverage", ["numerator", "denominator"]].tolist() == [inside.sum(), 10]
