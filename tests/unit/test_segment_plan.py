"""Which column plays which part, and what a table of customers lacks."""

from decimal import Decimal

import pandas as pd
import pytest

from custlib.datasets import load
from custlib.errors import DataError, ParameterError
from custlib.segmentation import segment_plan

FIRMS = pd.DataFrame(
    {
        "customer": ["a", "b", "c", "c"],
        "branch": ["x", "y", "x", None],
        "size": ["1,5", "2", None, "1 000,25"],
        "code": [1, 2, 1, 2],
        "price": [3.0, 4.0, 5.0, 6.0],
        "answer": ["1", "2", "1", "2"],
        "sales": [1.0, 2.0, 3.0, 4.0],
        "other": [0, 0, 0, 0],
    }
)


def verdicts(**failing):
    rows = [
        (item, "fails" if failing.get(item) else "passes") for item in ("branch", "size", "code")
    ]
    return pd.DataFrame(rows, columns=["item", "verdict"])


def test_only_columns_with_a_part_are_kept_and_text_numbers_are_numbers():
    plan = segment_plan(FIRMS, variables=["branch", "size"], needs=["price"], answers=["answer"])
    assert list(plan.customers) == ["branch", "size", "price", "answer"]
    assert plan.customers["size"].tolist()[:2] == [1.5, 2.0]
    assert plan.customers["size"].iloc[3] == 1000.25
    assert pd.isna(plan.customers["size"].iloc[2])
    assert plan.customers["answer"].tolist() == ["1", "2", "1", "2"]
    assert FIRMS["size"].iloc[0] == "1,5"


def test_numbers_as_objects_are_numbers():
    table = FIRMS.assign(
        sales=pd.Series([Decimal("0.5"), None, Decimal(2), Decimal(1)], dtype=object)
    )
    plan = segment_plan(table, variables=["branch"], behaviour=["sales"], logarithms=["sales"])
    assert plan.customers["sales"].dtype == float
    assert plan.customers["sales"].dropna().tolist() == [0.5, 2, 1]


def test_a_number_that_is_declared_a_name_stays_text():
    plan = segment_plan(FIRMS, variables=["size"], nominal=["size"])
    assert plan.customers["size"].iloc[0] == "1,5"


def test_what_is_not_named_is_a_gap():
    plan = segment_plan(FIRMS, variables=["branch"], revenue="sales")
    assert plan.gaps == [
        "nothing is named as relationship",
        "nothing is named as behaviour",
        "nothing is named as needs",
        "nothing is named as answers",
        "no strategies, since there is no value, no potential, no risk, no cost_to_serve",
        "1 rows repeat a customer and were not put together",
    ]
    assert plan.money == {}


def test_money_is_found_by_its_usual_names_and_the_names_given_win():
    table = FIRMS.assign(profit=1.0, potential=2.0, risk=0.1, cost_to_serve=1.0, revenue=9.0)
    plan = segment_plan(table, needs=["price"], revenue="sales")
    assert plan.money == {
        "value": "profit",
        "revenue": "sales",
        "potential": "potential",
        "risk": "risk",
        "cost_to_serve": "cost_to_serve",
    }


def test_a_simulated_data_set_brings_its_parts():
    firms = load("b2b_firms")
    plan = segment_plan(firms.customers, known=firms.truth)
    assert plan.parts["variables"] == [*firms.truth["good"], *firms.truth["decoys"]]
    assert plan.parts["relationship"] == firms.truth["roles"]["relationship"]
    assert plan.parts["needs"] == ["price_need", "delivery_need", "technical_need", "service_need"]
    assert len(plan.parts["answers"]) == 6
    assert plan.repeated == firms.truth["roles"]["repeated"]
    assert plan.gaps == []
    fewer = segment_plan(firms.customers, known=firms.truth, variables=["process"])
    assert fewer.repeated == {"process": "process_second"}


def test_the_logarithm_is_taken_of_long_tails_above_zero_alone():
    tail = [1.0] * 99 + [1000.0]
    table = pd.DataFrame({"kind": ["a", "b"] * 50, "long": tail, "even": range(1, 101)})
    table["zero"] = [0.0] * 99 + [1000.0]
    named = {"variables": ["kind"], "behaviour": ["long", "even", "zero"]}
    assert segment_plan(table, **named).logged == ["long"]
    assert segment_plan(table, **named, logarithms=["even"]).logged == ["even"]


def test_segments_are_sought_in_needs_or_in_numbers_that_fail_nothing():
    table = {"variables": ["branch", "size", "code"], "nominal": ["code"]}
    assert segment_plan(FIRMS, **table, needs=["price"]).basis(verdicts()) == ["price"]
    assert segment_plan(FIRMS, **table).basis(verdicts()) == ["size"]
    with pytest.raises(ParameterError, match="no numeric candidate that fails nothing"):
        segment_plan(FIRMS, **table).basis(verdicts(size=True))
    with pytest.raises(ParameterError, match="no numbers: branch"):
        segment_plan(FIRMS, needs=["branch"]).basis(verdicts())


def test_without_candidates_the_audit_has_no_rows():
    audit = segment_plan(FIRMS, needs=["price"]).audited(seed=1)
    assert len(audit.verdicts) == 0
    assert {"item", "criterion", "verdict"} <= set(audit.verdicts)


def test_more_customers_than_asked_for_are_drawn_without_repetition_in_their_order():
    plan = segment_plan(FIRMS, needs=["price"])
    assert plan.drawn(4, seed=1) is plan.customers
    drawn = plan.drawn(2, seed=1)
    assert len(drawn) == 2
    assert drawn.index.is_monotonic_increasing
    assert drawn.index.is_unique


def test_the_overview_names_the_parts_that_are_played():
    plan = segment_plan(FIRMS, variables=["branch", "code"], needs=["price"])
    assert plan.overview.to_numpy().tolist() == [["Variables", "branch, code"], ["Needs", "price"]]


@pytest.mark.parametrize("repeated", ["branch", "branch=", "=code"])
def test_a_pair_without_two_sides_is_told(repeated):
    with pytest.raises(ParameterError, match=r"(?s)repeated is .*joined by =.*branch_second"):
        segment_plan(FIRMS, variables=["branch"], repeated=[repeated])


def test_nothing_to_divide_by_is_told_with_the_columns_there_are():
    with pytest.raises(ParameterError, match=r"(?s)Neither needs nor variables.*branch, size"):
        segment_plan(FIRMS)


@pytest.mark.parametrize("part", ["needs", "variables", "nominal", "logarithms"])
def test_a_column_that_is_absent_is_told(part):
    with pytest.raises(DataError, match="pryce"):
        segment_plan(FIRMS, **({"variables": ["branch"]} | {part: ["pryce"]}))
    with pytest.raises(DataError, match="pryce"):
        segment_plan(FIRMS, variables=["branch"], risk="pryce")


@pytest.mark.parametrize("part", ["relationship", "needs", "repeated", "nominal", "logarithms"])
def test_a_text_is_no_list_of_its_letters(part):
    with pytest.raises(ParameterError, match=f"{part} is the text 'price'"):
        segment_plan(FIRMS, **({"variables": ["branch"]} | {part: "price"}))


def test_a_column_twice_in_a_part_is_told():
    with pytest.raises(ParameterError, match="more than once: branch"):
        segment_plan(FIRMS, variables=["branch", "branch"])
