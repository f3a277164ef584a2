"""Statements: each holds only if every interval lies beyond the bound it names."""

import pytest
from table import table

from custlib.errors import ParameterError
from custlib.survey.codebook.parts import Statement
from custlib.survey.statements import statement_verdicts

profile = table(
    """
    item     | measure | estimate | ci_low | ci_high
    ---------+---------+----------+--------+--------
    price    | mean    |      2.0 |    1.5 |     2.5
    quality  | mean    |      4.0 |    3.6 |     4.4
    delivery | mean    |      3.1 |    2.8 |     3.4
    marking  | mean    |          |        |
    """
)
by_role = table(
    """
    role   | item  | measure | estimate | ci_low | ci_high
    -------+-------+---------+----------+--------+--------
    user   | price | mean    |      1.8 |    1.2 |     2.4
    trader | price | mean    |      3.4 |    3.1 |     3.7
    """
)
contrasts = table(
    """
    item    | contrast      | measure     | estimate | ci_low | ci_high
    --------+---------------+-------------+----------+--------+--------
    price   | user - trader | probability |      0.2 |    0.1 |     0.3
    price   | user - trader | difference  |     -1.6 |   -2.1 |    -1.1
    quality | user - trader | difference  |      0.1 |   -0.3 |     0.5
    """
)


def verdict(*conditions):
    statement = Statement.model_validate({"holds_if": list(conditions)})
    result = statement_verdicts({"s": statement}, results=[profile, by_role, contrasts])
    return result.loc[0, "verdict"]


def mean(items, **bound):
    return {"measure": "mean", "items": items, **bound}


def difference(items, contrast, **bound):
    return {"measure": "difference", "by": "role", "contrast": contrast, "items": items, **bound}


@pytest.mark.parametrize(
    "condition, expected",
    [
        (mean(["quality"], above=3), "holds"),
        (mean(["price"], above=3), "does not hold"),
        (mean(["delivery"], above=3), "undecided"),
        (mean(["price"], below=3), "holds"),
        (mean(["marking"], above=3), "cannot be tested"),
        (mean(["service"], above=3), "cannot be tested"),
        (mean(["price"], by="role", group="trader", above=3), "holds"),
        (mean(["price"], by="role", group="user", above=3), "does not hold"),
        (mean(["price"], by="role", group="broker", above=3), "cannot be tested"),
        (difference(["price"], ["user", "trader"], below=0), "holds"),
        (difference(["price"], ["trader", "user"], above=0), "holds"),
        (difference(["price", "quality"], ["user", "trader"], below=0), "undecided"),
    ],
)
def test_the_interval_decides(condition, expected):
    assert verdict(condition) == expected


def test_all_conditions_must_hold():
    assert verdict(mean(["quality"], above=3), mean(["price"], above=3)) == "does not hold"


@pytest.mark.parametrize(
    "others, expected",
    [
        (["price", "service"], "does not hold"),  # one false part refutes the whole
        (["delivery", "price"], "does not hold"),
        (["quality", "service"], "cannot be tested"),
        (["delivery", "service"], "cannot be tested"),
    ],
)
def test_a_bound_that_fails_decides_whatever_is_unknown(others, expected):
    assert verdict(mean(others, above=3)) == expected


def test_all_items_less_those_excepted():
    bound = mean("all", above=2.7) | {"except": ["price", "marking"]}
    assert verdict(bound) == "holds"


def test_the_bounds_kept_are_counted_and_the_blocking_rows_named():
    statement = Statement.model_validate({"holds_if": [mean(["quality", "delivery"], above=3)]})
    row = statement_verdicts({"s": statement}, results=[profile]).loc[0]
    assert (row["numerator"], row["denominator"]) == (1, 2)
    assert row["note"] == "undecided: delivery (mean)"


def test_no_statements_give_an_empty_table_with_its_columns():
    result = statement_verdicts({}, results=[profile])
    assert list(result) == ["statement", "numerator", "denominator", "verdict", "note"]
    assert len(result) == 0


def test_a_single_table_counts_as_a_list_of_one():
    statement = Statement.model_validate({"holds_if": [mean(["quality"], above=3)]})
    result = statement_verdicts({"s": statement}, results=profile)
    assert result.loc[0, "verdict"] == "holds"


def test_no_table_at_all_is_told_in_three_parts():
    statement = Statement.model_validate({"holds_if": [mean(["quality"], above=3)]})
    with pytest.raises(ParameterError, match="results holds no table") as caught:
        statement_verdicts({"s": statement}, results=[])
    assert str(caught.value).count("\n") == 2
