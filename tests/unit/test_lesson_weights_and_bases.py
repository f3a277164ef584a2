"""Lesson 1: its keys against arithmetic on small tables, its data, and its slider."""

import numpy as np
import pandas as pd
import pytest

from custlib.lessons import weight_keys, weights_and_bases
from custlib.lessons.customer_survey import (
    effective_size,
    simulate_customers,
    slide_weight,
    weight_shift,
)
from custlib.lessons.exercise import Given


@pytest.fixture
def small():
    """Two firms of each role; end users buy 60 of 100 tonnes and give 2 of 8 answers."""
    roles, markets = ["end user", "end user", "trader", "trader"], ["home", "export"] * 2
    ledger = pd.DataFrame({"firm": list("abcd"), "role": roles, "market": markets})
    ledger["tonnes"] = [30.0, 30.0, 20.0, 20.0]
    firms = ["a", "b", "c", "c", "c", "d", "d", "d"]
    answers = pd.DataFrame({"firm": firms}).merge(ledger[["firm", "role", "market"]])
    answers["channel"] = ["agent"] * 5 + ["contract"] * 3
    answers["delivery"] = [2, 5, 4, 4, 3, 5, 1, np.nan]
    return Given(ledger=ledger, answers=answers)


def key(given, number):
    return weights_and_bases.EXERCISES[number - 1].key(given)


def test_the_base_is_the_people_who_answered(small):
    assert key(small, 1) == pytest.approx(4 / 7)


def test_a_role_weighs_what_it_buys_over_what_it_answered(small):
    weights = key(small, 2)
    assert weights["end user"] == pytest.approx(0.6 / 0.25)
    assert weights["trader"] == pytest.approx(0.4 / 0.75)


def test_the_weighted_share_has_the_weights_of_the_base_below_the_line(small):
    heavy, light = 0.6 / 0.25, 0.4 / 0.75
    assert key(small, 3) == pytest.approx((heavy + 3 * light) / (2 * heavy + 5 * light))


def test_raked_weights_of_independent_margins_are_products(small):
    """Half of each role is in each market, among the answers and in the ledger."""
    assert key(small, 4) == pytest.approx(0.6 / 0.25)
    assert key(small, 5) == pytest.approx(64 / (2 * 2.4**2 + 6 * (8 / 15) ** 2))


def test_the_margin_rests_on_the_effective_number_of_the_base(small):
    heavy, light = 2.4, 8 / 15
    p = (heavy + 3 * light) / (2 * heavy + 5 * light)
    n = (2 * heavy + 5 * light) ** 2 / (2 * heavy**2 + 5 * light**2)
    assert key(small, 6) == pytest.approx(1.959964 * (p * (1 - p) / n) ** 0.5, rel=1e-6)


def test_firms_and_the_ledger_make_the_error(small):
    """Traders: c has e = 0.4 + 0.4 - 0.6, d has 0.4 - 0.6; of 4 in the ledger both answered."""
    more = pd.DataFrame({"firm": ["e", "f"], "role": "trader", "market": "home", "tonnes": 1.0})
    given = Given(ledger=pd.concat([small.ledger, more]), answers=small.answers)
    squares = 0.2**2 + 0.2**2
    assert key(given, 7) == pytest.approx((2 / 1 * squares / 5**2 * (1 - 2 / 4)) ** 0.5)


def test_wrong_turns_lead_where_they_say(small):
    """Traders in the small tables: c pulls by 0.2, d by -0.2; both traders of four firms came."""
    valid_rows = weight_keys.valid_row_weights(small)
    assert valid_rows.to_dict() == pytest.approx({"end user": 0.6 * 7 / 2, "trader": 0.4 * 7 / 5})
    heavy, light, p = 2.4, 8 / 15, 4 / 7
    n = (2 * heavy + 5 * light) ** 2 / (2 * heavy**2 + 5 * light**2)
    margin = weight_keys.margin(small, p=weight_keys.plain_share(small))
    assert margin == pytest.approx(1.959964 * (p * (1 - p) / n) ** 0.5, rel=1e-6)
    more = pd.DataFrame({"firm": ["e", "f"], "role": "trader", "market": "home", "tonnes": 1.0})
    given = Given(ledger=pd.concat([small.ledger, more]), answers=small.answers)
    told = [one.answer(given) for one in weights_and_bases.EXERCISES[6].mistakes]
    assert told[2] == pytest.approx((2 * 0.08 / 25 * (1 - 2 / 6)) ** 0.5)
    assert told[3] == pytest.approx(2 * 0.08 / 25 * 0.5)


