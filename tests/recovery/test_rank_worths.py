"""Rankings and best-worst choices of people in firms: intervals hold the planted log worths."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.design import SurveyDesign
from custlib.survey.ranking import best_worst_worths, rank_worths

U = np.array([1.0, 0.4, 0.0, -0.5, -0.9])
ITEMS = list("abcde")
FIRMS, PEOPLE = 50, 3
CLUSTERED = SurveyDesign(cluster="firm")


def utilities(rng, spread):
    """One row a person; colleagues share `spread` of what moves them, so they choose alike."""
    shape = (FIRMS * PEOPLE, len(U))
    # Noise of firm and person is mixed as normals, then made Gumbel: each person's own ranking
    # follows the planted model exactly.
    firm = np.repeat(rng.normal(size=(FIRMS, len(U))), PEOPLE, axis=0)
    mixed = np.sqrt(spread) * firm + np.sqrt(1 - spread) * rng.normal(size=shape)
    return U - np.log(-np.log(np.clip(stats.norm.cdf(mixed), 1e-12, 1 - 1e-12)))


def firms():
    return np.repeat(np.arange(FIRMS), PEOPLE)


def rank_survey(rng):
    u = utilities(rng, 0.8)
    places = (-u).argsort(axis=1).argsort(axis=1) + 1.0
    places[rng.random(len(places)) < 0.3] = np.nan
    keep = np.where(rng.random(len(places))[:, None] < 0.3, 2, 5)
    return pd.DataFrame(np.where(places > keep, np.nan, places), columns=ITEMS).assign(firm=firms())


def covered(result):
    rows = result[result["measure"] == "log_worth"]
    centred = U - U.mean()
    return ((rows["ci_low"] <= centred) & (centred <= rows["ci_high"])).to_numpy()


def coverage_of_rankings(surveys, design=CLUSTERED):
    rng = np.random.default_rng(5)
    tables = [rank_survey(rng) for _ in range(surveys)]
    return np.mean([covered(rank_worths(one, items=ITEMS, design=design)) for one in tables])


def task_survey(rng):
    """Two sets of three a person; each choice draws anew, so the planted model is exact."""
    rows = []
    for person in range(FIRMS * PEOPLE):
        for _ in range(2):
            shown = rng.choice(len(U), 3, replace=False)
            best = shown[np.argmax(U[shown] + rng.gumbel(size=3))]
            rest = shown[shown != best]
            worst = rest[np.argmax(-U[rest] + rng.gumbel(size=2))]
            rows.append([person // PEOPLE, *(ITEMS[at] for at in (*shown, best, worst))])
    return pd.DataFrame(rows, columns=["firm", "s1", "s2", "s3", "best", "worst"])


def coverage_of_tasks(surveys):
    rng = np.random.default_rng(6)
    seen = {"shown": ["s1", "s2", "s3"], "best": "best", "worst": "worst", "design": CLUSTERED}
    found = [best_worst_worths(task_survey(rng), **seen) for _ in range(surveys)]
    # Items come as they were first shown; the planted ones in the order of the alphabet.
    return np.mean([covered(one.sort_values("item")) for one in found])


def test_intervals_of_worths_from_rankings_hold_the_truth():
    # 200 surveys x 5 items, correlated: standard error of the share about 0.011.
    assert coverage_of_rankings(200) == pytest.approx(0.945, abs=0.03)


def test_without_the_firms_the_intervals_are_too_short():
    assert coverage_of_rankings(120, design=SurveyDesign()) < 0.90


def test_intervals_of_worths_from_best_worst_choices_hold_the_truth():
    assert coverage_of_tasks(120) == pytest.approx(0.945, abs=0.035)


@pytest.mark.slow
def test_coverage_at_full_size():
    assert coverage_of_rankings(2000) == pytest.approx(0.945, abs=0.015)
    assert coverage_of_tasks(800) == pytest.approx(0.945, abs=0.015)
