"""Right answers and wrong turns of the lesson on key drivers.

They are computed another way than the solutions: regressions where a solution takes
correlations, resamples of our own where it calls the library, and the reverse.
"""

from collections.abc import Callable, Mapping
from itertools import combinations

import numpy as np

from custlib import survey
from custlib.lessons.driver_overlap import (
    DRIVERS,
    ITEMS,
    NO_ANSWER,
    OUTCOME,
    measures_of,
    resampled_correlations,
)
from custlib.lessons.exercise import Given
from custlib.lessons.wording import letters
from custlib.survey.drivers import contributions

SUBSETS = tuple(part for size in (1, 2, 3) for part in combinations(DRIVERS, size))
N_BOOT = 2000
# What the statements of the last exercise say, in the order in which its notebook lists them.
STATEMENTS = ("larger", "raised", "sampled", "shown", "kept")


def stated(given: Given) -> dict[str, float]:
    """Mean stated importance over those who answered."""
    ratings = _stated_ratings(given)
    return _named(np.nanmean(np.where(ratings == NO_ANSWER, np.nan, ratings), axis=0))


def stated_with_code(given: Given) -> dict[str, float]:
    """The same with the code for no answer taken as a rating."""
    return _named(_stated_ratings(given).mean(axis=0))


def stated_over_all(given: Given) -> dict[str, float]:
    """The sum of the ratings over everybody asked."""
    ratings = _stated_ratings(given)
    return _named(np.where(ratings == NO_ANSWER, 0, ratings).mean(axis=0))


def performance(given: Given) -> dict[str, float]:
    """Mean rating of each driver."""
    return _named(given.answers[list(DRIVERS)].mean())


def simple(given: Given) -> dict[str, float]:
    """Correlation of each driver with satisfaction."""
    return _named(_correlations(given)[:-1, -1])


def squared(given: Given) -> dict[str, float]:
    """Squares of these correlations."""
    return {name: value**2 for name, value in simple(given).items()}


def covariances(given: Given) -> dict[str, float]:
    """Covariance of each driver with satisfaction."""
    return _named(np.cov(_values(given).T)[:-1, -1])


def overlap(given: Given) -> float:
    """Correlation of quality and delivery."""
    return float(_correlations(given)[0, 1])


def weights(given: Given) -> dict[str, float]:
    """Standardized regression weights, from the normal equations."""
    return _named(measures_of(_correlations(given)[None])[1][0])


def weights_in_points(given: Given, *, of_drivers: bool) -> dict[str, float]:
    """Weights of an outcome left in points, and of drivers left so or standardized."""
    spread = _values(given).std(axis=0, ddof=1)
    per = spread[:-1] if of_drivers else 1.0
    return _named(np.array([*weights(given).values()]) * spread[-1] / per)


def r_squared(given: Given, *, adjusted: bool = False) -> dict[str, float]:
    """R² of every subset, from residuals of a regression with an intercept."""
    y, found = given.answers[OUTCOME].to_numpy(float), {}
    n, total = len(y), (y - y.mean()) @ (y - y.mean())
    for part in SUBSETS:
        x = np.column_stack([np.ones(n), given.answers[list(part)]])
        left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        lost = (n - 1) / (n - len(part) - 1) if adjusted else 1
        found["+".join(part)] = float(1 - left @ left / total * lost)
    return found


def added_up(given: Given) -> dict[str, float]:
    """Squared correlations of a subset's drivers, added up."""
    alone = squared(given)
    return {"+".join(part): sum(alone[name] for name in part) for part in SUBSETS}


def shares(given: Given, *, method: str = "lmg", measure: str = "share") -> dict[str, float]:
    """What `survey.driver_shares` says, as shares or in units of R²."""
    names = list(DRIVERS)
    found = survey.driver_shares(given.answers, outcome=OUTCOME, drivers=names, method=method)
    numbers = found.estimates.set_index(["measure", "item"])["estimate"]
    return _named(numbers[measure][names])


def shares_by_last(given: Given) -> dict[str, float]:
    """What each driver adds as the last one, over the sum of that."""
    return _to_one(shares(given, method="last", measure="contribution"))