def test_one_round_ends_with_the_margin_that_was_repaired_last():
    """End users: 2 of 6 answers, 2 home; traders: 1 home, 3 export. Wanted: half of each."""
    roles, markets = ["end user"] * 2 + ["trader"] * 4, ["home"] * 3 + ["export"] * 3
    ledger = pd.DataFrame({"role": ["end user", "trader"], "market": ["home", "export"]})
    answers = pd.DataFrame({"role": roles, "market": markets})
    given = Given(ledger=ledger.assign(tonnes=50.0), answers=answers)
    # Role first: weights 3/2 and 3/4; home then has 15/4 of 6, and export 9/4.
    assert weight_keys.largest_repaired_once(given, in_turn=True) == pytest.approx(3 / 2 * 4 / 5)
    # Market first: it is even already; then the role's 3/2 and 3/4.
    last = weight_keys.largest_repaired_once(given, "market", "role", in_turn=True)
    assert last == pytest.approx(3 / 2)


def test_channels_need_thirty_answers():
    answers = pd.DataFrame({"channel": ["agent"] * 30 + ["contract"] * 30, "delivery": 4.0})
    answers.loc[0, "delivery"] = np.nan
    given = Given(answers=answers)
    assert key(given, 8) == ["contract"]
    assert weight_keys.large_enough(answers) == ["agent", "contract"]


def test_the_data_hold_what_was_planted():
    ledger, answers, truth = simulate_customers(firms=2000, eagerness=2.5, seed=4)
    assert (ledger["role"] == "trader").sum() == 800
    assert truth["end user"] == pytest.approx(0.4, abs=0.04)
    assert truth["trader"] == pytest.approx(0.8, abs=0.04)
    firms = answers.drop_duplicates("firm")["role"].value_counts()
    assert firms["trader"] / 800 == pytest.approx(0.75, abs=0.05)
    assert firms["end user"] / 1200 == pytest.approx(0.3, abs=0.05)
    counts = answers.groupby("channel")["delivery"].agg(["size", "count"])
    assert [34, 27] in counts.to_numpy().tolist()


def test_the_raked_share_is_nearer_to_the_truth_than_the_plain_one():
    nearer = 0
    for seed in range(20):
        ledger, answers, truth = simulate_customers(firms=300, eagerness=2.5, seed=seed)
        given = Given(ledger=ledger, answers=answers)
        of_tonnes = (weight_keys.bought(given, "role") * truth).sum()
        table = weight_keys.raked(given).dropna(subset="delivery")
        raked = np.average(weight_keys.top(table), weights=table["weight"])
        nearer += abs(raked - of_tonnes) < abs(weight_keys.plain_share(given) - of_tonnes)
    assert nearer >= 18


def test_the_effective_number_is_kishs():
    assert effective_size([1, 1, 4]) == pytest.approx(2.0)


def test_shifting_weight_moves_the_share_from_one_role_to_the_other(small):
    for end_users, share in ((0, 3 / 5), (1, 1 / 2), (2 / 7, 4 / 7)):
        plain, shifted = weight_shift(small.answers, end_users).itertuples()
        assert plain.estimate == pytest.approx(4 / 7)
        assert shifted.estimate == pytest.approx(share)
        assert shifted.ci_low < shifted.estimate < shifted.ci_high
    assert shifted.n_effective == pytest.approx(7)


def test_the_slider_draws_what_its_value_says(small):
    slider = slide_weight(small.answers)
    of_end_users = small.answers.query("role == 'end user'")["delivery"].dropna() >= 4
    slider.children[0].value = 1.0
    ax = slider.result
    assert ax.lines[0].get_xdata()[1] == pytest.approx(of_end_users.mean())
    assert "End users carry 100" in ax.get_yticklabels()[1].get_text().replace("\n", " ")
    assert "Simulated data" in ax.figure.get_supxlabel()
