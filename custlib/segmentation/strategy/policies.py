"""Ways to give customers a strategy, and what each gains and forgoes in all."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from custlib.columns import arrange
from custlib.segmentation.strategy.gains import LEAVE, OPTIONS, Effects, Stakes

Array = np.ndarray
UNKNOWN = {"estimate": np.nan, "ci_low": np.nan, "ci_high": np.nan}


def quadrant_rule(stakes: Stakes) -> tuple[Array, str]:
    """Choice by value and unused potential, each above its median or not, and what was cut where.

    Much unused potential: stimulate sales. Little of it: raise loyalty where the value is high,
    cut costs where it is low.
    """
    value, headroom = np.median(stakes.value), np.median(stakes.headroom)
    spare = stakes.headroom > headroom
    chosen = np.where(spare, 1, np.where(stakes.value > value, 0, 2))
    return chosen, f"high is above the median: value {value:g}, unused potential {headroom:g}"


def segment_rule(segments: Array, expected: Array) -> Array:
    """Choice by segment: the option with the largest expected gain of all its customers."""
    chosen = np.empty(len(segments), int)
    for code in np.unique(segments):
        inside = segments == code
        chosen[inside] = best_option(expected[:, inside].sum(axis=1)[:, None])[0]
    return chosen


def best_option(expected: Array) -> Array:
    """Option with the largest gain in each column; to leave as is where nothing gains."""
    best = expected[:-1].argmax(axis=0)
    return np.where(expected[:-1].max(axis=0) > 0, best, OPTIONS.index(LEAVE))


def policy_table(
    choices: Mapping[str, tuple[Array, str]],
    stakes: Stakes,
    effects: Effects,
    expected: Array,
    best: Array,
    n_missing: int,
    conf_level: float,
) -> pd.DataFrame:
    """Gain, regret and share of the possible gain forgone under each policy."""
    rows = []
    for policy, (chosen, note) in choices.items():
        gain = stakes.totals(chosen, effects)
        # A gain of the best less the same gain can fall below zero by rounding.
        regret = np.maximum(best - gain, 0)
        shares = np.divide(regret, best, out=np.full(len(best), np.nan), where=best > 0)
        share = float(regret.mean() / best.mean()) if best.mean() > 0 else np.nan
        measures = {
            "gain": spread(gain, conf_level, float(np.choose(chosen, expected).sum())),
            "regret": spread(regret, conf_level),
            "regret_share": spread(shares, conf_level, share),
        }
        for measure, found in measures.items():
            why = "nothing can be gained" if np.isnan(found["estimate"]) else note
            about = {"policy": policy, "measure": measure, "conf_level": conf_level}
            counts = {"n": len(chosen), "n_missing": n_missing, "note": why}
            rows.append(about | found | counts)
    return arrange(rows, keys=["policy", "measure"])


def segment_table(
    labels: Array,
    names: Array,
    stakes: Stakes,
    effects: Effects,
    expected: Array,
    conf_level: float,
) -> pd.DataFrame:
    """Gain if a whole segment were given one option, for every segment and option."""
    rows = []
    for code, name in enumerate(names):
        inside = labels == code
        if not inside.any():
            continue
        wins = best_option(expected[:, inside].sum(axis=1)[:, None])[0]
        for at, option in enumerate(OPTIONS):
            chosen = np.where(inside, at, OPTIONS.index(LEAVE))
            exact = float(expected[at, inside].sum())
            found = spread(stakes.totals(chosen, effects), conf_level, exact)
            keys = {"segment": name, "strategy": option, "measure": "gain"}
            verdict = {"verdict": "best" if at == wins else ""}
            counts = {"conf_level": conf_level, "n": int(inside.sum()), "note": ""}
            rows.append(keys | found | counts | verdict)
    key = ["segment", "strategy", "measure"]
    empty = pd.DataFrame(columns=[*key, *UNKNOWN, "conf_level", "n", "verdict", "note"])
    return arrange(rows or empty, keys=key)


def spread(totals: Array, conf_level: float, exact: float | None = None) -> dict:
    """Mean of a total, over the draws where it is not known exactly, and the middle of the draws.

    Gains are known exactly, since they are linear in the effects; a regret is not.
    """
    known = totals[~np.isnan(totals)]
    if not len(known):
        return dict(UNKNOWN)
    tail = (1 - conf_level) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    mean = float(known.mean()) if exact is None else exact
    return {"estimate": mean, "ci_low": float(low), "ci_high": float(high)}
