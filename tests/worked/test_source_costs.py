"""The cost of a client by source, where four of ten do not say where they came from."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.loyalty import source_costs

HEARD = pd.DataFrame(
    {
        "source": ["web"] * 3 + ["fair"] * 2 + ["friend"] + ["been here"] * 3 + [None],
        "revenue": [10.0, 20, 30, 100, 50, 40, 5, 5, 5, 5],
    }
)
PAID = pd.DataFrame({"source": ["web", "fair", "friend", "radio"], "cost": [60.0, 100, 0, 30]})


@pytest.fixture(scope="module")
def found():
    table = source_costs(
        HEARD, source="source", costs=PAID, unknown=["been here"], amount="revenue"
    )
    return table.set_index(["measure", "source"])


def test_shares_of_those_who_know_and_bounds_over_those_who_do_not(found):
    row = found.loc[("share", "web")]
    assert row[["numerator", "denominator", "n_missing", "n"]].tolist() == [3, 6, 4, 6]
    assert row["estimate"] == pytest.approx(1 / 2)
    assert (row["bound_low"], row["bound_high"]) == pytest.approx((3 / 10, 7 / 10))
    z2 = stats.chi2.ppf(1 - 0.05 / 4, 1)
    half = np.sqrt(z2 * (1 / 4 / 6 + z2 / (4 * 36)))
    assert row["ci_low"] == pytest.approx((1 / 2 + z2 / 12 - half) / (1 + z2 / 6))


def test_a_client_costs_between_bounds(found):
    web = found.loc[("cost_per_client", "web")]
    # 3 to 7 clients; in proportion 10 × 3/6 = 5.
    assert web[["estimate", "bound_low", "bound_high"]].tolist() == pytest.approx(
        [60 / 5, 60 / 7, 60 / 3]
    )
    share = found.loc[("share", "web")]
    assert (web["ci_low"], web["ci_high"]) == pytest.approx(
        (60 / (10 * share["ci_high"]), 60 / (10 * share["ci_low"]))
    )


def test_a_source_nobody_names_may_have_brought_nobody(found):
    radio = found.loc[("cost_per_client", "radio")]
    assert np.isnan(radio["estimate"])
    assert np.isnan(radio["bound_high"])
    assert radio["bound_low"] == pytest.approx(30 / 4)
    assert radio["note"].startswith("nobody named it")


def test_revenue_for_one_unit_of_cost(found):
    fair = found.loc[("revenue_per_cost", "fair")]
    # 150 known, 20 open; in proportion 150 × (1 + 20/250).
    assert fair[["estimate", "bound_low", "bound_high"]].tolist() == pytest.approx(
        [150 * 270 / 250 / 100, 1.5, 1.7]
    )
    assert found.loc[("revenue_per_cost", "friend"), "note"] == "costs nothing"


def returns(revenue, named=("web", "fair")):
    heard = pd.DataFrame({"source": [*named, None, None], "revenue": revenue})
    table = source_costs(heard, source="source", costs=PAID[:2], amount="revenue")
    return table[table["measure"] == "revenue_per_cost"].set_index("source")


def test_refunds_of_the_unknown_bound_from_below_and_payments_from_above():
    web = returns([30, 90, -24, 60]).loc["web"]
    # All refunds by web and all payments elsewhere: 30 - 24 of 60; the other way 30 + 60 of 60.
    assert (web["bound_low"], web["bound_high"]) == pytest.approx((0.1, 1.5))
    assert web["estimate"] == pytest.approx(30 * (1 + 36 / 120) / 60)
    web = returns([30, 90, -500, 0]).loc["web"]
    assert (web["bound_low"], web["bound_high"]) == pytest.approx((-470 / 60, 0.5))
    assert web["bound_low"] < web["estimate"] < web["bound_high"]


@pytest.mark.parametrize(
    "revenue, named, told",
    [
        ([1, 2, 3, 4], (None, None), "no known revenue by which to share out that of the unknown"),
        ([0, 0, 3, 4], ("web", "fair"), "no known revenue by which to share out that of the"),
        ([-1, 9, 3, 4], ("web", "fair"), "a source has negative revenue"),
    ],
)
def test_unknown_revenue_that_cannot_be_shared_out_is_told(revenue, named, told):
    found = returns(revenue, named)
    assert found["estimate"].isna().all()
    assert found["note"].str.startswith(told).all()
    assert (found["bound_low"] < found["bound_high"]).all()


def test_nothing_of_the_unknown_leaves_what_is_known():
    found = returns([0, 0, 0, 0])
    assert found[["estimate", "bound_low", "bound_high"]].eq(0).all(axis=None)
    assert returns([-6, 9, 0, 0])["estimate"].tolist() == pytest.approx([-0.1, 0.09])


def test_ranks_that_hold_whatever_the_unknown_came_by(found):
    ranks = found.loc["cost_per_client", ["rank_low", "rank_high"]]
    # A friend costs nothing. At their best web has 60/7 and radio 30/4, fair 100/6 = 16.7.
    assert ranks.loc["friend"].tolist() == [1, 1]
    assert found.loc[("cost_per_client", "friend"), "verdict"] == "cheapest"
    assert ranks.loc["web"].tolist() == [2, 3]
    # Fair at its worst, 50 a client: web is cheaper anyway, radio with one unknown client.
    assert ranks.loc["fair"].tolist() == [2, 4]
    assert ranks.loc["radio"].tolist() == [2, 4]


def test_without_unknown_bounds_close_and_ranks_are_certain():
    table = source_costs(HEARD[:6], source="source", costs=PAID[:3])
    rows = table[table["measure"] == "cost_per_client"]
    assert rows["bound_low"].tolist() == rows["bound_high"].tolist() == [20, 50, 0]
    assert rows["rank_low"].tolist() == rows["rank_high"].tolist() == [2, 3, 1]
    assert rows["verdict"].tolist() == ["rank certain", "dearest", "cheapest"]


def test_a_tie_is_not_a_lower_rank():
    # With all 29 unknown the flyer has as many clients as the web, for the same money: not fewer.
    heard = pd.DataFrame({"source": ["web"] * 29 + [None] * 29})
    paid = pd.DataFrame({"source": ["web", "flyer"], "cost": [5.0, 5.0]})
    table = source_costs(heard, source="source", costs=paid)
    ranks = table[table["measure"] == "cost_per_client"].set_index("source")
    assert ranks.loc["web", ["rank_low", "rank_high"]].tolist() == [1, 1]
