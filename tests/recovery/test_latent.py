"""Latent classes find planted classes, their intervals cover, and noise has one class."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from custlib.segmentation.latent import latent_class_choice, latent_classes

SHARES = np.array([0.5, 0.3, 0.2])
# Probability of each answer: item → class → answers.
ANSWERS = {
    "price": [[0.1, 0.9], [0.4, 0.6], [0.85, 0.15]],
    "speed": [[0.2, 0.8], [0.8, 0.2], [0.85, 0.15]],
    "care": [[0.1, 0.9], [0.3, 0.7], [0.75, 0.25]],
    "stock": [[0.2, 0.8], [0.2, 0.8], [0.8, 0.2]],
    "advice": [[0.15, 0.85], [0.8, 0.2], [0.6, 0.4]],
    "again": [[0.1, 0.2, 0.7], [0.2, 0.6, 0.2], [0.7, 0.2, 0.1]],
    "range": [[0.1, 0.25, 0.65], [0.55, 0.3, 0.15], [0.6, 0.3, 0.1]],
}
ITEMS = list(ANSWERS)
TRUE = np.hstack([np.array(rows) for rows in ANSWERS.values()])


def survey(n, random, missing=0.0, shares=SHARES):
    group = random.choice(3, n, p=shares)
    table = {}
    for item, rows in ANSWERS.items():
        edges = np.cumsum(np.array(rows)[group], axis=1)[:, :-1]
        codes = (random.random(n)[:, None] > edges).sum(axis=1).astype(float)
        table[item] = np.where(random.random(n) < missing, np.nan, codes)
    return pd.DataFrame(table), group


def covered(model):
    """Whether each interval holds the truth, classes matched to the planted ones."""
    rows = model.estimates
    shares = rows["measure"] == "share"
    found = rows.loc[~shares, "estimate"].to_numpy().reshape(3, -1)
    order = min(permutations(range(3)), key=lambda one: np.abs(TRUE[list(one)] - found).sum())
    true = np.concatenate([SHARES[list(order)], TRUE[list(order)].ravel()])
    inside = (rows["ci_low"] <= true) & (true <= rows["ci_high"])
    return inside.where(rows["ci_low"].notna()).to_numpy(float)


def coverage(surveys, n, seed, missing=0.0, weighted=False):
    random = np.random.default_rng(seed)
    hits = []
    for _ in range(surveys):
        table, group = survey(3 * n if weighted else n, random, missing)
        if weighted:
            # Members of the largest class are asked half as often, and weigh double.
            table = table.assign(weight=np.where(group == 0, 2.0, 1.0))
            asked = random.random(len(table)) < np.where(group == 0, 0.25, 0.5)
            table = table[asked]
        options = {"weight": "weight"} if weighted else {}
        model = latent_classes(table, items=ITEMS, k=3, n_starts=8, seed=1, **options)
        hits.append(covered(model))
    return np.array(hits)


def check(hits):
    """Mean coverage near the level, and no parameter beyond four Monte Carlo errors."""
    surveys = len(hits)
    each = np.nanmean(hits, axis=0)
    assert 0.935 <= np.nanmean(hits) <= 0.965, np.nanmean(hits)
    slack = 4 * np.sqrt(0.95 * 0.05 / surveys)
    assert (np.abs(each - 0.95) <= slack).all(), each
    # Estimates at a boundary have no interval; they are rare.
    assert np.isnan(hits).mean() < 0.02


def test_intervals_cover_with_missing_answers():
    check(coverage(150, 800, 1, missing=0.1))


def test_intervals_cover_under_weights():
    check(coverage(100, 1200, 2, weighted=True))


@pytest.mark.slow
def test_intervals_cover_in_many_surveys():
    # With 800 customers the share of the second class is covered in 90 %, with 3,000 in 94 %.
    check(coverage(1000, 3000, 4, missing=0.1))
    check(coverage(600, 1200, 4, weighted=True))


def test_unequal_sampling_without_weights_misses_the_shares():
    table, group = survey(40_000, np.random.default_rng(5))
    asked = np.random.default_rng(6).random(40_000) < np.where(group == 0, 0.25, 0.5)
    table = table.assign(weight=np.where(group == 0, 2.0, 1.0))[asked]
    plain = latent_classes(table, items=ITEMS, k=3, seed=1).estimates["estimate"][:3]
    weighted = latent_classes(table, items=ITEMS, k=3, weight="weight", seed=1)
    assert weighted.estimates["estimate"][:3].to_numpy() == pytest.approx(SHARES, abs=0.02)
    # Asked are 0.25 × 0.5, 0.5 × 0.3 and 0.5 × 0.2 of all: in decreasing order these shares.
    assert plain.to_numpy() == pytest.approx([0.4, 1 / 3, 4 / 15], abs=0.02)


def test_planted_classes_are_found_and_their_members_mostly_too():
    table, group = survey(3000, np.random.default_rng(7), missing=0.05)
    choice = latent_class_choice(table, items=ITEMS, ks=range(1, 6), n_starts=10, seed=1)
    assert choice.loc[choice["verdict"] == "lowest BIC", "clusters"].tolist() == [3]
    model = latent_classes(table, items=ITEMS, k=3, seed=1)
    assert np.abs(model.estimates["estimate"][:3] - SHARES).max() < 0.04
    right = (model.cases["segment"].to_numpy(int) - 1 == group).mean()
    error = model.fit.set_index("measure").loc["classification_error", "estimate"]
    # The error the model expects of itself is the one it makes.
    assert 1 - right == pytest.approx(error, abs=0.02)


def test_missing_that_hangs_on_other_answers_is_no_harm_unless_rows_are_dropped():
    table, _ = survey(20_000, np.random.default_rng(8))
    random = np.random.default_rng(9)
    gone = (table["price"] == 1) & (random.random(20_000) < 0.6)
    gaps = table.assign(**{item: table[item].mask(gone) for item in ("again", "range")})
    used = latent_classes(gaps, items=ITEMS, k=3, seed=1).estimates["estimate"][:3]
    dropped = latent_classes(gaps, items=ITEMS, k=3, missing="listwise", seed=1)
    assert used.to_numpy() == pytest.approx(SHARES, abs=0.03)
    assert np.abs(dropped.estimates["estimate"][:3].to_numpy() - SHARES).max() > 0.06


def noise_chosen(tables, seed):
    random = np.random.default_rng(seed)
    chosen = []
    for _ in range(tables):
        codes = {f"item_{at}": random.integers(0, 2 + at % 2, 400) for at in range(6)}
        choice = latent_class_choice(
            pd.DataFrame(codes), items=list(codes), ks=[1, 2, 3], n_starts=5, seed=1
        )
        chosen.append(choice.loc[choice["verdict"] == "lowest BIC", "clusters"].item())
    return np.array(chosen)


def test_pure_noise_is_one_class():
    assert (noise_chosen(30, 10) == 1).all()


@pytest.mark.slow
def test_pure_noise_is_one_class_in_many_tables():
    assert (noise_chosen(300, 11) == 1).mean() >= 0.99


def test_goodness_of_fit_rejects_about_as_often_as_said():
    random = np.random.default_rng(12)
    items = ITEMS[:5]
    p_values = []
    for _ in range(150):
        group = random.random(1500) < 0.4
        yes = random.random((1500, 5)) < np.where(group, 0.8, 0.25)[:, None]
        table = pd.DataFrame(yes.astype(int), columns=items)
        found = latent_classes(table, items=items, k=2, n_starts=5, seed=1).fit
        p_values.append(found.set_index("measure").loc["g2", "p_value"])
    assert 0.01 <= (np.array(p_values) < 0.05).mean() <= 0.1
