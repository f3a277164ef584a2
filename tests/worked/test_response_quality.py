"""Careless answering: gaps, equal answers in a row, little spread, little time, late arrival."""

import numpy as np
import pandas as pd
import pytest
from table import table

from custlib.survey.codebook.book import Codebook
from custlib.survey.quality.signs import early_late, quality_summary, response_quality

ITEMS = ["a", "b", "c", "d"]
answers = table(
    """
    who      | a | b | c | d | seconds | wave
    ---------+---+---+---+---+---------+-----
    line     | 4 | 4 | 4 | 4 |      90 |    1
    varied   | 1 | 3 | 5 | 3 |     300 |    1
    skipping | 2 |   | 2 | 5 |     300 |    2
    tired    | 5 |   |   |   |     400 |    2
    silent   |   |   |   |   |         |
    """
)


def column(name, **options):
    return response_quality(answers, items=ITEMS, **options)[name].tolist()


def test_answers_given_are_counted_and_gaps_are_a_share_of_all_items():
    assert column("n_answered") == [4, 4, 3, 1, 0]
    assert column("missing_share") == [0, 0, 1 / 4, 3 / 4, 1]
    assert column("is_incomplete") == [False, False, False, True, True]
    assert column("is_incomplete", max_missing_share=0.2) == [False, False, True, True, True]


def test_the_longest_run_passes_over_skipped_items():
    assert column("longest_run") == [4, 1, 2, pd.NA, pd.NA]


def test_the_share_of_equal_answers_counts_them_wherever_they_stand():
    share = [4 / 4, 2 / 4, 2 / 3, np.nan, np.nan]
    assert column("identical_share") == pytest.approx(share, nan_ok=True)
    assert column("is_straight") == [True, False, False, pd.NA, pd.NA]
    assert column("is_straight", straight_share=0.6) == [True, False, True, pd.NA, pd.NA]


def test_spread_is_the_standard_deviation_of_a_respondents_answers():
    spread = [0, ((2**2 + 2**2) / 3) ** 0.5, ((1 + 1 + 4) / 2) ** 0.5, np.nan, np.nan]
    assert column("answer_sd") == pytest.approx(spread, nan_ok=True)


def test_speed_is_a_share_of_the_median_time():
    share = [90 / 300, 300 / 300, 300 / 300, 400 / 300, np.nan]
    assert column("duration_share", duration="seconds") == pytest.approx(share, nan_ok=True)
    assert column("is_fast", duration="seconds") == [True, False, False, False, pd.NA]
    assert column("is_fast", duration="seconds", speed_share=0.25)[0] is False


def test_who_shares_a_wave_is_late_together():
    late = [False, False, True, True, pd.NA]
    assert column("is_late", submitted="wave", late_share=0.25) == late


def test_lines_are_looked_for_within_blocks_of_three_answers_or_more():
    blocks = {"first": ["a", "b", "c"], "last": ["d"]}
    assert column("longest_run", blocks=blocks)[:2] == [3, 1]
    assert column("identical_share", blocks=blocks)[:2] == [3 / 3, 1 / 3]


def test_equal_answers_are_summed_over_blocks():
    two = table(
        """
        a | b | c | d | e | f
        --+---+---+---+---+--
        5 | 5 | 5 | 1 | 1 | 1
        5 | 5 | 5 | 1 | 2 | 3
        5 | 5 | 1 | 1 | 5 | 5
        """
    )
    blocks = {"first": ["a", "b", "c"], "second": ["d", "e", "f"]}
    quality = response_quality(two, items=list("abcdef"), blocks=blocks)
    assert quality["identical_share"].tolist() == [6 / 6, (3 + 1) / 6, (2 + 2) / 6]
    assert quality["longest_run"].tolist() == [3, 3, 2]
    assert quality["is_straight"].tolist() == [True, False, False]


