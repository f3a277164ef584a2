"""Rates of a funnel from stage to stage, and the time each step takes."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_at_least, require_conf_level
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.groups import group_rows
from custlib.intervals import wilson
from custlib.loyalty.funnel.leads import Leads, read_leads

Array = np.ndarray


def funnel_rates(
    leads: pd.DataFrame,
    *,
    stages: Sequence[str],
    reached: str | None = None,
    lost: str | None = None,
    as_of: str | pd.Timestamp | None = None,
    patience_days: float | None = None,
    skipped: str = "passed",
    by: str | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share (0–1) of the leads at each stage that go on to the next, and of all that go through.

    Parameters
    ----------
    leads : DataFrame, one row per lead
    stages : list of str, first to last
        Columns with the day a lead came to each stage (times with a zone are turned into UTC), or
        with yes and no; with `reached` the names of the stages.
    reached : str, optional
        Column of the furthest stage reached.
    lost : str, optional
        Column that says which leads are lost, by true, 1, a date or a reason.
    as_of : date, optional
        Day the leads are looked at; later dates do not count. The last date otherwise.
    patience_days : float, optional
        Only leads that came to a stage so many days before `as_of` count there: the others may
        still move on.
    skipped : {"passed", "left_out"}
        A lead at a later stage has passed one without a date, or is left out altogether.
    by : str, optional
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, one row per step and one for all steps (measure "through")
        [by], stage, next_stage, measure, estimate, ci_low, ci_high, conf_level, n, n_open,
        n_missing (no stage, or left out), numerator, denominator, method, note.

    Raises
    ------
    DataError
        A column is absent, an unknown stage, dates out of order, or of some stages only.
    ParameterError
        Dates without `patience_days` or `lost`: nothing tells open leads from lost ones.

    Notes
    -----
    rate = went on/decided; through = Π rate; its ends = through e^(± √(Σ ln²(end/rate))). Wilson's
    intervals; for all steps the product of the rates, with ends combined on the log scale (MOVER).
    With `lost` alone open leads are left out, which flatters where wins come faster than losses;
    with `patience_days` they are left out by age, whatever became of them.

    Assumes: one row a lead, leads independent and in the order of the stages; open leads of
    `patience_days` or more have had their chance.

    Not for: leads that are still young, counted as lost; groups of unlike age side by side; several
    leads of one client, whose intervals are too short. How long steps take: `stage_times`.

    References
    ----------
    Zou, G. & Donner, A. (2008). Statistics in Medicine 27:1693–1702. doi:10.1002/sim.3095

    Examples
    --------
    >>> leads = pd.DataFrame({"call": [1, 1, 1, 1], "offer": [1, 1, 0, 0], "sale": [1, 0, 0, 0]})
    >>> funnel_rates(leads, stages=["call", "offer", "sale"])["estimate"].tolist()  # R: prop.test
    [0.5, 0.5, 0.25]
    """
    require_conf_level(conf_level)
    known = _read(leads, stages, reached, lost, as_of, patience_days, skipped)
    rows = []
    for group, mask in group_rows(leads, by):
        inside = mask[known.at]
        own = {} if by is None else {by: group}
        left_out = int(mask.sum() - inside.sum())
        steps = [
            _step(known, inside, at, patience_days, conf_level) for at in range(len(stages) - 1)
        ]
        for at, step in enumerate([*steps, _through(steps)]):
            ends = (stages[at], stages[at + 1]) if at < len(steps) else (stages[0], stages[-1])
            names = dict(zip(("stage", "next_stage"), ends, strict=True))
            rows.append(own | names | step | {"conf_level": conf_level, "n_missing": left_out})
    return arrange(rows, keys=[*([by] if by else []), "stage", "next_stage", "measure"])


