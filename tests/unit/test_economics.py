"""Closed forms of churn, lifetime value, prices and growth: bounds, notes and refusals."""

import numpy as np
import pytest

from custlib import loyalty
from custlib.errors import ParameterError
from custlib.loyalty import (
    churn_lift_line,
    churn_profit_lift,
    discount_break_even,
    doubling_time,
    lifetime_value,
    price_break_even,
)
from custlib.loyalty.given import laid_out


def told(error):
    """The three parts of a message."""
    return str(error.value).split("\n")


@pytest.mark.parametrize("name", ["churn", "discount", "change"])
@pytest.mark.parametrize("value", [-0.01, 1.01, np.nan, np.inf])
def test_rates_outside_0_to_1_are_refused_by_name_and_value(name, value):
    with pytest.raises(ParameterError) as error:
        churn_profit_lift(**{"churn": 0.2, "discount": 0.1, "change": 0.05} | {name: value})
    found, expected, do = told(error)
    assert found == f"{name} is {value:g}."
    assert "from 0 to 1" in expected
    assert do == f"Correct {name}."


def test_a_list_with_wrong_numbers_counts_them_and_shows_the_first_five():
    with pytest.raises(ParameterError) as error:
        lifetime_value(margin=1, churn=[0.1, 2, 3, 4, 5, 6, 7], discount=0.1)
    assert told(error)[0] == "churn: 6 of 7 wrong; first: 2, 3, 4, 5, 6."


@pytest.mark.parametrize("cost", ["acquisition_cost", "fixed_cost"])
def test_costs_need_a_margin_and_are_not_below_zero(cost):
    with pytest.raises(ParameterError, match="There are costs, and no margin"):
        churn_profit_lift(churn=0.2, discount=0.1, **{cost: 5})
    with pytest.raises(ParameterError, match=f"{cost} is -5"):
        churn_profit_lift(churn=0.2, discount=0.1, margin=10, **{cost: -5})


@pytest.mark.parametrize("name", ["reading", "timing"])
def test_unknown_words_are_refused(name):
    for function in (churn_profit_lift, churn_lift_line):
        given = {"churn": 0.2} | ({"discount": 0.1} if function is churn_profit_lift else {})
        with pytest.raises(ParameterError, match=f"{name} is 'point'"):
            function(**given, **{name: "point"})


@pytest.mark.parametrize("target", [0, -0.1, np.inf])
def test_a_target_must_be_a_lift(target):
    with pytest.raises(ParameterError, match="target is"):
        churn_profit_lift(churn=0.2, discount=0.1, target=target)


def test_one_end_of_an_interval_or_one_without_the_churn_is_refused():
    given = {"churn": 0.2, "discount": 0.1}
    with pytest.raises(ParameterError, match="one end"):
        churn_profit_lift(**given, churn_low=0.1)
    with pytest.raises(ParameterError, match="one end"):
        churn_profit_lift(**given, churn_high=0.3)
    with pytest.raises(ParameterError, match=r"churn is 0\.2, its interval 0\.21 to 0\.3"):
        churn_profit_lift(**given, churn_low=0.21, churn_high=0.3)
    with pytest.raises(ParameterError, match="grid is true"):
        churn_profit_lift(**given, churn_low=0.1, churn_high=0.3, grid=True)


def test_numbers_that_give_no_lift_keep_their_row_and_say_why():
    rows = churn_profit_lift(
        churn=[0.04, 0.05, 0.0, 0.2], discount=[0.1, 0.0, 0.0, 0.1], reading="points",
        change=[0.05, 0.05, 0.0, 0.05],
    )  # fmt: skip
    assert rows["estimate"].isna().tolist() == [True, True, True, False]
    assert rows["verdict"].tolist() == ["", "", "", "not reached"]
    notes = rows["note"].tolist()
    assert "more points than there are" in notes[0]
    assert "the value has no end" in notes[1]
    assert "the sum has no end" in notes[2]
    assert notes[3] == ""


def test_a_lift_of_no_profit_is_noted():
    row = churn_profit_lift(churn=0.5, discount=0.1, margin=10, acquisition_cost=1000).loc[0]
    assert np.isnan(row["estimate"])
    assert "not above 0" in row["note"]
    assert row["effect"] == pytest.approx(0.6 / 0.575 - 1)


def test_an_interval_that_reaches_numbers_without_a_lift_is_left_out_and_noted():
    row = churn_profit_lift(
        churn=0.1, discount=0.1, reading="points", churn_low=0.03, churn_high=0.2
    ).loc[0]
    assert row["estimate"] == pytest.approx(1 / 3)
    assert np.isnan(row["ci_low"])
    assert np.isnan(row["ci_high"])
    assert "has no interval" in row["note"]
    # 1/3 is above the target, but how surely nobody can say.
    assert row["verdict"] == "not distinguishable"


