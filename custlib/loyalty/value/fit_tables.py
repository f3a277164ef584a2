"""The tables of a fitted model: parameters with their intervals, and how well it fits."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import special, stats

from custlib.columns import arrange
from custlib.loyalty.value.maximum import Maximum
from custlib.loyalty.value.records import Records

Array = np.ndarray


def log_error(function: Callable[[Array], float], top: Maximum) -> float:
    """Standard error of the logarithm of a function of the parameters, by the delta method."""
    step = 1e-4
    slopes = [
        np.log(function(np.exp(top.theta + way)) / function(np.exp(top.theta - way))) / (2 * step)
        for way in step * np.eye(len(top.theta))
    ]
    return float(np.sqrt(np.array(slopes) @ top.covariance @ np.array(slopes)))


def fit_table(top: Maximum, n: int, model: str, counted: dict[str, float]) -> pd.DataFrame:
    """How well the model fits, and how the fit went."""
    k = len(top.theta)
    values = {"log_likelihood": top.value, "n_parameters": k, "aic": 2 * k - 2 * top.value}
    values |= {"bic": k * np.log(n) - 2 * top.value, "gradient": np.abs(top.gradient).max()}
    values |= {"iterations": top.rounds, **counted}
    rows = [{"measure": name, "estimate": value} for name, value in values.items()]
    return arrange([row | {"n": n, "method": model} for row in rows], keys=["measure"])


def parameter_rows(
    top: Maximum, ends: Sequence[Array], n: int, conf_level: float, notes: dict[str, str]
) -> list[dict]:
    """Each parameter with its error by the information and its interval by the profile."""
    errors = np.sqrt(np.diag(top.covariance)) * top.parameters
    rows = []
    for at, name in enumerate(top.names):
        row = {"measure": "parameter", "term": name, "estimate": top.parameters[at]}
        row |= {"std_error": errors[at], "ci_low": ends[at][0], "ci_high": ends[at][1]}
        row |= {"conf_level": conf_level, "n": n, "method": "profile likelihood"}
        open_end = "" if ends[at][1] < np.inf else "no upper end: the likelihood does not fall"
        open_end = open_end if ends[at][0] > 0 else "no lower end: the likelihood does not fall"
        rows.append(row | {"note": open_end or notes.get(name, "")})
    return rows


def estimate_table(
    top: Maximum, ends: Sequence[Array], n: int, conf_level: float, time_unit: str
) -> pd.DataFrame:
    """The parameters, and the two means people speak of."""
    notes = dict.fromkeys(("alpha", "beta"), f"{time_unit}s")
    rows = parameter_rows(top, ends, n, conf_level, notes)
    z = stats.norm.ppf((1 + conf_level) / 2)
    leaving = ("leaving_rate" if "beta" in top.names else "leaving_chance", 2)
    for name, at in (("buying_rate", 0), leaving):
        # Both means are ratios: of r and alpha, of s and beta, of a and b.
        ratio = top.theta[at] - top.theta[at + 1]
        way = np.zeros(4)
        way[at], way[at + 1] = 1, -1
        error = float(np.sqrt(way @ top.covariance @ way))
        chance = name == "leaving_chance"
        link = special.expit if chance else np.exp
        mean = float(link(ratio))
        row = {"measure": "mean", "term": name, "estimate": mean, "n": n, "conf_level": conf_level}
        row |= {"std_error": error * mean * (1 - mean if chance else 1)}
        row |= {"ci_low": link(ratio - z * error), "ci_high": link(ratio + z * error)}
        note = "share, after each purchase" if chance else f"a {time_unit}, while a customer"
        row |= {"method": "delta, logit" if chance else "delta, log", "note": note}
        rows.append(row)
    return arrange(rows, keys=["measure", "term"])


def counted(records: Records) -> dict[str, float]:
    buyers = float(records.count @ (records.x > 0))
    purchases = float(records.count @ records.x)
    rows = len(records.count)
    return {"distinct_rows": rows, "repeat_buyers": buyers, "repeat_purchases": purchases}
