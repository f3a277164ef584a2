"""The split of a change of revenue: its intervals hold the planted contributions."""

import numpy as np
import pandas as pd
import pytest

from custlib.segmentation import revenue_change

SIZE = 400
STAYS, ORDERS, PAID = 0.8, (2.0, 3.0), (50.0, 62.5)  # share who stay; means before and after


def customers(amounts, orders):
    return pd.DataFrame({"customer": range(SIZE), "n_orders": orders, "amount": amounts})


def planted():
    """Contributions of customers, orders per customer and revenue per order, and their sum."""
    before = SIZE * ORDERS[0] * PAID[0]
    logs = np.log([STAYS, ORDERS[1] / ORDERS[0], PAID[1] / PAID[0]])
    after = before * np.exp(logs.sum())
    return np.array([*((after - before) / np.log(after / before) * logs), after - before])


def coverage(surveys):
    rng, held, truth = np.random.default_rng(11), np.zeros(4), planted()
    for _ in range(surveys):
        stays = rng.random(SIZE) < STAYS
        first = 1 + rng.poisson(ORDERS[0] - 1, SIZE)
        second = np.where(stays, 1 + rng.poisson(ORDERS[1] - 1, SIZE), 0)
        sides = [
            customers(rng.gamma(2, paid / 2, SIZE) * orders, orders)
            for paid, orders in zip(PAID, (first, second), strict=True)
        ]
        rows = revenue_change(*sides)
        held += (rows["ci_low"] <= truth) & (truth <= rows["ci_high"])
    return held / surveys


def test_the_intervals_hold_the_planted_contributions():
    # 500 surveys: three standard errors of a coverage of .95 are .029.
    assert (abs(coverage(500) - 0.95) < 0.03).all()


@pytest.mark.slow
def test_the_intervals_hold_the_planted_contributions_at_full_size():
    assert (abs(coverage(5000) - 0.95) < 0.012).all()