def test_a_line_is_a_line_of_answers_as_ticked_not_as_turned_round():
    codebook = Codebook.from_mapping(
        {
            "scales": {"s": {"low": 1, "high": 5}},
            "items": {"a": {}, "b": {"reversed": True}, "c": {}},
        }
    )
    ticked_five = pd.DataFrame({"a": [5.0], "b": [1.0], "c": [5.0]})
    told = response_quality(ticked_five, items=["a", "b", "c"], codebook=codebook)
    assert told["is_straight"].tolist() == [True]
    assert response_quality(ticked_five, items=["a", "b", "c"])["is_straight"].tolist() == [False]


def test_the_summary_gives_shares_with_their_counts():
    summary = quality_summary(answers.assign(e=np.nan), items=[*ITEMS, "e"], duration="seconds")
    told = summary.set_index("measure")[["numerator", "denominator"]].to_dict("split")
    assert dict(zip(told["index"], map(tuple, told["data"]), strict=True)) == {
        "missing_answers": (25 - 12, 25),
        "unanswered_items": (1, 5),
        "incomplete": (2, 5),
        "straight_lining": (1, 3),
        "fast": (1, 4),
    }
    assert summary["estimate"].tolist() == [13 / 25, 1 / 5, 2 / 5, 1 / 3, 1 / 4]


def test_an_item_without_any_answer_is_named():
    summary = quality_summary(answers.assign(e=np.nan), items=[*ITEMS, "e"])
    assert summary.set_index("measure").loc["unanswered_items", "note"] == "e"


def test_a_check_that_could_not_be_made_keeps_its_row_and_says_why():
    row = quality_summary(answers, items=["a"]).set_index("measure").loc["fast"]
    assert np.isnan(row["estimate"])
    assert (row["denominator"], row["note"]) == (0, "no durations")


waves = table(
    """
    q | when | r
    --+------+--
    1 |    1 | 3
    2 |    1 | 3
    3 |    2 | 3
    4 |    2 | 3
    4 |    3 | 3
    6 |    3 | 3
    5 |      |
    """
)


def test_late_respondents_are_compared_with_all_earlier_ones_by_welch():
    row = early_late(waves, items=["q"], submitted="when", late_share=1 / 3).loc[0]
    mean = (4 + 6) / 2 - (1 + 2 + 3 + 4) / 4
    late, early = 2 / 2, (5 / 3) / 4
    assert row["estimate"] == mean
    assert row["std_error"] == pytest.approx((late + early) ** 0.5)
    assert row["df"] == pytest.approx((late + early) ** 2 / (late**2 / 1 + early**2 / 3))
    assert row["statistic"] == pytest.approx(mean / (late + early) ** 0.5)
    assert (row["ci_low"] + row["ci_high"]) / 2 == pytest.approx(mean)
    assert row[["n", "n_missing", "note"]].tolist() == [6, 1, "2 late, 4 earlier"]


def test_answers_that_do_not_vary_have_no_test():
    row = early_late(waves, items=["r"], submitted="when", late_share=1 / 3).loc[0]
    assert (row["estimate"], row["note"]) == (0, "2 late, 4 earlier: answers do not vary")
    assert np.isnan(row["p_value"])


def test_one_late_respondent_is_too_few_to_compare():
    row = early_late(waves.iloc[:5], items=["q"], submitted="when", late_share=0.2).loc[0]
    assert np.isnan(row["estimate"])
    assert row["note"] == "1 late, 4 earlier: too few to compare"


def test_of_two_sides_of_a_tie_the_nearer_to_the_share_is_late():
    times = pd.DataFrame({"q": range(10), "when": [1, 1, 1, 1, 1, 2, 2, 2, 2, 3]})
    notes = {
        share: early_late(times, items=["q"], submitted="when", late_share=share)["note"].iloc[0]
        for share in (0.2, 0.4)
    }
    assert notes[0.2].startswith("1 late, 9 earlier")
    assert notes[0.4] == "5 late, 5 earlier"
