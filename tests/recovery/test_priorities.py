"""Planted penalties and rewards are found, with intervals that cover them as often as they say."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.survey.contrast import penalty_reward

PENALTY = {"quality": -1.0, "speed": 0.0, "price": -0.5}
REWARD = {"quality": 0.0, "speed": 0.8, "price": 0.5}
FIRMS = 100
CLASSES = {"quality": "basic", "speed": "excitement", "price": "performance"}
WITH_FIRMS = SurveyDesign(cluster="firm")


def survey(seed):
    """Three people of each firm; firms differ in the outcome beyond what the items explain."""
    random = np.random.default_rng(seed)
    firm = np.repeat(np.arange(FIRMS), 3)
    table = pd.DataFrame(random.integers(1, 6, (len(firm), 3)), columns=list(PENALTY))
    overall = 0.5 * random.normal(size=FIRMS)[firm] + 0.7 * random.normal(size=len(firm))
    for item in PENALTY:
        overall += PENALTY[item] * (table[item] <= 2) + REWARD[item] * (table[item] == 5)
    return table.assign(overall=overall, firm=firm)


def covered(surveys, seed):
    """Share of intervals over penalty, reward and asymmetry; how often the class is right."""
    hits, right = [], []
    for at in range(surveys):
        found = penalty_reward(
            survey([seed, at]),
            outcome="overall",
            items=list(PENALTY),
            scale=(1, 5),
            design=WITH_FIRMS,
        )
        rows = found.estimates.set_index(["item", "measure"])
        classes = found.classes.set_index("item")
        for item in PENALTY:
            truths = {"penalty": PENALTY[item], "reward": REWARD[item]}
            for measure, true in truths.items():
                row = rows.loc[(item, measure)]
                hits.append((measure, row["ci_low"] <= true <= row["ci_high"]))
            span = REWARD[item] - PENALTY[item]
            true, row = (REWARD[item] + PENALTY[item]) / span, classes.loc[item]
            inside = row["ci_low"] - 1e-12 <= true <= row["ci_high"] + 1e-12
            hits.append(("asymmetry", inside))
            right.append((item, row["verdict"] == CLASSES[item]))
    table = pd.DataFrame(hits, columns=["measure", "hit"]).groupby("measure")["hit"].mean()
    return table, pd.DataFrame(right, columns=["item", "right"]).groupby("item")["right"].mean()


def test_planted_effects_are_covered_and_classed():
    coverage, right = covered(150, 20081)
    assert coverage["penalty"] == pytest.approx(0.95, abs=0.035)
    assert coverage["reward"] == pytest.approx(0.95, abs=0.035)
    # Where an end lies at -1 or 1 the truth is hit from one side only.
    assert 0.93 <= coverage["asymmetry"] <= 1
    assert right["quality"] > 0.95
    assert right["speed"] > 0.95
    assert right["price"] > 0.6


@pytest.mark.slow
def test_coverage_over_many_surveys():
    coverage, _ = covered(2000, 20082)
    assert coverage[["penalty", "reward"]].to_numpy() == pytest.approx(0.95, abs=0.01)
