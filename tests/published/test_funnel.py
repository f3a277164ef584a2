"""The cited 80 calls, 40 offers, 4 meetings, 1 sale: what 800 calls are worth."""

import pytest

from custlib.loyalty import claim_verdicts, discount_break_even, funnel_plan, price_break_even

CITED = [40 / 80, 4 / 40, 1 / 4]


def test_ten_sales_in_800_calls_are_little_more_than_even_odds():
    plan = funnel_plan(CITED, target=10, probability=(), calls=800).set_index("measure")
    assert plan.loc["probability", "estimate"] == pytest.approx(0.543, abs=5e-4)
    assert plan.loc["sales", "estimate"] == pytest.approx(10)


def test_calls_for_80_90_and_95_per_cent():
    plan = funnel_plan(CITED, target=10, probability=[0.8, 0.9, 0.95])
    assert plan["calls"].tolist() == [1000, 1134, 1254]


def test_break_evens_of_the_cited_price_rise_and_discount():
    assert price_break_even(rise=0.15, margin=0.3)["estimate"].iloc[0] == pytest.approx(-1 / 3)
    assert discount_break_even(discount=0.1, margin=0.3)["estimate"].iloc[0] == pytest.approx(0.5)


def test_the_claim_holds_only_on_average():
    import pandas as pd

    plan = funnel_plan(CITED, target=10, probability=(), calls=800).set_index("measure")
    readings = pd.DataFrame(
        {
            "statement": "calls",
            "reading": ["on average", "nine times in ten"],
            "holds": [plan.loc["sales", "estimate"] >= 10 - 1e-9,
                      plan.loc["probability", "estimate"] >= 0.9],
            "condition": ["on average is enough", ""],
        }
    )  # fmt: skip
    assert claim_verdicts(readings)["verdict"].tolist() == ["holds only if"]
