"""Planted penalties, rewards and priorities are found about as surely as the results say."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from custlib.design import SurveyDesign
from custlib.survey.contrast import penalty_reward
from custlib.survey.importance import importance_performance

PENALTY = {"quality": -1.0, "speed": 0.0, "price": -0.6}
REWARD = {"quality": 0.0, "speed": 0.8, "price": 0.45}
DISTANCE = {"penalty": 2.0, "reward": 1.5}  # mean answers of the boxes: 1.5, 3.5, 5
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
            per_point = {side: true / DISTANCE[side] for side, true in truths.items()}
            published = rows.loc[(item, "asymmetry")]
            for row, true in ((published, truths), (classes.loc[item], per_point)):
                p, r = true.values()
                inside = row["ci_low"] - 1e-12 <= (r + p) / (r - p) <= row["ci_high"] + 1e-12
                hits.append((row.get("measure", "asymmetry"), inside))
            verdict = classes.loc[item, "verdict"]
            right.append((item, verdict in (CLASSES[item], "undecided")))
            right.append((f"{item} named", verdict == CLASSES[item]))
    table = pd.DataFrame(hits, columns=["measure", "hit"]).groupby("measure")["hit"].mean()
    return table, pd.DataFrame(right, columns=["item", "right"]).groupby("item")["right"].mean()


def test_planted_effects_are_covered_and_classed():
    coverage, right = covered(150, 20081)
    assert coverage["penalty"] == pytest.approx(0.95, abs=0.035)
    assert coverage["reward"] == pytest.approx(0.95, abs=0.035)
    # Where an end lies at -1 or 1 the truth is hit from one side only.
    assert 0.93 <= coverage["asymmetry"] <= 1
    assert 0.93 <= coverage["asymmetry_beyond_line"] <= 1
    assert right["quality named"] > 0.95
    assert right["speed named"] > 0.95
    # So few people seldom show a factor to be of performance, and as seldom make it another.
    assert right["price"] > 0.9


LINES = pd.Series({"quality": 0.5, "price": 0.3, "speed": 0.2})


def lines(surveys, n, cut, seed):
    """Share of each verdict where skewed, correlated answers act along straight lines."""
    random = np.random.default_rng(seed)
    edges = stats.norm.ppf(np.cumsum([0.03, 0.07, 0.20, 0.45]))  # the rest, 25 %, give a 5
    verdicts = []
    for _ in range(surveys):
        common, own = random.normal(size=(n, 1)), random.normal(size=(n, len(LINES)))
        given = 1.0 + np.searchsorted(edges, np.sqrt(0.5) * (common + own))
        table = pd.DataFrame(given, columns=LINES.index)
        table["overall"] = given @ LINES + 0.7 * random.normal(size=n)
        asked = {"outcome": "overall", "items": list(LINES.index), "scale": (1, 5), "cut": cut}
        verdicts += penalty_reward(table, **asked).classes["verdict"].tolist()
    return pd.Series(verdicts).value_counts(normalize=True)


def test_straight_lines_are_seldom_basic_however_skewed_the_answers():
    # With no cut to lie within, an interval misses 0 on either side in alpha/2 of surveys.
    found = lines(200, 800, 0, 1987)
    assert found["basic"] == pytest.approx(0.025, abs=0.02)
    assert found["excitement"] == pytest.approx(0.025, abs=0.02)


def test_many_answers_show_straight_lines_to_be_of_performance():
    assert lines(20, 6000, 0.2, 1988)["performance"] > 0.8


@pytest.mark.slow
def test_coverage_over_many_surveys():
    coverage, _ = covered(2000, 20082)
    assert coverage[["penalty", "reward"]].to_numpy() == pytest.approx(0.95, abs=0.01)


# Stated importance and performance of five items; the lines cross at 3 in both.
PLACED = {
    "weak": (4.0, 2.0),
    "strong": (4.0, 4.0),
    "minor": (2.0, 2.0),
    "spoilt": (2.0, 4.0),
    "edge": (4.0, 3.0),
}
FAR = {
    "weak": "concentrate here",
    "strong": "keep up the good work",
    "minor": "low priority",
    "spoilt": "possible overkill",
}


def placed_survey(seed):
    """Answers around the planted places; two people of each firm share a mood."""
    random = np.random.default_rng(seed)
    firm = np.repeat(np.arange(60), 2)
    table = pd.DataFrame({"firm": firm})
    for item, places in PLACED.items():
        for suffix, place in zip(("_rated", ""), places, strict=True):
            # Binomial answers on 1-5 keep the mean exactly where it was planted.
            share = np.clip((place - 1) / 4 + 0.08 * random.normal(size=60)[firm], 0, 1)
            table[item + suffix] = 1 + random.binomial(4, share)
    return table


def probabilities(surveys, seed):
    rows = []
    for at in range(surveys):
        found = importance_performance(
            placed_survey([seed, at]),
            items=list(PLACED),
            scale=(1, 5),
            stated={item: f"{item}_rated" for item in PLACED},
            stated_scale=(1, 5),
            crosshair="midpoint",
            design=WITH_FIRMS,
            n_boot=200,
            seed=at,
        )
        rows.append(found.quadrants.set_index(["item", "quadrant"])["estimate"])
    return pd.DataFrame(rows)


def test_far_items_are_sure_of_their_quadrant_and_an_item_on_the_line_is_not():
    found = probabilities(120, 1977)
    for item, quadrant in FAR.items():
        assert found[item, quadrant].min() > 0.99
    edge = found["edge", "keep up the good work"]
    assert (edge + found["edge", "concentrate here"]).min() > 0.99
    # On the line every probability is as likely as any other: mean 1/2, deviation 0.289.
    assert edge.mean() == pytest.approx(0.5, abs=4 * 0.289 / np.sqrt(120))
    assert edge.std() == pytest.approx(0.289, abs=0.06)
    assert 0.02 < (edge < 0.1).mean() < 0.2
    assert 0.02 < (edge > 0.9).mean() < 0.2


@pytest.mark.slow
def test_the_probability_of_an_item_on_the_line_is_uniform_over_many_surveys():
    edge = probabilities(1500, 1978)["edge", "keep up the good work"]
    tenths = np.histogram(edge, bins=10, range=(0, 1))[0] / len(edge)
    assert tenths == pytest.approx(0.1, abs=0.035)
