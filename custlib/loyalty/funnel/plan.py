"""How many calls: the chance of enough sales by calls, and the calls for a chance wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from custlib.checks import require_at_least, require_columns, require_conf_level
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError
from custlib.loyalty.funnel.products import product_rule, reach_probability

Array = np.ndarray
MOST = 10**9  # calls beyond which nobody plans
PRIOR = 0.5  # Jeffreys: half a success and half a failure before the first lead


@dataclass(frozen=True, slots=True)
class Steps:
    """What is known of the steps of a funnel: their rates, and counts where there are any."""

    rates: tuple[float, ...]
    shapes: tuple[tuple[float, float], ...] | None

    @property
    def rate(self) -> float:
        """Share of the calls that become sales; the mean where rates are uncertain."""
        if self.shapes is None:
            return float(np.prod(self.rates))
        return float(np.prod([a / (a + b) for a, b in self.shapes]))

    def chance(self, target: int, calls: int) -> float:
        """P(at least so many sales of so many calls)."""
        if self.shapes is None:
            return float(stats.binom.sf(target - 1, calls, self.rate))
        return reach_probability(self.shapes, target=target, calls=calls)

    def sales_between(self, calls: int, conf_level: float) -> tuple[int, int]:
        """Interval that the number of sales lies in with that probability, at least."""
        points, weights = (
            (np.array([self.rate]), np.ones(1))
            if self.shapes is None
            else product_rule(self.shapes)
        )
        tail = (1 - conf_level) / 2

        def at_most(sales: int) -> float:
            return float(weights @ stats.binom.cdf(sales, calls, points))

        low = _first(lambda sales: at_most(sales) >= tail, 0, calls)
        high = _first(lambda sales: at_most(sales) >= 1 - tail, low, calls)
        return low, high


def funnel_plan(
    rates: pd.DataFrame | ArrayLike,
    *,
    target: int,
    probability: float | Sequence[float] = (0.8, 0.9, 0.95),
    calls: int | Sequence[int] = (),
    capacity: int | None = None,
    uncertain: bool = True,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Chance (0–1) of at least `target` sales by number of calls, and calls for a chance wanted.

    Parameters
    ----------
    rates : DataFrame or list of float
        Rows of `funnel_rates` of one group, or rates of the steps, each 0–1, known for certain.
    target : int, at least 1
        Sales wanted.
    probability : float or list of float in (0, 1)
        Chances wanted; the smallest number of calls for each is found.
    calls : int or list of int, optional
        Numbers of calls whose chance is asked for.
    capacity : int, optional
        Calls that can be made in one period.
    uncertain : bool, default True
        Whether rates from counts are taken as uncertain; not, and they are taken as known.
    conf_level : float in (0, 1), default 0.95
        Of the interval of sales.

    Returns
    -------
    DataFrame, rows "calls_needed", "probability" and "sales"
        measure, calls, estimate (the chance; of "sales" their expected number), ci_low, ci_high
        (of "sales", the range they will lie in), conf_level, limit (the chance wanted), verdict
        (within or beyond capacity), method, note.

    Raises
    ------
    ParameterError
        A rate outside 0–1, no rates, a target below 1, a probability outside 0–1, calls below 0.
    DataError
        The table holds several groups, or not the steps of one funnel.

    Notes
    -----
    P(S ≥ k) = 1 − F(k − 1; N, ∏p), F the binomial law. Sales are binomial with the product of the
    rates. Uncertain rates are independent Betas with Jeffreys' prior, Beta(x + ½, n − x + ½),
    integrated out by Gauss rules without chance. For a high chance they need more calls; for an
    even one they may need fewer, since the prior lifts low rates and the chance is averaged over
    good rates too. A rate of 0 needs endlessly many.

    Assumes: calls succeed independently at one product of rates, the same in the plan as in the
    record.

    Not for: several calls to one firm, or good and bad months: sales then vary more than binomial
    ones, and more calls are needed. What other rates would need: `funnel_scenarios`.

    References
    ----------
    Aitchison, J. & Dunsmore, I. (1975). Statistical Prediction Analysis, ch. 3.

    Examples
    --------
    >>> plan = funnel_plan([0.5, 0.1, 0.25], target=10, probability=[0.9], calls=[800])
    >>> plan["calls"].tolist()[:2], round(float(plan["estimate"].iloc[1]), 3)
    ([1134, 800], 0.543)
    >>> # R: qnbinom, pbinom, qbinom
    """
    require_conf_level(conf_level)
    require_at_least("target", target, 1)
    wanted = [float(one) for one in np.atleast_1d(probability)]
    asked = [int(one) for one in np.atleast_1d(np.asarray(calls)).tolist()]
    _require_plan(target, wanted, np.atleast_1d(np.asarray(calls, float)), capacity)
    steps = _steps_of(rates, uncertain)
    method = "rates known: binomial" if steps.shapes is None else "rates uncertain: Beta mixture"
    rows = [_needed(steps, target, chance) for chance in wanted]
    for number in asked:
        at = {"calls": number, "note": ""}
        rows.append(at | {"measure": "probability", "estimate": steps.chance(target, number)})
    rows += [_sales(steps, number, conf_level) for number in asked]
    blank = {"ci_low": np.nan, "ci_high": np.nan, "limit": np.nan, "conf_level": conf_level}
    rows = [blank | row | {"method": method, "verdict": _fits(row, capacity)} for row in rows]
    for row in rows:
        periods = _periods(row, capacity)
        row["note"] = "; ".join(part for part in (row["note"], periods) if part)
    return arrange(
        pd.DataFrame(rows).astype({"calls": "Int64"}),
        keys=["measure", "calls"],
    )


