"""The fourth lesson: keys by arithmetic, mistakes that are told, noise that gives segments."""

import numpy as np
import pandas as pd
import pytest

from custlib import segmentation as seg
from custlib.lessons import segment_keys as keys
from custlib.lessons.exercise import Given
from custlib.lessons.planted_segments import (
    COLUMNS,
    simulate_customers,
    slide_false_segments,
)
from custlib.lessons.segments_from_rfm_to_latent_classes import EXERCISES

SEEDS = (4, 77)
BOXES = [("Champions", 4, 5, 4, 5, 4, 5), ("Loyal", 3, 5, 4, 5, 1, 4)]
BOXES += [("New", 4, 5, 1, 2, 1, 5), ("Lost", 1, 2, 1, 2, 1, 5)]
RULES = pd.DataFrame(BOXES, columns=seg.rfm_rules().columns)


@pytest.fixture(scope="module", params=SEEDS)
def given(request):
    customers, noise = simulate_customers(n=240, apart=1.0, seed=request.param)
    return Given(customers=customers, noise=noise, rules=RULES, seed=request.param)


def test_keys_are_those_of_the_arithmetic():
    # Scores (recency, frequency, amount): 551, 444, 335, 222, 113; one Champion, who is Loyal too.
    customers = pd.DataFrame(
        {
            "customer": range(5),
            "recency_days": [10, 20, 30, 40, 50],
            "n_orders": [9, 7, 5, 3, 1],
            "amount": [10, 40, 50, 20, 30],
        }
    )
    tiny = Given(customers=customers, rules=RULES, seed=1)
    assert keys.best_customers(tiny) == 1
    assert keys.best_by_sum(tiny) == 1
    assert keys.met_by_rules(tiny) == {"none": 1, "several": 1}
    # Five customers less 1 Champion, 2 Loyal, 2 Lost.
    assert keys.met_by_difference(tiny)["none"] == 0
    # Sums of squares 1,000, 40 and 1,000.
    assert keys.amount_share(tiny) == pytest.approx(1000 / 2040)


def test_agreement_counts_pairs():
    cases = pd.DataFrame({"segment": list("112233"), "planted": list("aabbbc")})
    # 15 pairs: 2 together in both, 3 in segments, 4 in planted; expected 3 · 4 / 15.
    assert keys._rand(cases, adjusted=True) == pytest.approx((2 - 0.8) / (3.5 - 0.8))
    assert keys._rand(cases, adjusted=False) == pytest.approx((15 + 4 - 3 - 4) / 15)


def test_the_planted_segments_last_and_those_of_noise_do_not(given):
    found = keys.stability(given)
    assert found["customers"] > 0.85 > 0.8 > found["noise"]


def test_noise_is_told_apart_from_customers_and_not_from_itself(given):
    shown = EXERCISES[7].shown
    assert "drawing anew tells them apart." in shown(given)
    twice = Given(**vars(given) | {"customers": given.noise})
    assert "hardly tells them apart" in shown(twice)


def test_the_silhouette_by_hand_is_that_of_the_library(given):
    by_hand = keys._silhouette(given, power=1, own_size_less=1)
    assert by_hand == pytest.approx(keys.silhouette(given))


def test_stability_is_the_mean_over_draws_made_by_hand(given):
    how = {"variables": COLUMNS, "k": 3}
    whole = seg.cluster_customers(given.noise, **how, seed=given.seed, segment="first").cases
    drawn, n = [], len(whole)
    for seed in range(60):
        rows = np.unique(np.random.default_rng(seed).integers(n, size=n))
        pair = seg.cluster_customers(whole.iloc[rows], **how, n_starts=5, seed=seed).cases
        both = pd.crosstab(pair["first"], pair["segment"]).to_numpy()
        either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
        drawn.append((both / either).max(axis=1).mean())
    # Two independent means of 30 and of 60 draws: four standard errors of their difference.
    apart = 4 * np.std(drawn, ddof=1) * np.sqrt(1 / 30 + 1 / 60)
    assert keys.stability(given)["noise"] == pytest.approx(np.mean(drawn), abs=apart)


def test_the_slider_draws_every_customer_in_one_of_its_segments(given):
    box = slide_false_segments(given.noise, seed=given.seed)
    for k in (2, 6):
        box.children[0].value = k
        ax = box.result
        assert len(ax.collections) == k
        dots = np.concatenate([np.asarray(one.get_offsets()) for one in ax.collections])
        drawn = np.sort(dots[:, 0])
        assert drawn == pytest.approx(np.sort(given.noise[COLUMNS[0]]))
        assert ax.get_title(loc="left").startswith(f"{k} segments, mean Jaccard 0.")
