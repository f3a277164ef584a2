"""Contacts: what a matrix may lack, what is refused, and sources with nothing known."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.loyalty import (
    allocate_contacts,
    allocation_sensitivity,
    contact_budget,
    contact_options,
    source_costs,
)

CELLS = pd.DataFrame(
    {
        "segment": ["A", "A", "B", "B"],
        "kind": ["call", "visit"] * 2,
        "clients": [10.0, 10, 80, 80],
        "contacts": [4.0, 2, 1, 0],
        "cost": [5.0, 60, 5, 60],
        "preparation": [0.0, 500, 0, 500],
        "reach": [0.3, 0.5, 0.2, 0.3],
        "saturation": [3.0, 2, 3, 2],
        "value": [2000.0, 2000, 300, 300],
    }
)


def plan(cells, **options):
    return allocate_contacts(cells, **({"cap": 3000, "preparation": "preparation"} | options))


@pytest.mark.parametrize(
    "change, told",
    [
        ({"clients": [-1, 10, 80, 80]}, "1 of clients outside its range; first: row 0: -1"),
        ({"cost": np.inf}, "4 of cost outside"),
        ({"contacts": ["many", 1, 1, 1]}, "1 value in 'contacts' not a number"),
        ({"kind": ["call", "visit", None, "visit"]}, "1 rows without a name"),
        ({"segment": ["A", "A", "all", "all"]}, "kind or campaign is called 'all'"),
        ({"segment": "A"}, "4 rows of a cell that stands more than once"),
        ({"preparation": [0, 500, 0, 400]}, "2 rows with different numbers \\(preparation\\)"),
    ],
)
def test_a_budget_that_is_refused(change, told):
    with pytest.raises(DataError, match=told) as raised:
        contact_budget(CELLS.assign(**change), preparation="preparation")
    assert len(str(raised.value).splitlines()) == 3


@pytest.mark.parametrize(
    "quantity",
    [
        contact_budget,
        lambda cells: plan(cells),
        lambda cells: allocation_sensitivity(cells, cap=None),
    ],
)
def test_a_table_of_contacts_without_a_row_is_refused(quantity):
    with pytest.raises(DataError, match="The table of contacts has no row"):
        quantity(CELLS[:0])


def test_a_name_of_the_cells_is_not_written_over_by_their_numbers():
    named = CELLS.rename(columns={"contacts": "number", "kind": "contacts"})
    with pytest.raises(DataError, match="already has: contacts"):
        contact_budget(named, kind="contacts", mean_contacts="number")


def test_a_budget_names_the_nearest_column():
    with pytest.raises(DataError, match="'cost' for 'costs'"):
        contact_budget(CELLS, cost="costs")


@pytest.mark.parametrize(
    "change, told",
    [
        ({"reach": 1.2}, "4 of reach outside"),
        ({"saturation": 0}, "4 of saturation outside"),
        ({"cost": 0}, "4 of cost outside"),
        ({"value": -1}, "4 of value outside"),
    ],
)
def test_responses_that_are_refused(change, told):
    with pytest.raises(DataError, match=told):
        plan(CELLS.assign(**change))


@pytest.mark.parametrize(
    "options, told",
    [
        ({"cap": -1}, "cap is -1"),
        ({"capacity": {"letter": 5}}, "capacity is"),
        ({"capacity": {"call": -5}}, "capacity is"),
    ],
)
def test_limits_that_are_refused(options, told):
    with pytest.raises(ParameterError, match=told):
        plan(CELLS, **options)


def test_too_many_kinds_with_preparation():
    many = pd.DataFrame({"segment": "A", "kind": range(13), "clients": 1, "cost": 1.0,
                         "preparation": 1.0, "reach": 0.5, "saturation": 1.0,
                         "value": 9.0})  # fmt: skip
    with pytest.raises(ParameterError, match="13 kinds of contact"):
        plan(many)


@pytest.mark.parametrize("whole", [False, True])
def test_a_cap_of_zero_leaves_nothing_to_do(whole):
    found = plan(CELLS, cap=0, whole=whole)
    assert found.cases["best_contacts"].tolist() == [0, 0, 0, 0]
    assert found.estimates.set_index(["measure", "term"]).loc[("net", "plan"), "estimate"] == 0


@pytest.mark.parametrize("whole", [False, True])
def test_a_segment_without_clients_gets_nothing(whole):
    cells = CELLS.assign(clients=[0.0, 0, 80, 80])
    found = plan(cells, whole=whole).cases
    assert found["best_contacts"].tolist()[:2] == [0, 0]
    assert found["marginal_value"].isna().tolist() == [True, True, False, False]


def test_rows_that_lack_a_number_are_left_out_and_counted():
    found = plan(CELLS.assign(reach=[np.nan, 0.5, 0.2, 0.3]))
    assert np.isnan(found.cases["best_contacts"].iloc[0])
    assert found.estimates["note"].iloc[0] == "1 cells lack a number and get no contacts"


def test_clients_counted_twice_are_noted():
    found = plan(CELLS.assign(reach=[0.6, 0.7, 0.2, 0.3]))
    assert found.estimates["note"].iloc[0] == "kinds together reach more than everybody in: A"


def test_rows_keep_their_order_and_their_index():
    turned = CELLS.iloc[::-1].set_index(pd.Index(list("dcba")))
    found = plan(turned).cases
    assert found.index.tolist() == list("dcba")
    straight = plan(CELLS).cases["best_contacts"].tolist()
    assert found["best_contacts"].tolist() == pytest.approx(straight[::-1])


def test_rows_of_two_tables_put_together_may_share_their_index():
    worth = [2000, 2000, np.nan, 300]
    both = pd.concat([CELLS[:2], CELLS[2:].set_axis([0, 1])]).assign(value=worth)
    found = plan(both).cases
    assert found.index.tolist() == [0, 1, 0, 1]
    straight = plan(both.reset_index(drop=True)).cases
    found, straight = found["best_contacts"].tolist(), straight["best_contacts"].tolist()
    assert found == pytest.approx(straight, nan_ok=True)
    assert np.isnan(found).tolist() == [False, False, True, False]


def test_a_column_that_would_be_written_over_is_told():
    with pytest.raises(DataError, match="already has: best_cost"):
        plan(CELLS.assign(best_cost=1))


def test_the_most_a_client_stands_and_a_capacity_in_a_column():
    found = plan(CELLS.assign(most=[1.0, 9, 9, 9]), cap=None, most="most")
    assert found.cases["best_contacts"].iloc[0] == 1
    column = plan(CELLS.assign(room=[np.nan, 30, np.nan, 30]), cap=None, capacity="room")
    named = plan(CELLS, cap=None, capacity={"visit": 30})
    assert column.cases["best_contacts"].tolist() == named.cases["best_contacts"].tolist()
    made = (named.cases["best_contacts"] * named.cases["clients"])[named.cases["kind"] == "visit"]
    assert made.sum() == pytest.approx(30)


def test_whole_contacts_have_no_price_and_respect_every_limit():
    found = plan(CELLS.assign(most=4.0), most="most", whole=True, capacity={"visit": 25})
    prices = found.estimates[found.estimates["measure"] == "shadow_price"]
    assert prices["estimate"].isna().all()
    assert (found.cases["best_contacts"] % 1 == 0).all()
    made = found.cases["best_contacts"] * found.cases["clients"]
    assert made[found.cases["kind"] == "visit"].sum() <= 25
    assert found.cases["best_contacts"].max() <= 4


def test_inputs_that_are_not_there_are_not_swung():
    found = allocation_sensitivity(CELLS, cap=None)
    assert not {"cap", "capacity", "preparation"} & set(found["term"])
    assert {"reach: call", "reach: visit"} <= set(found["term"])
    whole = allocation_sensitivity(CELLS, cap=3000, preparation="preparation", by_kind=())
    assert {"cap", "preparation", "reach"} <= set(whole["term"])


@pytest.mark.parametrize("options", [{"swing": 0}, {"swing": 1}, {"by_kind": ["cap"]}])
def test_swings_that_are_refused(options):
    with pytest.raises(ParameterError):
        allocation_sensitivity(CELLS, cap=None, **options)


def test_inputs_by_kind_are_a_list_and_no_text():
    with pytest.raises(ParameterError, match="by_kind is the text 'reach'"):
        allocation_sensitivity(CELLS, cap=None, by_kind="reach")


def test_an_old_plan_beyond_the_cap_has_no_regret():
    found = allocation_sensitivity(CELLS, cap=1000).set_index(["term", "direction"])
    assert np.isnan(found.loc[("cap", "less"), "regret"])
    assert found.loc[("cap", "less"), "note"] == "the old plan goes beyond a limit"


def test_options_are_the_columns_there_are():
    found = contact_options(CELLS.drop(columns=["value"]))
    assert found.budget == {"preparation": "preparation"}
    assert found.lacking == ("value",)
    assert contact_options(CELLS.assign(most=1, capacity=2)).allocation == {
        name: name for name in ("preparation", "most", "capacity")
    }


# --- sources ---

HEARD = pd.DataFrame({"from": ["web", "web", "fair", " ", None, "again"]})
PAID = pd.DataFrame({"from": ["web", "fair"], "cost": [10.0, 20]})


def costs(heard=HEARD, paid=PAID, **options):
    return source_costs(heard, source="from", costs=paid, **({"unknown": ["again"]} | options))


def test_blank_missing_and_empty_answers_are_unknown():
    assert set(costs()["n_missing"]) == {3}


def test_answers_that_name_no_source_are_a_list_and_no_text():
    with pytest.raises(ParameterError, match=r"unknown is the text 'again'(.|\n)*\['again'\]"):
        costs(unknown="again")


def test_without_clients_no_source_is_the_cheapest():
    found = costs(heard=HEARD[:0]).set_index(["measure", "source"]).loc["cost_per_client"]
    assert found[["rank_low", "rank_high"]].isna().all(axis=None)
    assert found["verdict"].tolist() == ["", ""]
    assert found["note"].tolist() == ["no clients", "no clients"]


def test_a_source_without_a_cost_is_told_and_takes_no_rank():
    found = costs(paid=PAID[:1]).set_index(["measure", "source"])
    row = found.loc[("cost_per_client", "fair")]
    assert row["note"] == "no cost given"
    assert pd.isna(row["rank_low"])
    assert np.isnan(row["estimate"])


def test_nobody_names_a_source():
    found = costs(heard=HEARD[3:]).set_index(["measure", "source"])
    share = found.loc[("share", "web")]
    assert share[["bound_low", "bound_high"]].tolist() == [0, 1]
    assert share["note"] == "nobody named a source"
    row = found.loc[("cost_per_client", "web")]
    assert np.isnan(row["estimate"])
    assert row["bound_low"] == pytest.approx(10 / 3)
    assert row[["rank_low", "rank_high"]].tolist() == [1, 2]


def test_clients_without_revenue_are_counted():
    found = costs(heard=HEARD.assign(paid=[1, np.nan, 1, 1, 1, 1]), amount="paid")
    rows = found[found["measure"] == "revenue_per_cost"]
    assert set(rows["note"]) == {"1 clients without revenue"}


@pytest.mark.parametrize(
    "paid, told",
    [
        (PAID.assign(cost=[-1, 2]), "1 rows of the costs"),
        (pd.concat([PAID, PAID]), "4 rows of the costs"),
        (PAID.assign(cost=["much", 2]), "not a number"),
        (PAID.assign(cost=[np.inf, 2]), "'cost'(.|\\n)*first: row 0: inf"),
        (PAID.rename(columns={"cost": "price"}), "Columns not in the table: cost"),
    ],
)
def test_costs_that_are_refused(paid, told):
    with pytest.raises(DataError, match=told):
        costs(paid=paid)


def test_no_sources_at_all():
    with pytest.raises(DataError, match="There is no source"):
        costs(heard=HEARD[3:], paid=PAID[:0])
