"""Referrals and searches by hand: generations added up, chains and visits enumerated."""

import itertools
import math

import pytest
from scipy import stats

from custlib.loyalty import chain_sizes, referral_balance, referral_map, search_success

THIRD = 1 / 3


def by_measure(**given):
    return referral_balance(**given).set_index("measure")["estimate"]


def test_generations_add_up_to_the_multiplier():
    found = by_measure(referred_share=0.9, referring_share=THIRD)
    assert found["multiplier"] == pytest.approx(sum(0.9**age for age in range(2000)))


@pytest.mark.parametrize("growth", [0.0, 0.15, -0.2, 0.5])
def test_the_balance_closes_when_it_is_run_year_by_year(growth):
    # Every patient of a year brings K of the next; the rest come by other ways.
    found = by_measure(referred_share=0.6, referring_share=0.25, growth=growth)
    this_year = 1000.0
    for _ in range(5):
        next_year = this_year * (1 + growth)
        assert found["offspring_mean"] * this_year / next_year == pytest.approx(0.6)
        referrers = 0.25 * this_year
        assert found["per_referrer"] * referrers == pytest.approx(0.6 * next_year)
        this_year = next_year


def offspring(law, mean, referring, most=60):
    """P(a customer brings k) for k from 0, written out."""
    if law == "poisson":
        return [math.exp(-mean) * mean**k / math.factorial(k) for k in range(most)]
    stop = referring / mean
    tail = [referring * stop * (1 - stop) ** (k - 1) for k in range(1, most)]
    return [1 - referring, *tail]


LAWS = [("poisson", 0.9, None), ("geometric", 0.9, THIRD), ("geometric", 1.4, 0.5)]


@pytest.mark.parametrize("law, mean, referring", LAWS)
def test_small_chains_are_enumerated(law, mean, referring):
    """Chains of one to three customers, every family tree of them by itself."""
    p = offspring(law, mean, referring)
    expected = [
        p[0],  # nobody
        p[1] * p[0],  # one, who brings nobody
        p[2] * p[0] ** 2 + p[1] * p[1] * p[0],  # two at once, or one after the other
    ]
    found = chain_sizes(offspring_mean=mean, referring_share=referring, law=law, up_to=3)
    assert found["estimate"].tolist() == pytest.approx(expected)
    assert found["effect"].tolist() == pytest.approx(list(itertools.accumulate(expected)))


@pytest.mark.parametrize("law, referring", [("geometric", 0.3), ("poisson", None)])
def test_two_founders_have_the_sum_of_two_chains(law, referring):
    given = {"offspring_mean": 0.7, "referring_share": referring, "law": law}
    one = chain_sizes(**given, up_to=6)["estimate"].tolist()
    two = chain_sizes(**given, founders=2, up_to=7)
    sums = [sum(one[a] * one[size - 2 - a] for a in range(size - 1)) for size in range(2, 8)]
    assert two["size"].tolist() == list(range(2, 8))
    assert two["estimate"].tolist() == pytest.approx(sums)


def test_poisson_chains_follow_borel():
    found = chain_sizes(offspring_mean=0.5, law="poisson", up_to=20)["estimate"]
    borel = [math.exp(-0.5 * n) * (0.5 * n) ** (n - 1) / math.factorial(n) for n in range(1, 21)]
    assert found.tolist() == pytest.approx(borel)


@pytest.mark.parametrize("law, mean, referring", [("poisson", 0.5, 0.2), ("geometric", 0.5, 0.2)])
def test_mean_and_spread_of_a_chain_are_those_of_its_sizes(law, mean, referring):
    share = referring if law == "geometric" else None
    sizes = chain_sizes(offspring_mean=mean, referring_share=share, law=law, up_to=1500)
    chance, size = sizes["estimate"], sizes["size"]
    assert chance.sum() == pytest.approx(1, abs=1e-9)
    average = (chance * size).sum()
    spread = math.sqrt((chance * (size - average) ** 2).sum())
    found = by_measure(referred_share=mean, referring_share=referring, law=law)
    assert found["multiplier"] == pytest.approx(average, rel=1e-6)
    assert found["total_std_dev"] == pytest.approx(spread, rel=1e-6)
    assert found["alone"] == pytest.approx(chance[0])


@pytest.mark.parametrize("law, mean, referring", [("poisson", 1.5, 0.4), ("geometric", 1.5, 0.4)])
def test_a_chain_that_may_last_ends_with_the_chance_that_stays_the_same(law, mean, referring):
    # q = E(q to the number brought), iterated from 0: the smaller root.
    p, q = offspring(law, mean, referring, most=150), 0.0
    for _ in range(3000):
        q = sum(chance * q**k for k, chance in enumerate(p))
    found = referral_balance(
        referred_share=0.75, growth=1.0, referring_share=referring, law=law
    ).set_index("measure")
    assert found.loc["offspring_mean", ["estimate", "verdict"]].tolist() == [1.5, "may go on"]
    assert found.loc["extinction", "estimate"] == pytest.approx(q, abs=1e-9)
    share = referring if law == "geometric" else None
    sizes = chain_sizes(offspring_mean=mean, referring_share=share, law=law, up_to=1200)
    assert sizes["estimate"].sum() == pytest.approx(q, abs=1e-6)


