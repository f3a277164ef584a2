"""Lesson 2: its keys against arithmetic on a small table, and its slider."""

from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import pytest
from solutions import begun

from custlib.lessons import likert_mean_or_order, rating_keys
from custlib.lessons.answer_spread import slide_spread, spread_answers
from custlib.lessons.exercise import Given
from custlib.lessons.wording import lettered

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "lessons" / "2_likert_mean_or_order.ipynb"


@pytest.fixture
def small():
    """End users 1, 5, 5 about delivery and 2, 4, 3 about claims; traders 3, 4, 3 and 4, 5, 3."""
    ratings = pd.DataFrame({"group": ["end user"] * 4 + ["trader"] * 4})
    for item in rating_keys.ITEMS:
        ratings[item] = [1, 2, 3, 4, 2, 3, 4, 5]
    ratings["delivery"] = [1, 5, 5, 99, 3, 4, 99, 3]
    ratings["claims"] = [2, 99, 4, 3, 4, 5, 3, 4]
    return Given(ratings=ratings, seed=1)


def key(given, number):
    return likert_mean_or_order.EXERCISES[number - 1].key(given)


def test_means_and_top_two_leave_the_code_out(small):
    assert key(small, 1) == pytest.approx(11 / 3)
    assert key(small, 2).to_dict() == pytest.approx({"end user": 2 / 3, "trader": 1 / 3})


def test_the_spread_is_over_n_less_one(small):
    """Distances from 11/3: 64/9 + 16/9 + 16/9 = 96/9; from 10/3: 1/9 + 4/9 + 1/9 = 6/9."""
    expected = {"end user": (96 / 9 / 2) ** 0.5, "trader": (6 / 9 / 2) ** 0.5}
    assert key(small, 3).to_dict() == pytest.approx(expected)


def test_superiority_and_delta_count_pairs(small):
    """Delivery: 1 loses all three pairs, each 5 wins three. Claims: of twelve, traders win 8."""
    assert key(small, 4) == pytest.approx(6 / 9)
    wins, losses, pairs = 2 + 3 + 1 + 2, 1, 12
    assert key(small, 5) == pytest.approx((wins - losses) / pairs)


def test_what_is_shown_says_whether_traders_win_more_or_fewer(small):
    """Traders win 8 and lose 1 of the twelve pairs, and the reverse once the names change."""
    cliff = likert_mean_or_order.EXERCISES[4]
    assert "traders win 58 more" in cliff.shown(small)
    other = {"end user": "trader", "trader": "end user"}
    turned = small.ratings.assign(group=small.ratings["group"].map(other))
    assert "traders win 58 fewer than they lose" in cliff.shown(
        Given(ratings=turned.sort_values("group"))
    )


@pytest.mark.parametrize("p, told", [(0.01, "says order"), (0.2, "not the same as alike")])
def test_what_is_shown_goes_with_the_sentence_that_is_right(monkeypatch, p, told):
    monkeypatch.setattr(rating_keys, "p_values", lambda _given: pd.Series({"claims": p}))
    assert told in likert_mean_or_order.EXERCISES[7].shown(None)


def test_the_odds_ratio_is_of_odds(small):
    assert key(small, 6) == pytest.approx((3 / 1) / (1 / 2))


def test_bonferroni_multiplies_each_and_the_sentence_hangs_on_holm(monkeypatch):
    p = [0.01, 0.02, 0.03, 0.5, 0.6, 0.7, 0.04, 0.9]
    wanted = [0.08, 0.14, 0.18, 1, 1, 1, 0.2, 1]
    table = pd.DataFrame({"item": rating_keys.ITEMS, "p_value": p})

    def fixed(_given, *, adjust="holm"):
        return table.set_index("item").assign(p_adjusted=p if adjust == "none" else wanted)

    monkeypatch.setattr(rating_keys, "comparison", fixed)
    times_eight = [min(8 * one, 1) for one in p]
    assert rating_keys.adjusted(None, "bonferroni").tolist() == pytest.approx(times_eight)
    assert rating_keys.truth(None) == "unknown"


@pytest.mark.parametrize("sentence", ["order", "unknown"])
def test_the_right_letter_is_that_under_which_the_notebook_shows_the_sentence(
    sentence, monkeypatch
):
    monkeypatch.setattr(rating_keys, "truth", lambda _given: sentence)
    words = {"order": "tends to answer higher", "unknown": "cannot tell"}
    for seed in (1, 2, 3):
        shown = sentences_shown(seed)
        letter = key(Given(seed=seed), 8)
        assert words[sentence] in shown[letter]


def sentences_shown(seed):
    """What the notebook's own list of sentences becomes."""
    cells = [cell.source for cell in nbformat.read(NOTEBOOK, 4).cells]
    [source] = [one for one in cells if one.startswith("sentences = ")]
    names = {"wording": SimpleNamespace(lettered=lettered), "seed": seed, "print": lambda *_: None}
    exec(compile(source, "cell", "exec"), names)
    return names["sentences"]


def test_letters_stand_in_order_and_each_statement_under_one_of_them():
    orders = set()
    for seed in range(20):
        shown = lettered(("one", "two", "three"), seed)
        assert [*shown] == ["a", "b", "c"]
        assert sorted(shown.values()) == ["one", "three", "two"]
        orders.add(tuple(shown.values()))
    assert len(orders) == 6


def test_the_planted_differences_are_in_the_data():
    given = begun(nbformat.read(NOTEBOOK, 4), people=20_000, seed=3).given
    for item, ahead in (("claims", 0.8), ("advice", 0.4), ("price", 0.2), ("documents", 0.0)):
        end_user, trader = (rating_keys.odds(given, item, group) for group in rating_keys.GROUPS)
        assert np.log(trader / end_user) == pytest.approx(ahead, abs=0.09)
    for group in rating_keys.GROUPS:
        assert rating_keys.mean_of_counts(given, "delivery", group) == pytest.approx(3.4, abs=0.04)


@pytest.mark.parametrize("moved, top_two", [(0, 0.46), (0.5, 0.565), (1, 0.67)])
def test_spreading_keeps_the_mean_and_moves_the_top_two(moved, top_two):
    table = spread_answers(moved)
    assert table.groupby("item", sort=False)["estimate"].sum().tolist() == pytest.approx([1, 1])
    after = table[table["item"].str.startswith("After")]
    assert (after["answer"] * after["estimate"]).sum() == pytest.approx(3.4)
    assert after.loc[after["answer"] >= 4, "estimate"].sum() == pytest.approx(top_two)


def test_the_median_moves_once_more_than_half_are_above_three():
    texts = [spread_answers(moved)["item"].iloc[-1] for moved in (0, 0.15, 0.25)]
    assert [text.split("median ")[1][0] for text in texts] == ["3", "3", "4"]


def test_nobody_is_higher_where_nobody_moved():
    """With all 3s moved: .23 at 1, .10 at 2, .38 at 4, .29 at 5, over .02 .10 .42 .38 .08."""
    assert spread_answers(0)["item"].iloc[-1].endswith("higher 0.50")
    higher = 0.23 * 0.01 + 0.10 * 0.07 + 0.38 * 0.73 + 0.29 * 0.96
    assert spread_answers(1)["item"].iloc[-1].endswith(f"higher {higher:.2f}")


def test_the_slider_draws_what_its_value_says():
    slider = slide_spread()
    slider.children[0].value = 1.0
    widths = [bar.get_width() for bars in slider.result.containers for bar in bars]
    assert widths[1::2] == pytest.approx([0.23, 0.10, 0, 0.38, 0.29])
    assert "Simulated data" in slider.result.figure.get_supxlabel()
