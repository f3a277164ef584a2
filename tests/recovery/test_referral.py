"""Planted referrals and searches are found again, and intervals hold them about as often as said.

Searches and patients are simulated step by step, without any formula of the library.
"""

import numpy as np
import pandas as pd
import pytest

from custlib.loyalty import chain_sizes, referral_balance, search_rates, search_success


def searches(random, people, success, quit_, most=None):
    """Visits and outcomes of people who search; who has not ended after `most` still searches."""
    visits = np.ones(people, int)
    outcome = np.full(people, "searching", object)
    at_it = np.arange(people)
    for visit in range(1, (most or 400) + 1):
        visits[at_it] = visit
        found = random.random(len(at_it)) < success
        outcome[at_it[found]] = "found"
        at_it = at_it[~found]
        stop = random.random(len(at_it)) < quit_
        outcome[at_it[stop]] = "gave_up"
        at_it = at_it[~stop]
    return pd.DataFrame({"attempts": visits, "outcome": outcome})


TRUTH = {"success": 1 / 7, "quit_hazard": 1 / 6, "found": 0.5}


def search_coverage(runs, people, most, seed):
    """How often 95 % intervals hold the truth, by way and measure, and the mean estimates."""
    random = np.random.default_rng(seed)
    held = {(way, name): [] for way in ("counted", "told") for name in TRUTH}
    means = {key: [] for key in held}
    for _ in range(runs):
        table = searches(random, people, TRUTH["success"], TRUTH["quit_hazard"], most)
        results = {"counted": search_rates(table)}
        if most is None:
            finders = table.loc[table["outcome"] == "found", "attempts"]
            results["told"] = search_success(
                mean_attempts=finders.mean(), give_up_share=1 - len(finders) / people, n=people
            )
        for way, rows in results.items():
            rows = rows.set_index("measure")
            for name, truth in TRUTH.items():
                row = rows.loc[name]
                held[way, name].append(row["ci_low"] <= truth <= row["ci_high"])
                means[way, name].append(row["estimate"])
    return pd.DataFrame(
        {"coverage": {key: np.mean(one) for key, one in held.items() if one},
         "mean": {key: np.mean(one) for key, one in means.items() if one}}
    )  # fmt: skip


def check_search(runs, people, most, seed, slack):
    table = search_coverage(runs, people, most, seed)
    for (way, name), row in table.iterrows():
        assert abs(row["coverage"] - 0.95) <= slack, (way, name, row["coverage"])
        assert row["mean"] == pytest.approx(TRUTH[name], rel=0.03), (way, name)


@pytest.mark.parametrize("people, most", [(150, None), (150, 3)])
def test_search_intervals_hold_the_truth(people, most):
    """200 runs: three binomial errors of 0.95 are 0.046."""
    check_search(200, people, most, seed=20, slack=0.046)


@pytest.mark.slow
@pytest.mark.parametrize("people, most", [(60, None), (150, None), (150, 3), (1000, None)])
def test_search_intervals_hold_the_truth_at_full_size(people, most):
    """4,000 runs: the slack is twice that of chance alone, as the intervals are approximate."""
    check_search(4000, people, most, seed=21, slack=0.02)


def test_finders_alone_flatter_by_as_much_as_said():
    table = searches(np.random.default_rng(5), 40_000, TRUTH["success"], TRUTH["quit_hazard"])
    rows = search_rates(table).set_index("measure")["estimate"]
    assert rows["success_naive"] == pytest.approx(2 / 7, rel=0.02)
    assert rows["success"] == pytest.approx(1 / 7, rel=0.02)


def brought(random, size, mean, referring, law):
    """How many each of these customers brings."""
    if law == "poisson":
        return random.poisson(mean, size)
    refer = random.random(size) < referring
    return np.where(refer, random.geometric(referring / mean, size), 0)


def chain(random, mean, referring, law, most=100_000):
    """Customers in the chain of one, generation by generation; most where it does not end."""
    total, last = 1, 1
    while last and total < most:
        last = int(brought(random, last, mean, referring, law).sum())
        total += last
    return min(total, most)


@pytest.mark.parametrize("law, mean", [("geometric", 0.8), ("poisson", 0.8), ("geometric", 1.3)])
def test_simulated_chains_have_the_sizes_and_the_end_that_are_computed(law, mean):
    random, runs = np.random.default_rng(8), 6000
    most = 3000
    sizes = np.array([chain(random, mean, 0.4, law, most) for _ in range(runs)])
    expected = chain_sizes(offspring_mean=mean, referring_share=0.4, law=law, up_to=5)
    for row in expected.itertuples():
        error = np.sqrt(row.estimate * (1 - row.estimate) / runs)
        assert abs((sizes == row.size).mean() - row.estimate) <= 4 * error
    found = referral_balance(
        referred_share=mean / 2, growth=1.0, referring_share=0.4, law=law
    ).set_index("measure")["estimate"]
    ended = (sizes < most).mean()
    assert abs(ended - found["extinction"]) <= 4 * np.sqrt(0.25 / runs)
    if mean < 1:
        error = found["total_std_dev"] / np.sqrt(runs)
        assert abs(sizes.mean() - found["multiplier"]) <= 4 * error


def referral_coverage(runs, n, seed):
    """Intervals from two shares counted among n new and n old customers each."""
    random = np.random.default_rng(seed)
    truth = {"offspring_mean": 0.8, "per_referrer": 0.8 / 0.3, "multiplier": 5.0, "alone": 0.7}
    held = dict.fromkeys(truth, 0)
    for run in range(runs):
        referred, referring = random.binomial(n, [0.8, 0.3]) / n
        rows = referral_balance(
            referred_share=referred, referring_share=referring, referred_n=n, referring_n=n,
            seed=run, n_draws=1000,
        ).set_index("measure")  # fmt: skip
        for name, value in truth.items():
            held[name] += rows.loc[name, "ci_low"] <= value <= rows.loc[name, "ci_high"]
    return {name: count / runs for name, count in held.items()}


def test_referral_intervals_hold_the_truth():
    for name, share in referral_coverage(200, 200, seed=30).items():
        assert abs(share - 0.95) <= 0.046, (name, share)


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 200, 1000])
def test_referral_intervals_hold_the_truth_at_full_size(n):
    for name, share in referral_coverage(4000, n, seed=31).items():
        assert abs(share - 0.95) <= 0.02, (name, share)
