"""Maturity: levels reached, practices that break the order, coefficients counted by hand."""

import pandas as pd
import pytest
from table import table

from custlib.survey import maturity_level

audits = table(
    """
    firm | greets | listens | knows | solves | foresees
    -----+--------+---------+-------+--------+---------
    a    |      1 |       1 |     1 |      1 |        1
    b    |      1 |       1 |     1 |      0 |        0
    c    |      1 |       0 |     1 |      1 |        0
    d    |      1 |       1 |     0 |      0 |        1
    e    |      0 |       1 |     0 |      0 |        0
    """
)
LEVELS = {
    "courteous": ["greets", "listens"],
    "competent": ["knows", "solves"],
    "proactive": ["foresees"],
}


def found(rows=audits, **options):
    return maturity_level(rows, unit="firm", levels=LEVELS, **options)


def test_a_level_needs_all_practices_of_it_and_of_those_below():
    levels = found().estimates
    assert levels["estimate"].tolist() == [3, 1, 0, 1, 0]
    assert levels["category"].tolist() == ["proactive", "courteous", "none", "courteous", "none"]
    assert levels["numerator"].tolist() == [5, 3, 3, 3, 1]


def test_half_of_the_practices_may_be_enough():
    assert found(share=0.5).estimates["estimate"].tolist() == [3, 2, 2, 1, 1]


def test_a_practice_breaks_the_order_where_a_lower_level_is_incomplete():
    # b and e lack practices of one level only, with nothing above: no break. c lacks listens
    # below two practices in place; d has foresees above two that are not.
    breaks = found().breaks
    assert breaks.to_numpy().tolist() == [
        ["c", "courteous", "listens", "missing"],
        ["d", "proactive", "foresees", "ahead"],
    ]


def test_coefficients_of_the_scale():
    fit = found().fit.set_index("measure")
    assert fit.loc["reproducibility", "estimate"] == pytest.approx(1 - 2 / 25)
    assert fit.loc["reproducibility", "verdict"] == "at least 0.9"
    # Rarer answers: greets 1, listens 1, knows 2, solves 2, foresees 2 of 5.
    assert fit.loc["marginal_reproducibility", "estimate"] == pytest.approx(1 - 8 / 25)
    assert fit.loc["scalability", "estimate"] == pytest.approx(1 - 2 / 8)
    assert fit.loc["scalability", "verdict"] == ""
    assert fit.loc["scalability", ["numerator", "denominator", "n"]].tolist() == [2, 8, 5]


def test_a_ladder_in_reverse_order_may_still_scale_above_zero():
    # Rows 11111, 11110, … 00000 of five levels, read from the top down. Each unit's least changes:
    # 0, 1, 2, 2, 1, 0 = 6; rarer answers of the five columns: 1, 2, 3, 2, 1 = 9; 1 - 6/9 = 1/3.
    names = [f"p{at}" for at in range(5)]
    rows = pd.DataFrame([[int(at >= 5 - have) for at in range(5)] for have in range(6)])
    rows = rows.set_axis(names, axis=1).assign(firm=list("abcdef"))
    fit = maturity_level(rows, unit="firm", levels={name: [name] for name in names}).fit
    row = fit.set_index("measure").loc["scalability"]
    assert row[["numerator", "denominator"]].tolist() == [6, 9]
    assert row["estimate"] == pytest.approx(1 / 3)


def test_an_unanswered_practice_is_not_in_place_and_no_error():
    gap = audits.assign(greets=audits["greets"].where(audits["firm"] != "a"))
    result = found(gap)
    first = result.estimates.loc[0]
    assert first[["category", "n", "n_missing"]].tolist() == ["none", 4, 1]
    assert first["note"] == "1 unanswered, taken as not in place"
    assert "a" not in result.breaks["firm"].tolist()
    assert result.fit["denominator"][0] == 24
