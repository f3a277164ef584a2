"""Verdicts on claims, and counts held against shares: rules, notes and refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.errors import DataError, ParameterError
from custlib.loyalty import claim_verdicts, count_against_shares, count_power, silent_share


def readings(*holds, claim="lift", **columns):
    rows = {"statement": claim, "reading": [f"way {at}" for at in range(len(holds))]}
    return pd.DataFrame(rows | {"holds": list(holds)} | columns)


@pytest.mark.parametrize(
    "holds, verdict, kept, note",
    [
        ([True, True], "holds", 2, "if 0; or if 1"),
        ([True, False], "holds only if", 1, "if 0"),
        ([False, True], "holds only if", 1, "if 1"),
        ([False, False], "not supported", 0, ""),
        ([None, None], "not computed", 0, "no clear number for: way 0; way 1"),
        ([True, None], "not computed", 1, "no clear number for: way 1"),
        ([False, None], "not computed", 0, "no clear number for: way 1"),
        ([True, np.nan, False], "holds only if", 1, "if 0"),
        ([np.True_, pd.NA], "not computed", 1, "no clear number for: way 1"),
    ],
)
def test_the_verdict_follows_from_the_readings(holds, verdict, kept, note):
    conditions = [f"if {at}" for at in range(len(holds))]
    row = claim_verdicts(readings(*holds, condition=conditions)).loc[0]
    assert (row["verdict"], row["numerator"], row["note"]) == (verdict, kept, note)
    assert row["denominator"] == len(holds)


def test_a_reading_without_a_condition_is_its_own():
    table = readings(True, False, condition=["", "never"])
    assert claim_verdicts(table).loc[0, "note"] == "way 0"
    assert claim_verdicts(readings(True, False)).loc[0, "note"] == "way 0"
    table = readings(True, False, condition=[None, None])
    assert claim_verdicts(table).loc[0, "note"] == "way 0"


def test_equal_conditions_are_said_once():
    table = readings(True, True, False, condition=["if so", "if so", ""])
    assert claim_verdicts(table).loc[0, "note"] == "if so"


def test_an_infinite_number_was_compared():
    table = readings(True, False, estimate=[np.inf, 0.1], limit=[0.25, np.inf])
    assert claim_verdicts(table).loc[0, "verdict"] == "holds only if"


def test_a_comparison_with_a_missing_number_refutes_nothing():
    # NaN >= 0.25 is false, which must not read as a refutation.
    table = readings(False, True, estimate=[np.nan, 0.3], limit=[0.25, 0.25])
    assert claim_verdicts(table).loc[0, "verdict"] == "not computed"
    table = readings(False, True, estimate=[0.1, 0.3], limit=[0.25, np.nan])
    assert claim_verdicts(table).loc[0, "verdict"] == "not computed"
    # Where neither number is given nothing was to be compared by them.
    table = readings(False, True, estimate=np.nan, limit=np.nan)
    assert claim_verdicts(table).loc[0, "verdict"] == "holds only if"


def test_claims_come_in_their_order_and_rows_of_any_index_are_read():
    table = pd.concat([readings(True, claim="z"), readings(False, claim="a")])
    table.index = [7, 7]
    found = claim_verdicts(table)
    assert found["statement"].tolist() == ["z", "a"]
    assert found["verdict"].tolist() == ["holds", "not supported"]
    assert list(found) == ["statement", "numerator", "denominator", "verdict", "note"]


def test_no_readings_make_no_verdicts():
    found = claim_verdicts(readings()[:0])
    assert len(found) == 0
    assert list(found) == ["statement", "numerator", "denominator", "verdict", "note"]


def test_the_input_is_left_as_it_was():
    table = readings(True, False)
    before = table.copy()
    claim_verdicts(table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("column", ["statement", "reading", "holds"])
def test_an_absent_column_is_named(column):
    with pytest.raises(DataError, match=column):
        claim_verdicts(readings(True).drop(columns=column))


@pytest.mark.parametrize("value", ["yes", 1, 0.5])
def test_holds_is_true_false_or_missing(value):
    with pytest.raises(DataError) as error:
        claim_verdicts(readings(True, value))
    found, expected, _ = str(error.value).split("\n")
    assert found == f"1 row is not usable in 'holds'; first: row 1: {value!r}."
    assert expected == "Expected true, false or missing."


def test_unnamed_and_repeated_readings_are_refused():
    table = readings(True, True)
    with pytest.raises(DataError, match="2 rows are not usable in 'statement'"):
        claim_verdicts(table.assign(statement=[None, " "]))
    with pytest.raises(DataError, match="each reading of a claim once"):
        claim_verdicts(table.assign(reading="same"))
    assert len(claim_verdicts(table.assign(reading="same", statement=["a", "b"]))) == 2


# Counts against shares.


@pytest.mark.parametrize(
    "count, n, share, tail, verdict",
    [
        (12, 300, 0.15, "less", "below"),
        (45, 300, 0.15, "greater", "not distinguishable"),
        (70, 300, 0.15, "greater", "above"),
        (40, 300, 0.15, "less", "not distinguishable"),
        (0, 10, 0.5, "less", "below"),
        (10, 10, 0.5, "greater", "above"),
    ],
)
def test_p_is_that_of_the_exact_binomial_test(count, n, share, tail, verdict):
    row = count_against_shares(count=count, n=n, shares=share).loc[0]
    assert row["p_value"] == pytest.approx(stats.binomtest(count, n, share, tail).pvalue)
    assert row["verdict"] == verdict
    assert row["effect"] == pytest.approx(count / n - share)
    assert row[["n", "numerator", "denominator"]].tolist() == [n, count, n]


def test_a_verdict_takes_half_of_what_the_level_leaves():
    # P(X <= 1) of 10 at 0.5 is 11/1024 = 0.0107; so below at 97 %, not at 98.5 %.
    levels = {0.97: "below", 0.985: "not distinguishable"}
    for level, verdict in levels.items():
        row = count_against_shares(count=1, n=10, shares=0.5, conf_level=level).loc[0]
        assert row["p_value"] == pytest.approx(11 / 1024)
        assert row["verdict"] == verdict


@pytest.mark.parametrize("count, n", [(-1, 10), (11, 10), (1.5, 10), (0, 0), (3, 9.5)])
def test_counts_that_are_none_are_refused(count, n):
    for function in (count_against_shares, silent_share):
        with pytest.raises(ParameterError, match=f"count is {count}, n is {n}"):
            function(count=count, n=n, shares=0.2)


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.2, np.nan])
def test_shares_compared_lie_strictly_between_0_and_1(share):
    for function in (count_against_shares, silent_share):
        with pytest.raises(ParameterError, match="shares is"):
            function(count=1, n=10, shares=share)
    with pytest.raises(ParameterError, match="share is"):
        count_power(n=10, share=share, true_share=0.1)
    with pytest.raises(ParameterError, match="true_share is"):
        count_power(n=10, share=0.1, true_share=share)


def test_power_is_the_chance_of_a_count_that_is_rare_enough():
    # R: pbinom(32, 300, .15) = 0.01834 and pbinom(33, 300, .15) = 0.02786, so 32 is the last.
    rows = count_power(n=300, share=0.15, true_share=[0.04, 0.075, 0.14])
    assert rows["limit"].tolist() == [32, 32, 32]
    expected = [
        sum(stats.binom.pmf(k, 300, true) for k in range(33)) for true in (0.04, 0.075, 0.14)
    ]
    assert rows["estimate"].tolist() == pytest.approx(expected)


def test_power_counts_the_last_count_that_is_rare_even_when_it_is_just_rare():
    # P(X <= 0) of 5 at 0.5 is 1/32, half of 1/16: rare enough at the level that leaves 1/16.
    row = count_power(n=5, share=0.5, true_share=0.1, conf_level=1 - 1 / 16).loc[0]
    assert row["limit"] == 0
    assert row["estimate"] == pytest.approx(0.9**5)


def test_too_few_cases_can_show_nothing_and_the_note_says_so():
    row = count_power(n=20, share=0.15, true_share=0.01).loc[0]
    assert row["estimate"] == 0
    assert np.isnan(row["limit"])
    assert "rare enough" in row["note"]


@pytest.mark.parametrize("n", [0, 2.5, -3])
def test_power_needs_a_whole_number_of_cases(n):
    with pytest.raises(ParameterError, match="n is"):
        count_power(n=n, share=0.2, true_share=0.1)


def test_so_many_silent_turn_the_true_share_into_the_one_that_shows():
    rows = silent_share(count=12, n=300, shares=[0.15, 0.2])
    for true, silent in zip([0.15, 0.2], rows["estimate"], strict=True):
        speak = true * (1 - silent)
        assert speak / (speak + 1 - true) == pytest.approx(12 / 300)
    assert (rows["ci_low"] < rows["estimate"]).all()
    assert (rows["estimate"] < rows["ci_high"]).all()


def test_no_silence_is_needed_where_the_count_is_not_below():
    rows = silent_share(count=30, n=100, shares=[0.2, 0.3, 0.9])
    assert rows["estimate"].tolist()[:2] == [0, 0]
    assert [bool(note) for note in rows["note"]] == [True, True, False]
    every = silent_share(count=10, n=10, shares=0.5).loc[0]
    assert (every["estimate"], every["ci_low"]) == (0, 0)


def test_none_who_complain_means_all_would_be_silent():
    row = silent_share(count=0, n=50, shares=0.1).loc[0]
    assert row["estimate"] == 1
    assert row["ci_high"] == 1
    assert 0 < row["ci_low"] < 1
