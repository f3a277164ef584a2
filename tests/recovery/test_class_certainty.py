"""The probability of a class means what it says, where periods are alike: of customers given p,
about p have the class of the long run, or keep theirs in one more window of periods.
"""

import numpy as np
import pandas as pd
import pytest

from custlib.segmentation.abc_xyz import abc_classes, class_certainty, xyz_classes

PERIODS = 24
LONG = 2000  # periods that stand for the long run


def base(customers, seed):
    """Rates and mean amounts of customers, and their purchases over 2·24 and the long run."""
    random = np.random.default_rng(seed)
    rate = random.beta(1, 1.5, customers)
    size = random.lognormal(3, 1, customers)

    def window(periods):
        bought = random.random((customers, periods)) < rate[:, None]
        return bought * random.gamma(4, size[:, None] / 4, (customers, periods))

    return window(PERIODS), window(PERIODS), window(LONG)


def table_of(amounts):
    rows, columns = np.nonzero(amounts)
    return pd.DataFrame(
        {"customer": rows, "period": columns, "amount": amounts[rows, columns], "n_orders": 1}
    )


def classes_of(amounts, rule):
    """Classes by the functions for tables of customers, which know nothing of resampling."""
    mean = amounts.mean(axis=1)
    with np.errstate(invalid="ignore"):
        table = pd.DataFrame(
            {
                "customer": np.arange(len(amounts)),
                "amount": mean,
                "active_share": (amounts > 0).mean(axis=1),
                "amount_cv": amounts.std(axis=1, ddof=1) / mean,
            }
        )
    table = xyz_classes(abc_classes(table), rule=rule, undefined="Z")
    return table["abc"].to_numpy(), table["xyz"].to_numpy()


def calibration(customers, n_boot, rule="frequency", meaning="long_run", seed=5):
    """Claimed probability, share right in the long run, share kept in a fresh window, by bins."""
    seen, fresh, forever = base(customers, seed)
    options = {"n_periods": PERIODS, "n_boot": n_boot, "seed": 1, "rule": rule}
    options["meaning"] = meaning
    cases = class_certainty(table_of(seen), **options).cases
    who = cases["customer"].to_numpy()
    truth, again = classes_of(forever, rule), classes_of(fresh, rule)
    rows = []
    for at, name in enumerate(("abc", "xyz")):
        found = cases[name].to_numpy()
        rows.append(
            pd.DataFrame(
                {
                    "name": name,
                    "claimed": cases[f"{name}_probability"],
                    "right": found == truth[at][who],
                    "kept": found == again[at][who],
                }
            )
        )
    long = pd.concat(rows)
    bins = pd.cut(long["claimed"], [0, 0.6, 0.7, 0.8, 0.9, 0.99, 1], include_lowest=True)
    return long.groupby(["name", bins], observed=True)[["claimed", "right", "kept"]].agg(
        ["mean", "size"]
    )


def check(found, meaning):
    held = "right" if meaning == "long_run" else "kept"
    claimed, share, n = found["claimed", "mean"], found[held, "mean"], found[held, "size"]
    # Three standard errors of a share beside what the docstring states.
    chance = 3 * np.sqrt(claimed * (1 - claimed) / n)
    stated = np.where(claimed < 0.6, 0.09, 0.06)
    assert ((share - claimed).abs() <= chance + stated).all(), found.to_string()
    means = {name: np.average(part, weights=n) for name, part in found.xs("mean", 1, 1).items()}
    assert means[held] == pytest.approx(means["claimed"], abs=0.025)
    return means


@pytest.mark.parametrize("rule", ["frequency", "variation"])
def test_the_probability_is_that_of_the_class_of_the_long_run(rule):
    means = check(calibration(1500, 150, rule), "long_run")
    assert means["kept"] < means["claimed"] - 0.03


@pytest.mark.parametrize("rule", ["frequency", "variation"])
def test_or_that_one_more_window_gives_the_class_again(rule):
    means = check(calibration(1500, 150, rule, "next_window"), "next_window")
    assert means["right"] > means["claimed"] + 0.02


@pytest.mark.slow
@pytest.mark.parametrize("meaning", ["long_run", "next_window"])
@pytest.mark.parametrize("rule", ["frequency", "variation"])
def test_at_full_size(rule, meaning):
    check(calibration(20_000, 400, rule, meaning), meaning)