def stage_times(
    leads: pd.DataFrame,
    *,
    stages: Sequence[str],
    lost: str | None = None,
    as_of: str | pd.Timestamp | None = None,
    patience_days: float | None = None,
    quantiles: Sequence[float] = (0.5, 0.9),
    by: str | None = None,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Days from each stage to the next, by quantiles, of the leads that went on.

    Parameters
    ----------
    leads, stages, lost, as_of, patience_days, by, conf_level
        As for `funnel_rates`; the stages are columns of dates.
    quantiles : list of float in (0, 1), default 0.5 and 0.9

    Returns
    -------
    DataFrame, one row per step and quantile
        [by], stage, next_stage, measure ("days_50" is the median), estimate, ci_low, ci_high,
        conf_level, n, method, note.

    Raises
    ------
    DataError
        As for `funnel_rates`.
    ParameterError
        The stages have no dates, or a quantile is not between 0 and 1.

    Notes
    -----
    estimate = x_j + g (x_(j + 1) − x_j), with j + g = 1 + (n − 1) quantile (type 7); ends = x_l and
    x_u, l = B((1 − conf_level)/2), u = B((1 + conf_level)/2) + 1, B the quantiles of Binomial(n,
    quantile). Order statistics with binomial ranks: exact intervals, missing where n is too small
    for one.

    Assumes: leads are independent; `patience_days` is long enough for nearly all who move on to
    have done so, else quick ones count first and times come out too short.

    Not for: time of all leads, as those who never move on have none; steps where many still wait:
    `survival_curve` takes them as censored.

    References
    ----------
    Conover, W. (1999). Practical Nonparametric Statistics, 3rd ed., §3.2.

    Examples
    --------
    >>> leads = pd.DataFrame({"call": ["2025-01-01"] * 3,
    ...                       "sale": ["2025-01-03", "2025-01-05", None]})
    >>> stage_times(leads, stages=["call", "sale"], patience_days=1)["estimate"].tolist()[0]
    3.0
    """
    require_conf_level(conf_level)
    if not all(0 < level < 1 for level in quantiles):
        raise ParameterError.because(
            f"quantiles are {list(quantiles)}.",
            "Expected shares strictly between 0 and 1.",
            "Pass quantiles=[0.5] for the median.",
        )
    known = _read(leads, stages, None, lost, as_of, patience_days, "passed")
    if not known.dated:
        raise ParameterError.because(
            "The stages have no dates.", "Expected dates in their columns.", "Leave times out."
        )
    rows = []
    for group, mask in group_rows(leads, by):
        own = {} if by is None else {by: group}
        for at, ends in enumerate(pairwise(stages)):
            use = mask[known.at] & known.judged(at, patience_days) & known.passed[:, at + 1]
            use &= ~known.skipped[:, at] & ~known.skipped[:, at + 1]
            days = np.sort(known.day[use, at + 1] - known.day[use, at])
            for level in quantiles:
                row = own | {"stage": ends[0], "next_stage": ends[1]}
                rows.append(row | _quantile(days, level, conf_level))
    return arrange(rows, keys=[*([by] if by else []), "stage", "next_stage", "measure"])


def _read(
    leads: pd.DataFrame,
    stages: Sequence[str],
    reached: str | None,
    lost: str | None,
    as_of: str | pd.Timestamp | None,
    patience_days: float | None,
    skipped: str,
) -> Leads:
    options: dict[str, Any] = {"reached": reached, "lost": lost, "as_of": as_of}
    known = read_leads(leads, stages=stages, skipped=skipped, **options)
    if patience_days is not None:
        require_at_least("patience_days", patience_days, 0)
    if known.dated and lost is None and patience_days is None:
        raise ParameterError.because(
            "Nothing tells leads that are still open from those that are lost.",
            "Expected patience_days, after which a lead that has not moved counts as lost, or the"
            " column lost.",
            "Pass patience_days=60, or as many days as your steps take.",
        )
    return known


def _step(known: Leads, inside: Array, at: int, patience: float | None, conf_level: float) -> dict:
    here = inside & known.passed[:, at]
    judged = inside & known.judged(at, patience)
    moved = judged & known.passed[:, at + 1]
    n, went = int(judged.sum()), int(moved.sum())
    row = {"measure": "rate", "n": n, "n_open": int(here.sum()) - n, "numerator": went}
    row |= {"denominator": n, "method": "Wilson", "estimate": np.nan}
    if not n:
        why = "nobody came to this stage" if not here.any() else "no lead is decided yet"
        return row | {"ci_low": np.nan, "ci_high": np.nan, "note": why}
    low, high = wilson(went / n, n, conf_level=conf_level)
    ends = {"estimate": went / n, "ci_low": float(low), "ci_high": float(high)}
    return row | ends | {"note": _step_note(known, moved, at, patience)}


def _step_note(known: Leads, moved: Array, at: int, patience: float | None) -> str:
    parts = []
    if known.dated and patience is not None:
        with np.errstate(invalid="ignore"):
            late = moved & (known.day[:, at + 1] - known.day[:, at] > patience)
        parts += [f"{late.sum()} went on after {patience:g} days"] if late.any() else []
    elif known.lost is None:
        parts.append("all who did not go on count as lost")
    jumped = int((moved & known.skipped[:, at + 1]).sum())
    parts += [f"{jumped} skipped the next stage and count as having passed it"] if jumped else []
    return "; ".join(parts)


def _through(steps: list[dict]) -> dict:
    """The product of the rates, its ends from those of the steps on the log scale."""
    row = {"measure": "through", "n": steps[0]["n"], "n_open": steps[0]["n_open"]}
    row |= {"numerator": None, "denominator": None, "method": "product of the rates, MOVER"}
    rate, low, high = (
        np.array([step[name] for step in steps], float)
        for name in ("estimate", "ci_low", "ci_high")
    )
    if np.isnan(rate).any():
        missing = dict.fromkeys(("estimate", "ci_low", "ci_high"), np.nan)
        return row | missing | {"note": "a step has no rate"}
    estimate, note = float(rate.prod()), ""
    if estimate > 0:
        below = np.exp(-np.sqrt((np.log(rate / low) ** 2).sum()))
        above = np.exp(np.sqrt((np.log(high / rate) ** 2).sum()))
        ends = {"ci_low": estimate * below, "ci_high": estimate * above}
    else:
        # log 0 is no number: the upper end is that of the steps without success, others as found.
        ends = {"ci_low": 0.0, "ci_high": float(np.where(rate == 0, high, rate).prod())}
        note = "a step that nobody took: the upper end is from that step alone"
    return row | ends | {"estimate": estimate, "note": note}


def _quantile(days: Array, level: float, conf_level: float) -> dict:
    n = len(days)
    row = {"measure": f"days_{level * 100:g}", "conf_level": conf_level, "n": n}
    row |= {"estimate": np.nan, "ci_low": np.nan, "ci_high": np.nan, "method": "order statistics"}
    if not n:
        return row | {"note": "nobody went on"}
    # Ranks whose binomial tails hold no more than half of what the level leaves on each side.
    low = int(stats.binom.ppf((1 - conf_level) / 2, n, level))
    high = int(stats.binom.ppf((1 + conf_level) / 2, n, level)) + 1
    row["estimate"] = float(np.quantile(days, level))
    if low < 1 or high > n:
        return row | {"note": "too few for an interval"}
    return row | {"ci_low": days[low - 1], "ci_high": days[high - 1], "note": ""}
