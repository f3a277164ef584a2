"""Response quality: what is kept, what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.errors import DataError, ParameterError
from custlib.survey.quality.signs import early_late, quality_summary, response_quality

ANSWERS = pd.DataFrame({"a": [5, 4, np.nan], "b": [5, 1, 2], "c": [5, 3, 2]})
ITEMS = ["a", "b", "c"]


def test_rows_order_and_index_stay_as_they_were():
    stacked = pd.concat([ANSWERS.assign(wave=1), ANSWERS.assign(wave=2)])
    checked = response_quality(stacked, items=ITEMS)
    pd.testing.assert_frame_equal(checked[stacked.columns], stacked)
    assert checked["is_straight"].tolist() == [True, False, pd.NA] * 2


def test_a_result_never_overwrites_a_column():
    with pytest.raises(DataError, match="already has columns named missing_share"):
        response_quality(ANSWERS.assign(missing_share=0), items=ITEMS)


@pytest.mark.parametrize(
    "limit", ["max_missing_share", "straight_share", "speed_share", "late_share"]
)
@pytest.mark.parametrize("value", [0, -0.1, 1.5, float("nan")])
def test_a_limit_must_be_a_share(limit, value):
    with pytest.raises(ParameterError, match=limit):
        response_quality(ANSWERS, items=ITEMS, **{limit: value})


def test_text_among_the_answers_is_refused():
    with pytest.raises(DataError, match="'a' not a number"):
        response_quality(ANSWERS.assign(a=["5", "five", "4"]), items=ITEMS)


def test_a_block_of_other_items_is_refused():
    with pytest.raises(ParameterError, match="Expected one of: a, b, c"):
        response_quality(ANSWERS, items=ITEMS, blocks={"x": ["a", "z"]})


@pytest.mark.parametrize(
    "items, told",
    [([], "0 items"), (["a", "b", "a"], "more than once: a"), ("abc", "is the text 'abc'")],
)
def test_items_are_a_list_without_repeats(items, told):
    with pytest.raises(ParameterError, match=told):
        response_quality(ANSWERS, items=items)
    with pytest.raises(ParameterError, match=told):
        early_late(ANSWERS.assign(wave=[1, 1, 2]), items=items, submitted="wave")


@pytest.mark.parametrize(
    "block, told",
    [(["a", "b", "a", "a"], "more than once: a"), ("ab", r"blocks\['x'\] is the text 'ab'")],
)
def test_a_block_is_a_list_without_repeats(block, told):
    with pytest.raises(ParameterError, match=told):
        response_quality(ANSWERS, items=ITEMS, blocks={"x": block})


def test_a_negative_duration_is_refused_by_row():
    with pytest.raises(DataError, match=r"below 0; first at rows \[1\]"):
        response_quality(ANSWERS.assign(t=[1, -1, 2]), items=ITEMS, duration="t")


def test_text_has_no_order_of_submission():
    with pytest.raises(DataError, match="'t' holds text"):
        early_late(ANSWERS.assign(t=["1.2.", "3.2.", "2.1."]), items=ITEMS, submitted="t")


def test_times_order_respondents_as_their_numbers_do():
    rng = np.random.default_rng(7)
    minutes = rng.permutation(40).astype(float)
    answers = pd.DataFrame({"q": rng.integers(1, 6, 40), "number": minutes})
    answers["time"] = pd.Timestamp("2025-03-31") + pd.to_timedelta(minutes, unit="min")
    by_time = early_late(answers, items=["q"], submitted="time")
    pd.testing.assert_frame_equal(by_time, early_late(answers, items=["q"], submitted="number"))


def test_the_comparison_of_early_and_late_agrees_with_scipy():
    rng = np.random.default_rng(8)
    answers = pd.DataFrame({"q": rng.integers(1, 11, 60), "wave": np.repeat([1, 2], [45, 15])})
    row = early_late(answers, items=["q"], submitted="wave", conf_level=0.9).loc[0]
    test = stats.ttest_ind(answers["q"][45:], answers["q"][:45], equal_var=False)
    assert row["p_value"] == pytest.approx(test.pvalue)
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(list(test.confidence_interval(0.9)))


def test_everyone_at_one_time_leaves_no_one_late():
    result = early_late(ANSWERS.assign(wave=1), items=["b"], submitted="wave")
    assert result["note"].tolist() == ["0 late, 3 earlier: too few to compare"]


def test_a_table_without_rows_has_nothing_to_summarize():
    summary = quality_summary(ANSWERS.iloc[:0], items=ITEMS)
    assert summary["denominator"].tolist() == [0, 3, 0, 0, 0]