def test_from_one_on_there_is_no_multiplier_and_the_note_says_so():
    rows = referral_balance(referred_share=0.9, referring_share=THIRD, growth=0.15)
    rows = rows.set_index("measure")
    for name in ("multiplier", "total_std_dev"):
        assert math.isnan(rows.loc[name, "estimate"])
        assert "no mean exists" in rows.loc[name, "note"]
    exactly = referral_balance(referred_share=1, referring_share=THIRD).set_index("measure")
    assert math.isnan(exactly.loc["multiplier", "estimate"])
    assert exactly.loc["extinction", "estimate"] == 1


def test_a_mean_that_may_be_one_is_not_told_from_one():
    # Of 60 who came 54 by referral: 0.9 × 1.15 = 1.035, and Wilson's ends of 0.9 are .799 and .953.
    rows = referral_balance(
        referred_share=0.9, referring_share=THIRD, growth=0.15, referred_n=60, seed=1
    ).set_index("measure")
    low, high = rows.loc["offspring_mean", ["ci_low", "ci_high"]]
    assert low < 1 < high
    assert rows.loc["offspring_mean", "verdict"] == "not distinguishable"
    exactly = referral_balance(referred_share=1, referring_share=THIRD).set_index("measure")
    assert exactly.loc["offspring_mean", "verdict"] == "dies out"  # as its extinction of 1 says


def test_shares_that_contradict_each_other_are_named():
    # Half refer, and each of them brings one at least: the mean cannot be 0.2.
    rows = referral_balance(referred_share=0.2, referring_share=0.5).set_index("measure")
    assert rows.loc["per_referrer", "estimate"] == pytest.approx(0.4)
    assert math.isnan(rows.loc["alone", "estimate"])
    assert "at least one" in rows.loc["alone", "note"]
    cells = referral_map(referred_share=[0.2, 0.6], referring_share=0.5)
    assert [bool(note) for note in cells["note"]] == [True, False]


def test_shares_that_were_counted_have_wilson_intervals_and_draws_behind_the_rest():
    rows = referral_balance(
        referred_share=0.9, referring_share=THIRD, referred_n=300, referring_n=150, seed=3,
        n_draws=40_000,
    ).set_index("measure")  # fmt: skip
    # R: prop.test(270, 300, correct = FALSE), prop.test(50, 150, correct = FALSE)
    ends = rows.loc[["referred_share", "referring_share"], ["ci_low", "ci_high"]].to_numpy()
    assert ends.ravel().tolist() == pytest.approx([0.86083, 0.92905, 0.26289, 0.41210], abs=2e-5)
    # K is the share itself, so its interval is Jeffreys'; the multiplier turns it over.
    jeffreys = stats.beta(270.5, 30.5).ppf([0.025, 0.975])
    assert rows.loc["offspring_mean", ["ci_low", "ci_high"]].tolist() == pytest.approx(
        jeffreys.tolist(), abs=1e-3
    )
    assert rows.loc["multiplier", ["ci_low", "ci_high"]].tolist() == pytest.approx(
        (1 / (1 - jeffreys)).tolist(), rel=0.02
    )
    assert rows.loc["per_referrer", "ci_low"] < 2.7 < rows.loc["per_referrer", "ci_high"]


def test_a_search_is_enumerated_visit_by_visit():
    # Chance p at each visit, h of giving up after a failure; 400 visits are as good as all.
    p, h = 0.2, 0.1
    going = [((1 - p) * (1 - h)) ** visit for visit in range(400)]
    found = [share * p for share in going]
    share = sum(found)
    visits = sum((at + 1) * one for at, one in enumerate(found)) / share
    rows = search_success(mean_attempts=visits, give_up_share=1 - share)
    rows = rows.set_index("measure")["estimate"]
    assert rows["success"] == pytest.approx(p)
    assert rows["quit_hazard"] == pytest.approx(h)
    assert rows["found"] == pytest.approx(share)
    assert rows["success_naive"] == pytest.approx(1 / visits)


def test_where_nobody_gives_up_finders_tell_the_truth():
    rows = search_success(mean_attempts=4, give_up_share=0).set_index("measure")["estimate"]
    assert rows[["success_naive", "success", "quit_hazard"]].tolist() == [0.25, 0.25, 0]


def test_finders_who_need_one_visit_leave_quitters_who_stop_at_once():
    rows = search_success(mean_attempts=1, give_up_share=0.4).set_index("measure")["estimate"]
    assert rows[["success_naive", "success", "quit_hazard"]].tolist() == pytest.approx([1, 0.6, 1])
