"""A budget of contacts and the best plan of a small one, by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from table import table

from custlib.loyalty import allocate_contacts, allocation_sensitivity, contact_budget

PLAN = table(
    """
    segment | kind  | clients | contacts | cost | prepared
    --------+-------+---------+----------+------+---------
    A       | visit | 10      | 2        | 50   | 300
    B       | visit | 40      | 0.5      | 50   | 300
    A       | call  | 10      | 6        | 4    | 0
    C       | call  | 0       | 3        | 4    | 0
    """
)


def cost(found, measure, **names):
    for name, value in names.items():
        found = found[found[name] == value]
    [value] = found.loc[found["measure"] == measure, "cost"]
    return value


def test_a_budget_adds_up():
    found = contact_budget(PLAN, preparation="prepared")
    assert cost(found, "cell", segment="A", kind="visit") == 10 * 2 * 50
    assert cost(found, "cell", segment="B", kind="visit") == 40 * 0.5 * 50
    assert cost(found, "cell", segment="A", kind="call") == 240
    assert cost(found, "preparation", kind="visit") == 300
    assert cost(found, "kind", kind="visit") == 1000 + 1000 + 300
    assert cost(found, "kind", kind="call") == 240
    assert cost(found, "segment", segment="A") == 1240
    assert cost(found, "total") == 2540
    total = found.iloc[-1]
    assert total["estimate"] == 20 + 20 + 60
    assert total["n"] == 10 + 40 + 0  # A is one segment, though it has two kinds


def test_cells_that_are_not_there_and_segments_without_clients_say_so():
    found = contact_budget(PLAN, preparation="prepared").set_index(["kind", "segment", "measure"])
    assert found.loc[("call", "B", "cell"), ["cost", "note"]].tolist() == [0, "not in the table"]
    assert found.loc[("call", "C", "cell"), ["cost", "note"]].tolist() == [0, "no clients"]


def test_a_missing_number_makes_its_sums_lower_bounds():
    plan = PLAN.assign(cost=[50, np.nan, 4, 4])
    found = contact_budget(plan, preparation="prepared").set_index(["kind", "segment", "measure"])
    assert np.isnan(found.loc[("visit", "B", "cell"), "cost"])
    assert found.loc[("visit", "B", "cell"), "note"] == "no number of cost"
    total = found.loc[("all", "all", "total")]
    assert total["cost"] == 2540 - 1000
    assert total["note"] == "a lower bound: 1 cells without a cost"
    assert found.loc[("all", "A", "segment"), "note"] == ""


def test_campaigns_have_a_preparation_each():
    both = pd.concat([PLAN.assign(action="spring"), PLAN.assign(action="autumn", prepared=0)])
    found = contact_budget(both, campaign="action", preparation="prepared")
    assert cost(found, "campaign", campaign="spring") == 2540
    assert cost(found, "campaign", campaign="autumn") == 2240
    assert cost(found, "total") == 4780


# Two cells of one client each: worth 100(1 − e^−k) and 50(1 − e^−k), a contact costs 10.
CELLS = pd.DataFrame(
    {
        "segment": ["A", "B"],
        "kind": ["call", "mail"],
        "clients": 1.0,
        "cost": 10.0,
        "reach": 1.0,
        "saturation": 1.0,
        "value": [100.0, 50.0],
    }
)


def best(cells, **options):
    plan = allocate_contacts(cells, **options)
    sums = plan.estimates.set_index(["measure", "term"])["estimate"]
    return plan.cases["best_contacts"].tolist(), sums


def test_without_a_cap_the_last_contact_is_worth_its_cost():
    contacts, sums = best(CELLS, cap=None)
    assert contacts == pytest.approx([math.log(10), math.log(5)])
    assert sums["value", "plan"] == pytest.approx(90 + 40)
    assert sums["net", "plan"] == pytest.approx(130 - 10 * math.log(50))


def test_under_a_cap_the_last_unit_of_money_brings_the_same_in_each():
    # k₁ + k₂ = 2 and 100e^−k₁ = 50e^−k₂: k₁ = 1 + ln 2 / 2; the price is 10e^(ln 2/2 − 1) − 1.
    contacts, sums = best(CELLS, cap=20)
    half = math.log(2) / 2
    assert contacts == pytest.approx([1 + half, 1 - half])
    assert sums["shadow_price", "budget"] == pytest.approx(10 * math.exp(-1 - half) - 1)
    assert sums["cost", "plan"] == pytest.approx(20)


def test_a_small_budget_goes_to_one_cell_alone():
    contacts, _ = best(CELLS, cap=5)
    assert contacts == pytest.approx([0.5, 0])


def test_a_capacity_binds_before_the_cap():
    plan = allocate_contacts(CELLS, cap=100, capacity={"call": 1})
    assert plan.cases["best_contacts"].tolist() == pytest.approx([1, math.log(5)])
    prices = plan.estimates[plan.estimates["measure"] == "shadow_price"].set_index("term")
    # One call more is worth 100/e at the margin and costs 10.
    assert prices.loc["call", "estimate"] == pytest.approx(100 / math.e - 10)
    assert prices["verdict"].to_dict() == {"budget": "slack", "call": "binds"}


def test_a_kind_is_prepared_only_where_it_pays():
    # Mail is worth 40 − 10 ln 5 = 23.9 after its contacts: a preparation of 23 pays, one of 25 not.
    for prepared, used in ((23, True), (25, False)):
        contacts, sums = best(CELLS.assign(f=[0, prepared]), cap=None, preparation="f")
        assert (contacts[1] > 0) == used
        assert sums["preparation", "plan"] == (prepared if used else 0)


def test_whole_contacts():
    # Gains of whole calls: 63.2, 23.3, 8.6; of letters 31.6, 11.6, 4.3; each costs 10.
    contacts, sums = best(CELLS, cap=None, whole=True)
    assert contacts == [2, 2]
    assert best(CELLS, cap=30, whole=True)[0] == [2, 1]
    assert sums["bound", "plan"] == pytest.approx(130 - 10 * math.log(50))


def test_a_contact_is_exchanged_where_that_gains():
    # The first contact wins all: it nets 3 for 7 in A and 4 for 10 in B. Per unit of money A is
    # better, but with 10 to spend only one of them is to be had, and B nets more.
    cells = CELLS.assign(cost=[7.0, 10.0], value=[10.0, 14.0], saturation=0.01)
    contacts, sums = best(cells, cap=10, whole=True)
    assert contacts == [0, 1]
    assert sums["net", "plan"] == pytest.approx(4)


def test_whole_contacts_keep_within_a_capacity():
    # Fifteen contacts for ten clients are one each; a second one would need twenty.
    cells = CELLS[:1].assign(clients=10.0)
    assert best(cells, cap=None, whole=True, capacity={"call": 15})[0] == [1]
    assert best(cells, cap=None, whole=True, capacity={"call": 20})[0] == [2]


def test_a_share_of_clients_is_never_swung_above_all_of_them():
    cells = CELLS[:1].assign(reach=0.9)
    found = allocation_sensitivity(cells, cap=None, swing=0.5, by_kind=())
    more = found.set_index(["term", "direction"]).loc[("reach", "more"), "estimate"]
    assert more == pytest.approx(90 - 10 * math.log(10))


def test_the_widest_bar_comes_first():
    found = allocation_sensitivity(CELLS.assign(f=[1.0, 0]), cap=15, preparation="f")
    spans = found.groupby("term", sort=False)["estimate"].agg(
        lambda ends: abs(ends.iloc[1] - ends.iloc[0])
    )
    assert spans.tolist() == sorted(spans, reverse=True)
    assert spans.iloc[0] > spans.iloc[-1]


def test_the_plan_of_today_is_held_against_the_best():
    plan = allocate_contacts(CELLS.assign(now=[0.0, 1.0]), cap=5, mean_contacts="now")
    today = plan.estimates[plan.estimates["term"] == "today"].set_index("measure")
    assert today.loc["net", "estimate"] == pytest.approx(50 * (1 - 1 / math.e) - 10)
    assert today.loc["cost", "note"] == "with preparation beyond the cap"


def test_a_swing_of_the_value_and_what_keeping_the_plan_loses():
    swung = allocation_sensitivity(CELLS, cap=None, swing=0.5, by_kind=())
    found = swung.set_index(["term", "direction"])
    assert found["limit"].tolist() == pytest.approx([130 - 10 * math.log(50)] * len(found))
    # Half the value: k = ln 5 and ln 2.5, worth 40 + 15; the old plan is worth 45 + 20.
    less = found.loc[("value", "less")]
    new, old = 55 - 10 * math.log(12.5), 65 - 10 * math.log(50)
    assert less["estimate"] == pytest.approx(new)
    assert less["regret"] == pytest.approx(new - old)
    before, after = math.log(10) / math.log(50), math.log(5) / math.log(12.5)
    assert less["effect"] == pytest.approx(abs(before - after))
