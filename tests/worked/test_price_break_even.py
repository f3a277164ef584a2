"""Break-evens of prices and discounts: contribution before and after, piece by piece."""

import pytest
from table import table

from custlib.loyalty import discount_break_even, doubling_time, price_break_even

# 100 pieces at a price of 10; margin, change of the price and fixed cost in money.
SHOP = table(
    """
    contribution_a_piece | price_change | fixed_cost | pieces_after
    ---------------------+--------------+------------+-------------
    3                    | 1.5          | 0          | 66.6666667
    3                    | 1.5          | 45         | 76.6666667
    3                    | -1           | 0          | 150
    3                    | -1           | 50         | 175
    4                    | -2           | 0          | 200
    10                   | 0            | 0          | 100
    5                    | 5            | -100       | 40
    """
).to_dict("records")


@pytest.mark.parametrize("case", SHOP, ids=str)
def test_as_much_is_left_after_as_before(case):
    before = 100 * case["contribution_a_piece"]
    margin = case["contribution_a_piece"] + case["price_change"]
    assert case["pieces_after"] * margin - case["fixed_cost"] == pytest.approx(before, abs=1e-4)
    given = {"margin": case["contribution_a_piece"] / 10}
    given["fixed_cost_change"] = case["fixed_cost"] / 1000
    if case["price_change"] < 0:
        found = discount_break_even(discount=-case["price_change"] / 10, **given)
    else:
        found = price_break_even(rise=case["price_change"] / 10, **given)
    assert found.loc[0, "estimate"] == pytest.approx(case["pieces_after"] / 100 - 1, abs=1e-8)


def test_a_discount_that_takes_the_whole_margin_cannot_be_made_up():
    found = discount_break_even(discount=[0.2, 0.3, 0.4], margin=0.3)
    assert found["estimate"].tolist()[0] == pytest.approx(2.0)
    assert found["estimate"].isna().tolist() == [False, True, True]
    assert [bool(note) for note in found["note"]] == [False, True, True]
    assert "no volume makes up" in found.loc[1, "note"]


def test_a_saving_larger_than_all_contribution_lets_every_sale_go():
    found = price_break_even(rise=0, margin=0.3, fixed_cost_change=-0.5).loc[0]
    assert found["estimate"] == -1
    assert "every sale may go" in found["note"]


def test_years_to_double_are_counted_by_growing():
    # 100 → 130 → 169 → 219.7: past 200 in the third year, ln 2/ln 1.3 of the way.
    years = doubling_time(growth=[1.0, 0.3, 0.1], times=[2, 2.197, 1.331])["estimate"].tolist()
    assert years == pytest.approx([1, 3, 3], abs=1e-9)
    never = doubling_time(growth=[0.0, -0.1])
    assert never["estimate"].isna().all()
    assert never["note"].str.contains("never").all()
