"""Maturity of units by practices in place: levels that build on one another (Guttman scale)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_distinct, require_list, require_scale
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.survey.indices.inputs import require_units

Array = np.ndarray
REPRODUCIBLE = 0.9


@dataclass(frozen=True, slots=True)
class MaturityLevels:
    """Level of each unit, the practices that break the order, and whether levels are cumulative."""

    estimates: pd.DataFrame
    breaks: pd.DataFrame
    fit: pd.DataFrame


def maturity_level(
    audits: pd.DataFrame,
    *,
    unit: str,
    levels: Mapping[str, Sequence[str]],
    share: float = 1.0,
) -> MaturityLevels:
    """Highest level, 0 to the number of levels, that a unit has reached with all levels below.

    Parameters
    ----------
    audits : DataFrame, one row per unit
    unit : str
        Column of units.
    levels : mapping from level, lowest first, to its practices
        Columns of 0 (not in place) and 1 (in place).
    share : float in (0, 1], default 1
        Share of the practices of a level that must be in place for it to count as reached.

    Returns
    -------
    MaturityLevels
        `.estimates`: the `unit` column, category (the level's name, "none" below the first),
        measure ("level"), estimate (its number), numerator and denominator (practices in place,
        answered), n, n_missing, note. `.breaks`: the `unit` column, category (level of the
        practice), item (the practice), measure ("missing" below a level in place, "ahead" of one
        that is not). `.fit`: measure ("reproducibility", "marginal_reproducibility",
        "scalability"), estimate, numerator (errors), denominator (answers), verdict, n.

    Raises
    ------
    DataError
        A unit comes twice, a column is absent or an answer neither 0 nor 1.
    ParameterError
        Fewer than two levels, an empty one, a practice of two levels, a share outside (0, 1].

    Notes
    -----
    level = number of levels from the lowest up, without a break, of which Σ in place ≥ share ×
    practices. Errors of a unit are the fewest answers to change so that no practice is in place
    above one that is not, those of one level being in no order among themselves. reproducibility =
    1 − errors/answers; marginal_reproducibility = 1 − rarer/answers; scalability = 1 −
    errors/rarer, rarer the sum over practices of their rarer answer. A scale has .90 or more of the
    first; the last has no verdict: errors are free within a level, so practices that have nothing
    to do with one another reach the usual .60 by chance (12 units, 3 levels of one: 42 %,
    simulated), and levels in reverse order may still give more than 0. An unanswered practice
    counts as not in place for the level, not at all for errors.

    Assumes: each level builds on those below, its practices count alike, and all units were asked
    by one standard of "in place".

    Not for: averages of levels, which are ordered and not measured; credit for parts of a level
    (`composite_index`); proof of a scale from a dozen units, see scalability above.

    References
    ----------
    Guttman, L. (1944). American Sociological Review 9:139–150. Menzel, H. (1953). Public Opinion
    Quarterly 17:268–280.

    Examples
    --------
    >>> audits = pd.DataFrame({"shop": ["a", "b"], "greets": [1, 1], "advises": [1, 0]})
    >>> levels = {"courteous": ["greets"], "competent": ["advises"]}
    >>> maturity_level(audits, unit="shop", levels=levels).estimates["category"].tolist()
    ['competent', 'courteous']
    """
    practices = _practices(levels, share)
    units = require_units(audits, unit)
    require_columns(audits, practices)
    answers = np.column_stack([require_scale(audits, name, low=0, high=1) for name in practices])
    of_level = np.repeat(np.arange(len(levels)), [len(names) for names in levels.values()])
    member = np.eye(len(levels))[of_level]
    # A share of a whole number may fall short of it by rounding (0.7 × 10).
    reached = np.nan_to_num(answers) @ member >= share * member.sum(axis=0) - 1e-9
    level = np.cumprod(reached, axis=1).sum(axis=1).astype(int)
    gaps = np.isnan(answers).sum(axis=1)
    names = np.array(["none", *levels], object)
    breaks = np.array([_breaks(row, of_level, len(levels)) for row in answers])
    notes = [f"{gap} unanswered, taken as not in place" if gap else "" for gap in gaps]
    asked, placed = len(practices) - gaps, np.nansum(answers, axis=1)
    estimates = pd.DataFrame({unit: units, "category": names[level], "measure": "level"}).assign(
        estimate=level, n=asked, n_missing=gaps, numerator=placed, denominator=asked, note=notes
    )
    row, column = np.nonzero(breaks)
    found = pd.DataFrame({unit: np.array(units, object)[row]}).assign(
        category=names[1:][of_level[column]],
        item=np.array(practices, object)[column],
        measure=np.where(breaks[row, column] < 0, "missing", "ahead"),
    )
    return MaturityLevels(
        arrange(estimates, keys=[unit, "category", "measure"]),
        arrange(found, keys=list(found)),
        _fit(answers, len(row)),
    )


def _practices(levels: Mapping[str, Sequence[str]], share: float) -> list[str]:
    for level, names in levels.items():
        require_list(f"levels[{level!r}]", names)
    practices = [name for names in levels.values() for name in names]
    require_distinct(practices)
    if len(levels) < 2 or not all(levels.values()) or not 0 < share <= 1:
        sizes = {level: len(names) for level, names in levels.items()}
        raise ParameterError.because(
            f"share is {share}, practices per level: {sizes}.",
            "Expected two or more levels, lowest first, each with practices, and 0 < share <= 1.",
            'Pass, for instance, {"courteous": ["greets"], "competent": ["advises"]} and 1.',
        )
    return practices


def _breaks(row: Array, of_level: Array, count: int) -> Array:
    """-1 for practices missing and 1 for those ahead, beside the frontier with fewest of both."""
    frontiers = [
        np.where((row == 0) & (of_level < at), -1, np.where((row == 1) & (of_level > at), 1, 0))
        for at in range(count)
    ]
    # Of equally good frontiers the lowest: what is ahead is shown before what is missing.
    return min(frontiers, key=np.count_nonzero)


def _fit(answers: Array, errors: int) -> pd.DataFrame:
    asked, yes = (~np.isnan(answers)).sum(axis=0), np.nansum(answers, axis=0)
    rarer, total = np.minimum(yes, asked - yes).sum(), asked.sum()
    table = pd.DataFrame(
        {"measure": ["reproducibility", "marginal_reproducibility", "scalability"]}
    )
    table["numerator"], table["denominator"] = [errors, rarer, errors], [total, total, rarer]
    table["estimate"] = 1 - table["numerator"] / table["denominator"].replace(0, np.nan)
    least = pd.Series([REPRODUCIBLE, np.nan, np.nan])
    kept = np.where(table["estimate"] >= least, "at least ", "below ") + least.astype(str)
    table["verdict"] = np.where(least.isna() | table["estimate"].isna(), "", kept)
    table["note"] = np.where(table["estimate"].isna(), "no practice differs between units", "")
    return arrange(table.assign(n=len(answers)), keys=["measure"])