def shares_by_first(given: Given) -> dict[str, float]:
    """Squared correlations over their sum."""
    return _to_one(squared(given))


def shares_by_weight(given: Given) -> dict[str, float]:
    """Squared weights over their sum."""
    return _to_one({name: value**2 for name, value in weights(given).items()})


def shares_by_product(given: Given) -> dict[str, float]:
    """Weight times correlation, over the sum of that (Pratt)."""
    alone = simple(given)
    return _to_one({name: value * alone[name] for name, value in weights(given).items()})


def shares_in_one_order(given: Given) -> dict[str, float]:
    """What the drivers add in the order in which they stand, over R²."""
    whole = r_squared(given)
    ends = [0.0, *(whole["+".join(DRIVERS[:at])] for at in (1, 2, 3))]
    return _to_one(_named(np.diff(ends)))


def shares_by_subset(given: Given) -> dict[str, float]:
    """Gains over all subsets, each counted once."""
    whole, gains = r_squared(given) | {"": 0.0}, dict.fromkeys(DRIVERS, 0.0)
    for part in SUBSETS:
        for name in part:
            rest = "+".join(one for one in part if one != name)
            gains[name] += whole["+".join(part)] - whole[rest]
    return _to_one(gains)


def interval(given: Given, *, driver: str = "claims") -> dict[str, float]:
    """Interval of a share, by resamples of our own."""
    drawn = resampled_correlations(_values(given), N_BOOT, given.seed)
    return _ends(measures_of(drawn)[2][:, DRIVERS.index(driver)])


def interval_of_contribution(given: Given) -> dict[str, float]:
    """Interval in units of R²."""
    drawn = resampled_correlations(_values(given), N_BOOT, given.seed)
    return _ends(contributions(drawn)[:, DRIVERS.index("claims")])


def concentrate(given: Given) -> list[str]:
    """What matters by its share, and is rated low, by `survey.importance_performance`."""
    found = survey.importance_performance(
        given.answers, items=DRIVERS, scale=(1, 10), outcome=OUTCOME, n_boot=2, seed=0
    ).quadrants
    return [*found.loc[found["verdict"] == "concentrate here", "item"].unique()]


def rated_low(given: Given) -> list[str]:
    """Drivers below the mean of the three ratings."""
    rated = performance(given)
    return [name for name in DRIVERS if rated[name] < sum(rated.values()) / 3]


def rated_high(given: Given) -> list[str]:
    """The others."""
    return [name for name in DRIVERS if name not in rated_low(given)]


def concentrate_by_stated(given: Given) -> list[str]:
    """What is said to matter, and is rated low."""
    said = stated(given)
    return [name for name in rated_low(given) if said[name] >= sum(said.values()) / 3]


def below(named: Callable[[Given], list[str]]) -> Callable[[Given], float]:
    """Points by which the drivers named are rated below the mean of the three ratings, in all."""

    def points(given: Given) -> float:
        rated = performance(given)
        return sum(sum(rated.values()) / 3 - rated[name] for name in named(given))

    return points


def supported(given: Given, *more: str) -> list[str]:
    """Letters of the statements that describe the answers, and of some more."""
    found = shares(given)
    larger = ["larger"] if found["claims"] > found["delivery"] else []
    return letters(STATEMENTS, given.seed, "sampled", *larger, *more)


def lone(statement: str) -> Callable[[Given], list[str]]:
    """The letter of this statement and of no other."""
    return lambda given: letters(STATEMENTS, given.seed, statement)


def _values(given: Given) -> np.ndarray:
    return given.answers[ITEMS].to_numpy(float)


def _correlations(given: Given) -> np.ndarray:
    return np.corrcoef(_values(given).T)


def _stated_ratings(given: Given) -> np.ndarray:
    return given.answers[[f"{name}_stated" for name in DRIVERS]].to_numpy(float)


def _named(values: np.ndarray) -> dict[str, float]:
    return dict(zip(DRIVERS, map(float, values), strict=True))


def _to_one(values: Mapping[str, float]) -> dict[str, float]:
    return {name: value / sum(values.values()) for name, value in values.items()}


def _ends(drawn: np.ndarray) -> dict[str, float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"low": float(low), "high": float(high)}
