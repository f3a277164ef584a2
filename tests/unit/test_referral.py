"""Referrals and searches: what is refused, what is noted, what the tables hold."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.loyalty import (
    chain_sizes,
    referral_balance,
    referral_map,
    search_rates,
    search_success,
)

GIVEN = {"referred_share": 0.9, "referring_share": 1 / 3}


@pytest.mark.parametrize("name", ["referred_share", "referring_share"])
@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan])
def test_shares_outside_0_to_1_are_refused(name, value):
    with pytest.raises(ParameterError, match=f"{name} is {value:g}"):
        referral_balance(**GIVEN | {name: value})
    with pytest.raises(ParameterError, match=f"{name} is {value:g}"):
        referral_map(**GIVEN | {name: value})


def test_nobody_can_be_referred_by_nobody():
    with pytest.raises(ParameterError, match=r"referring_share is 0, referred_share is 0\.9"):
        referral_balance(referred_share=0.9, referring_share=0)
    rows = referral_balance(referred_share=0, referring_share=0).set_index("measure")
    assert rows.loc["multiplier", "estimate"] == 1
    assert np.isnan(rows.loc["per_referrer", "estimate"])
    assert rows.loc["per_referrer", "note"]


@pytest.mark.parametrize("growth", [-1, -2, np.inf])
def test_growth_leaves_somebody(growth):
    with pytest.raises(ParameterError, match="growth is"):
        referral_balance(**GIVEN, growth=growth)
    with pytest.raises(ParameterError, match="growth is"):
        referral_map(**GIVEN, growth=growth)


def test_counts_need_a_seed_and_sense():
    with pytest.raises(ParameterError, match="seed"):
        referral_balance(**GIVEN, referred_n=100)
    with pytest.raises(ParameterError, match="number behind referred_share"):
        referral_balance(**GIVEN, referred_n=0, seed=1)
    with pytest.raises(ParameterError, match="n_draws"):
        referral_balance(**GIVEN, referred_n=100, seed=1, n_draws=10)
    with pytest.raises(ParameterError, match="law is 'normal'"):
        referral_balance(**GIVEN, law="normal")
    with pytest.raises(ParameterError, match="conf_level"):
        referral_balance(**GIVEN, conf_level=95)


def test_the_same_seed_gives_the_same_intervals_and_one_count_leaves_the_other_fixed():
    asked = {"referring_n": 60, "seed": 4, "n_draws": 2000}
    first, second = (referral_balance(**GIVEN, **asked) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    other = referral_balance(**GIVEN, **asked | {"seed": 5})
    assert not first["ci_low"].equals(other["ci_low"])
    rows = first.set_index("measure")
    assert rows.loc["offspring_mean", ["ci_low", "ci_high"]].tolist() == [0.9, 0.9]
    assert rows.loc["per_referrer", "ci_low"] < 2.7 < rows.loc["per_referrer", "ci_high"]


def test_an_interval_that_reaches_one_has_no_upper_end_of_the_multiplier():
    rows = referral_balance(
        referred_share=0.95, referring_share=0.5, growth=0.04, referred_n=60, referring_n=60, seed=1
    ).set_index("measure")
    assert rows.loc["multiplier", "ci_high"] == np.inf
    assert rows.loc["total_std_dev", "ci_high"] == np.inf
    assert rows.loc["offspring_mean", "ci_low"] < 1 < rows.loc["offspring_mean", "ci_high"]
    assert rows.loc["extinction", "ci_low"] < 1


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_an_interval_holds_its_estimate_at_the_ends_of_a_share(share):
    rows = referral_balance(
        referred_share=share, referring_share=1.0, referred_n=20, referring_n=20, seed=1
    ).dropna(subset=["estimate", "ci_low"])
    assert len(rows) >= 3
    assert (rows["ci_low"] <= rows["estimate"]).all()
    assert (rows["estimate"] <= rows["ci_high"]).all()


def test_draws_that_contradict_themselves_are_counted_in_the_note():
    rows = referral_balance(
        referred_share=0.34, referring_share=1 / 3, referred_n=50, referring_n=50, seed=1
    ).set_index("measure")
    assert "of the draws left out" in rows.loc["alone", "note"]
    # Half the draws have the mean above the share who refer, so about half are left.
    part = float(rows.loc["alone", "note"].split()[0])
    assert part == pytest.approx(0.47, abs=0.04)
    assert rows.loc["per_referrer", "note"] == ""


def test_the_map_is_a_grid_unless_lists_go_side_by_side():
    lists = {"referred_share": [0.2, 0.9], "growth": [0.0, 0.5]}
    grid = referral_map(**lists)
    assert grid["estimate"].tolist() == pytest.approx([0.2, 0.3, 0.9, 1.35])
    assert grid["verdict"].tolist() == ["dies out"] * 3 + ["may go on"]
    assert referral_map(**lists, grid=False)["estimate"].tolist() == pytest.approx([0.2, 1.35])


def test_chains_need_a_law_that_can_be():
    for referring in (None, 0, 0.6, 1.2):
        with pytest.raises(ParameterError, match=r"offspring_mean is 0\.5"):
            chain_sizes(offspring_mean=0.5, referring_share=referring)
    with pytest.raises(ParameterError, match="offspring_mean"):
        chain_sizes(offspring_mean=-1, law="poisson")
    with pytest.raises(ParameterError, match="founders"):
        chain_sizes(offspring_mean=0.5, law="poisson", founders=0)
    with pytest.raises(ParameterError, match="up_to"):
        chain_sizes(offspring_mean=0.5, law="poisson", founders=5, up_to=4)


def test_who_brings_just_one_each_makes_chains_of_geometric_length():
    # The mean equals the share: a referrer brings one and no more.
    rows = chain_sizes(offspring_mean=0.25, referring_share=0.25, up_to=4)
    assert rows["estimate"].tolist() == pytest.approx([0.75 * 0.25**age for age in range(4)])


# Searches.


@pytest.mark.parametrize("given", [{"mean_attempts": 0.9}, {"mean_attempts": np.inf}])
def test_finders_need_a_visit_at_least(given):
    with pytest.raises(ParameterError, match="mean_attempts is"):
        search_success(**given, give_up_share=0.5)


@pytest.mark.parametrize("share", [-0.1, 1, 1.5, np.nan])
def test_somebody_must_have_found(share):
    with pytest.raises(ParameterError, match="give_up_share is"):
        search_success(mean_attempts=3, give_up_share=share)


@pytest.mark.parametrize("n", [1, 2.5, 0])
def test_the_number_of_people_is_whole_and_above_one(n):
    with pytest.raises(ParameterError, match=f"n is {n}"):
        search_success(mean_attempts=3, give_up_share=0.5, n=n)


def test_without_people_counted_there_is_no_interval_and_with_them_more_narrow_it():
    given = {"mean_attempts": 3.5, "give_up_share": 0.5}
    assert search_success(**given)[["std_error", "ci_low", "ci_high"]].isna().all(axis=None)
    widths = []
    for n in (50, 500):
        rows = search_success(**given, n=n)
        assert (rows["ci_low"] < rows["estimate"]).all()
        assert (rows["estimate"] < rows["ci_high"]).all()
        widths.append((rows["ci_high"] - rows["ci_low"]).tolist())
    assert all(narrow < wide for wide, narrow in zip(*widths, strict=True))


def test_values_at_an_end_have_no_interval():
    rows = search_success(mean_attempts=1, give_up_share=0, n=10).set_index("measure")
    assert rows.loc["success", "estimate"] == 1
    assert rows["ci_low"].isna().all()
    assert rows["note"].eq("an estimate of 0 or 1: no interval").all()
    half = search_success(mean_attempts=1, give_up_share=0.5, n=100).set_index("measure")
    assert half["estimate"].to_dict() == {
        "success_naive": 1, "success": 0.5, "quit_hazard": 1, "found": 0.5
    }  # fmt: skip
    assert half["ci_low"].isna().tolist() == half["note"].ne("").tolist()


PEOPLE = pd.DataFrame(
    {
        "attempts": [1, 3, 2, 5, 4, 2, np.nan, 3],
        "outcome": ["found", "found", "gave_up", "gave_up", "searching", None, "found", "found"],
    }
)


def test_rates_are_counts_of_visits():
    rows = search_rates(PEOPLE).set_index("measure")
    # Used: 1 + 3 + 3 visits of finders, 2 + 5 of those who gave up, 4 of one who searches.
    expected = {"success_naive": (3, 7), "success": (3, 18), "quit_hazard": (2, 15)}
    for name, (part, whole) in expected.items():
        assert rows.loc[name, ["numerator", "denominator"]].tolist() == [part, whole]
        assert rows.loc[name, "estimate"] == pytest.approx(part / whole)
    p, h = 3 / 18, 2 / 15
    assert rows.loc["found", "estimate"] == pytest.approx(p / (p + h - p * h))
    assert rows["n"].unique().tolist() == [6]
    assert rows["n_missing"].unique().tolist() == [2]


def test_a_search_that_nobody_ended_keeps_its_rows():
    rows = search_rates(PEOPLE[PEOPLE["outcome"] == "searching"]).set_index("measure")
    assert np.isnan(rows.loc["found", "estimate"])
    assert rows.loc["found", "note"] == "nobody has ended the search"
    assert np.isnan(rows.loc["success_naive", "estimate"])
    assert rows.loc["success", "estimate"] == 0
    empty = search_rates(PEOPLE[:0]).set_index("measure")
    assert empty["estimate"].isna().all()
    assert empty["note"].ne("").all()


def test_where_all_found_or_nobody_did_the_share_has_no_interval():
    for outcome, share in (("found", 1.0), ("gave_up", 0.0)):
        rows = search_rates(PEOPLE[PEOPLE["outcome"] == outcome]).set_index("measure")
        assert rows.loc["found", "estimate"] == share
        assert np.isnan(rows.loc["found", "ci_low"])
        assert "too few" in rows.loc["found", "note"]


def test_all_who_found_at_once_leave_no_failure_to_give_up_after():
    rows = search_rates(pd.DataFrame({"attempts": [1, 1], "outcome": "found"}))
    rows = rows.set_index("measure")
    assert rows.loc["success", "estimate"] == 1
    assert np.isnan(rows.loc["quit_hazard", "estimate"])
    assert rows.loc["found", "estimate"] == 1


@pytest.mark.parametrize("attempts", [0, 1.5, -2])
def test_visits_are_whole_numbers_from_one(attempts):
    people = PEOPLE.assign(attempts=[1, 2, attempts, *[1] * 5])
    with pytest.raises(DataError, match=f"1 unusable in 'attempts'; first: row 2: {attempts}"):
        search_rates(people)


def test_an_unknown_outcome_and_an_absent_column_are_named():
    with pytest.raises(DataError, match="row 1: 'lost'"):
        search_rates(PEOPLE.assign(outcome=["found", "lost", *["found"] * 6]))
    with pytest.raises(DataError, match="visits"):
        search_rates(PEOPLE, attempts="visits")
    with pytest.raises(DataError, match="not a number"):
        search_rates(PEOPLE.assign(attempts="three"))