def test_all_of_churn_may_go_where_money_loses_worth():
    row = churn_profit_lift(churn=0.05, discount=0.1, reading="points").loc[0]
    assert row["estimate"] == pytest.approx(0.15 / 0.1 - 1)


@pytest.mark.parametrize("discount, words", [(0, "keeps its worth"), (1, "a rate of 0")])
def test_a_discount_at_an_end_is_computed_and_noted(discount, words):
    lift = churn_profit_lift(churn=0.2, discount=discount).loc[0]
    value = lifetime_value(margin=1, churn=0.2, discount=discount).loc[0]
    assert value["estimate"] == pytest.approx((1 + discount) / (0.2 + discount))
    assert words in lift["note"]
    assert words in value["note"]


def test_a_customer_who_never_leaves_is_worth_a_perpetuity_or_without_end():
    rows = lifetime_value(margin=5, churn=0, discount=[0.1, 0.0])
    assert rows.loc[0, "estimate"] == pytest.approx(55)
    assert np.isnan(rows.loc[1, "estimate"])
    assert "no end" in rows.loc[1, "note"]


def test_a_line_that_cannot_be_says_why():
    rows = churn_lift_line(churn=[0.03, 0.3])
    assert rows["estimate"].isna().all()
    assert "more points than there are" in rows.loc[0, "note"]
    assert "below the target" in rows.loc[1, "note"]


def test_a_grid_has_every_pair_and_lists_go_side_by_side():
    given = {"churn": [0.1, 0.2], "discount": [0.0, 0.1]}
    assert len(churn_profit_lift(**given)) == 2
    grid = churn_profit_lift(**given, grid=True)
    assert grid[["churn", "discount"]].to_numpy().tolist() == [
        [0.1, 0.0], [0.1, 0.1], [0.2, 0.0], [0.2, 0.1],
    ]  # fmt: skip


def test_lists_of_unequal_length_are_refused():
    with pytest.raises(ParameterError, match=r"Lists of 2 \(churn\), 3 \(discount\)"):
        churn_profit_lift(churn=[0.1, 0.2], discount=[0.1, 0.2, 0.3])


def test_a_list_of_one_stands_in_every_row_and_no_numbers_make_no_rows():
    assert len(laid_out(a=[1], b=[1, 2, 3])) == 3
    assert len(laid_out(a=1.0, b=[])) == 0


@pytest.mark.parametrize("value", ["ten", None, [[1, 2], [3, 4]]])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ParameterError, match="rise is"):
        price_break_even(rise=value, margin=0.3)


@pytest.mark.parametrize("margin", [0, -0.1, 1.1, np.nan])
def test_a_margin_is_a_share_of_the_price(margin):
    for function, name in ((price_break_even, "rise"), (discount_break_even, "discount")):
        with pytest.raises(ParameterError, match="margin is"):
            function(**{name: 0.1}, margin=margin)


def test_changes_of_price_outside_their_range_are_refused():
    with pytest.raises(ParameterError, match=r"rise is -0\.1"):
        price_break_even(rise=-0.1, margin=0.3)
    for discount in (-0.1, 1.5):
        with pytest.raises(ParameterError, match="discount is"):
            discount_break_even(discount=discount, margin=0.3)
    with pytest.raises(ParameterError, match="fixed_cost_change is inf"):
        price_break_even(rise=0.1, margin=0.3, fixed_cost_change=np.inf)


def test_growth_that_leaves_nothing_and_multiples_of_one_are_refused():
    with pytest.raises(ParameterError, match="growth is -1"):
        doubling_time(growth=-1)
    with pytest.raises(ParameterError, match="times is 1"):
        doubling_time(growth=0.1, times=1)


def test_every_table_has_a_note_and_a_default_index():
    tables = [
        churn_profit_lift(churn=[0.1, 0.2], discount=0.1),
        churn_lift_line(churn=[0.1, 0.2]),
        lifetime_value(margin=1, churn=[0.1, 0.2], discount=0.1),
        price_break_even(rise=[0.1, 0.2], margin=0.3),
        discount_break_even(discount=[0.1, 0.2], margin=0.3),
        doubling_time(growth=[0.1, 0.2]),
    ]
    for rows in tables:
        assert rows.index.tolist() == [0, 1]
        assert rows.columns[-1] == "note"
        assert rows["note"].tolist() == ["", ""]


def test_the_package_exports_what_studies_call():
    for name in ("churn_profit_lift", "lifetime_value", "price_break_even", "claim_verdicts"):
        assert name in loyalty.__all__


def test_a_line_where_profit_ends_or_never_was_is_no_line():
    # Nothing changes, and at a discount of 0.1 the value of 250 just pays the cost: 0 of 0.
    still = churn_lift_line(churn=0.12, change=0, margin=50, acquisition_cost=250).loc[0]
    # A loss on each customer that grows in proportion is no lift either.
    loss = churn_lift_line(churn=0.1, margin=-1).loc[0]
    for row in (still, loss):
        assert np.isnan(row["estimate"])
        assert "not above 0" in row["note"]
