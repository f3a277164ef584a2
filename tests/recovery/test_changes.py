"""Two drawn waves: the interval of a difference holds the true one about as often as it says."""

import numpy as np
import pytest
from scipy import stats

from custlib.intervals import wilson
from custlib.study.manifest import Finding
from custlib.study.movement import SHARED, difference_interval, movement_of

DRAWS = 4000
NOISE = 3 * (0.95 * 0.05 / DRAWS) ** 0.5  # three standard errors of a coverage of 95 %, 1.0 points


def covered(before, after, truth):
    """Share of the draws whose interval of the difference holds the truth."""
    pairs = zip(zip(*before, strict=True), zip(*after, strict=True), strict=True)
    ends = [difference_interval(*pair)[1:] for pair in pairs]
    return np.mean([low <= truth <= high for low, high in ends])


def means(random, centre, spread, n):
    """Means of normal answers with Student's interval, one a draw."""
    answers = random.normal(centre, spread, (DRAWS, n))
    mean, error = answers.mean(axis=1), answers.std(axis=1, ddof=1) / n**0.5
    half = stats.t.ppf(0.975, n - 1) * error
    return mean, mean - half, mean + half


def shares(random, share, n):
    """Shares of n answers with Wilson's interval, one a draw."""
    found = random.binomial(n, share, DRAWS) / n
    return found, *wilson(found, n)


@pytest.mark.parametrize(
    "first, second",
    [((7.0, 1.5, 40), (7.4, 1.5, 40)), ((7.0, 1.0, 200), (7.0, 2.5, 30))],
    ids=["alike", "unlike sizes and spreads"],
)
def test_coverage_of_a_difference_of_means(first, second):
    random = np.random.default_rng(1)
    truth = second[0] - first[0]
    held = covered(means(random, *first), means(random, *second), truth)
    assert held == pytest.approx(0.95, abs=NOISE)


@pytest.mark.parametrize("n", [60, 200])
@pytest.mark.parametrize("shares_of", [(0.05, 0.05), (0.05, 0.3), (0.3, 0.3), (0.3, 0.45)], ids=str)
def test_coverage_of_a_difference_of_shares_however_skewed(shares_of, n):
    """Counts move in steps, so that no method holds 95 % exactly: 94.7 to 97.4 % in these draws."""
    random = np.random.default_rng(2)
    before, after = shares_of
    held = covered(shares(random, before, n), shares(random, after, n), after - before)
    assert 0.94 <= held <= 0.98


def test_a_rare_share_of_a_small_wave_beside_a_large_one_needs_its_lopsided_interval():
    """A symmetric interval from standard errors holds it in 88 % of the draws only."""
    random = np.random.default_rng(3)
    before, after = shares(random, 0.05, 60), shares(random, 0.05, 2000)
    assert covered(before, after, 0.0) == pytest.approx(0.95, abs=0.02)
    variances = (part[0] * (1 - part[0]) / n for part, n in ((before, 60), (after, 2000)))
    half = 1.96 * np.sqrt(sum(variances))
    assert np.mean(np.abs(after[0] - before[0]) <= half) < 0.9


# --- what a reader is told ------------------------------------------------------------------------
def words(before, after, **how):
    """What is said of each draw."""
    told = {"key": "score", "sentence": "A score.", "rtol": 1e-9, "atol": 0.0, "cell": 1}
    records = (
        [
            Finding(value=value, low=low, high=high, **told)
            for value, low, high in zip(*part, strict=True)
        ]
        for part in (before, after)
    )
    return [movement_of(*pair, **how).word for pair in zip(*records, strict=True)]


def three_waves(random, n=150):
    """Changes to the second of three waves and to the third, where nothing changed at all."""
    waves = [random.normal(0, 1, (DRAWS, n)) for _ in range(3)]
    mean = [wave.mean(axis=1) for wave in waves]
    error = [wave.std(axis=1, ddof=1) / n**0.5 for wave in waves]
    for at in (0, 1):
        change = mean[at + 1] - mean[at]
        half = 1.96 * np.hypot(error[at], error[at + 1])
        yield change, change - half, change + half


def test_where_nothing_changed_one_in_twenty_is_called_moved():
    random = np.random.default_rng(4)
    before, after = (means(random, 7.0, 1.5, 60) for _ in range(2))
    moved = np.mean([word == "moved" for word in words(before, after)])
    assert moved == pytest.approx(0.05, abs=NOISE)


def test_changes_that_share_a_wave_move_too_often_unless_the_shared_answers_are_heeded():
    """The noise of the shared wave counts four times, not twice: 1.96 becomes 1.60, so 11 %."""
    before, after = three_waves(np.random.default_rng(5))
    taken = np.mean([word == "moved" for word in words(before, after)])
    known = words(before, after, answers=SHARED)
    expected = 2 * stats.norm.sf(1.96 * (4 / 6) ** 0.5)
    assert taken == pytest.approx(expected, abs=3 * (expected * 0.89 / DRAWS) ** 0.5)
    assert np.mean([word == "moved" for word in known]) < 0.05


def test_answers_of_the_same_customers_are_judged_too_cautiously():
    random = np.random.default_rng(6)
    customers = random.normal(7, 1.2, (DRAWS, 80))
    parts = []
    for _ in range(2):
        answers = customers + random.normal(0, 0.9, (DRAWS, 80))
        mean, error = answers.mean(axis=1), answers.std(axis=1, ddof=1) / 80**0.5
        half = stats.t.ppf(0.975, 79) * error
        parts.append((mean, mean - half, mean + half))
    assert np.mean([word == "moved" for word in words(*parts)]) < 0.01