def _steps_of(rates: pd.DataFrame | ArrayLike, uncertain: bool) -> Steps:
    if not isinstance(rates, pd.DataFrame):
        return Steps(tuple(_known_rates(rates)), None)
    require_columns(rates, ["stage", "next_stage", "measure", "numerator", "denominator"])
    steps = rates[rates["measure"] == "rate"]
    chained = list(steps["next_stage"].iloc[:-1]) == list(steps["stage"].iloc[1:])
    if not len(steps) or not chained or steps["stage"].duplicated().any():
        raise DataError.because(
            f"{len(steps)} steps: {', '.join(map(str, steps['stage'][:5]))}.",
            "Expected the steps of one funnel, each once, in their order.",
            "Select the rows of one group before.",
        )
    counts = steps[["numerator", "denominator"]].astype(float).to_numpy()
    if (counts[:, 1] == 0).any():
        empty = steps["stage"].to_numpy()[counts[:, 1] == 0]
        raise DataError.because(
            f"No lead is decided at: {', '.join(map(str, empty))}.",
            "Expected at least one lead at every step.",
            "Take leads of a longer time, join the stage to another, or give rates by hand.",
        )
    shares = tuple(float(x / n) for x, n in counts)
    shapes = tuple((float(x) + PRIOR, float(n - x) + PRIOR) for x, n in counts)
    return Steps(shares, shapes if uncertain else None)


def _known_rates(rates: ArrayLike) -> list[float]:
    values = np.atleast_1d(np.asarray(rates, float))
    wrong = [f"{value:g}" for value in values if not 0 <= value <= 1]
    if values.ndim != 1 or not len(values) or wrong:
        raise ParameterError.because(
            f"Rates of the steps: {', '.join(wrong[:5]) or 'none'}.",
            "Expected a list of shares from 0 to 1, one a step.",
            "Write 5 % as 0.05.",
        )
    return values.tolist()


def _require_plan(target: int, wanted: list[float], calls: Array, capacity: int | None) -> None:
    problems = {
        f"target is {target}": target != int(target),
        f"probability is {wanted}": not all(0 < one < 1 for one in wanted),
        f"calls are {calls.tolist()}": bool(((calls < 0) | (calls % 1 != 0)).any()),
        f"capacity is {capacity}": capacity is not None and not capacity >= 1,
    }
    found = [text for text, wrong in problems.items() if wrong]
    if found:
        raise ParameterError.because(
            f"{'; '.join(found)}.",
            "Expected whole numbers of sales and calls, chances strictly between 0 and 1, and a"
            " capacity of at least 1 call.",
            "Correct them; no number of calls makes sales certain.",
        )


def _needed(steps: Steps, target: int, chance: float) -> dict:
    """The smallest number of calls for that chance; the chance grows with every call."""
    row = {"measure": "calls_needed", "limit": chance, "calls": None, "estimate": np.nan}
    if steps.rate == 0:
        return row | {"note": "a rate of 0: no number of calls makes a sale"}
    if steps.chance(target, MOST) < chance:
        return row | {"note": f"more than {MOST:,} calls"}
    high = target
    while steps.chance(target, high) < chance:
        high *= 2
    calls = _first(lambda number: steps.chance(target, number) >= chance, target, high)
    return row | {"calls": calls, "estimate": steps.chance(target, calls), "note": ""}


def _sales(steps: Steps, calls: int, conf_level: float) -> dict:
    low, high = steps.sales_between(calls, conf_level)
    row = {"measure": "sales", "calls": calls, "estimate": calls * steps.rate, "note": ""}
    return row | {"ci_low": low, "ci_high": high}


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Smallest number from low to high that holds, where all above it hold."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _fits(row: dict, capacity: int | None) -> str:
    if capacity is None or row["calls"] is None:
        return ""
    return "within capacity" if row["calls"] <= capacity else "beyond capacity"


def _periods(row: dict, capacity: int | None) -> str:
    if capacity is None or row["calls"] is None or row["calls"] <= capacity:
        return ""
    return f"{-(-row['calls'] // capacity)} periods of {capacity:,} calls"
