"""Margins: variables whose population shares or totals are known, bound to a table's rows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from numbers import Real

import numpy as np
import pandas as pd

from custlib.checks import require_columns
from custlib.errors import DataError, ParameterError

Array = np.ndarray
Columns = str | tuple[str, ...]
MANY = 1000  # categories
AGREE = 1e-6  # how far printed shares may be from 1, or printed totals from one another


@dataclass(frozen=True, slots=True)
class Margin:
    """One variable (or several crossed) whose population shares are known."""

    name: str
    columns: tuple[str, ...]
    groups: list  # tuples, where several columns are crossed
    shares: Array  # sum to 1, in the order of `groups`
    codes: Array  # position in `groups` of every row

    @property
    def labels(self) -> list:
        """Groups as results show them."""
        crossed = len(self.columns) > 1
        return [" × ".join(map(str, group)) if crossed else group for group in self.groups]


def bind_margins(responses: pd.DataFrame, targets: Mapping) -> tuple[list[Margin], float | None]:
    """Checked margins coded for the rows, and the population total (None where shares are given).

    `targets` maps a column, or a tuple of columns crossed, to a mapping or Series
    {category: share or total}.
    """
    if not isinstance(targets, Mapping) or not len(targets):
        raise ParameterError.because(
            f"targets is {targets!r}.",
            "Expected at least one margin: {column: {category: share or total}}.",
            "Pass for instance {'market': {'home': 0.6, 'export': 0.4}}.",
        )
    if responses.empty:
        raise DataError.because(
            "The table has no rows.",
            "Expected at least one respondent in every category of every margin.",
            "Check what was read or filtered before.",
        )
    crossed = {_as_columns(key): _numbers(key, values) for key, values in targets.items()}
    require_columns(responses, dict.fromkeys(name for key in crossed for name in key))
    total = _population_total({_name(key): known for key, known in crossed.items()})
    margins = []
    for columns, known in crossed.items():
        amounts = np.array(list(known.values()))
        codes = _codes(responses, columns, list(known))
        margins.append(Margin(_name(columns), columns, list(known), amounts / amounts.sum(), codes))
    _require_agreement(margins)
    return margins, total


def _as_columns(key: Columns) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else tuple(key)


def _name(columns: tuple[str, ...]) -> str:
    return " × ".join(columns)


def _numbers(key: Columns, values: Mapping | pd.Series) -> dict:
    """Targets of one margin as positive numbers, in the order given."""
    name = _name(_as_columns(key))
    if not isinstance(values, Mapping | pd.Series) or not len(values):
        raise ParameterError.because(
            f"The targets of margin {name!r} are {values!r}.",
            "Expected a mapping or Series {category: share or total}.",
            "Name each category of the margin with its known share.",
        )
    if isinstance(values, pd.Series) and values.index.has_duplicates:
        twice = values.index[values.index.duplicated()].unique().tolist()
        raise ParameterError.because(
            f"Margin {name!r} gives more than one target for: {_listed(twice)}.",
            "Expected one target for each category.",
            "Keep one of them.",
        )
    wrong = [group for group, number in values.items() if not _is_positive(number)]
    if wrong:
        raise ParameterError.because(
            f"Margin {name!r} has targets that are not positive numbers, for: {_listed(wrong)}.",
            "Expected a positive share or total for every category.",
            "Leave a category nobody belongs to out of the targets and out of the data.",
        )
    return {group: float(number) for group, number in values.items()}


def _is_positive(number: object) -> bool:
    return isinstance(number, Real) and 0 < float(number) < math.inf


def _population_total(known: dict[str, dict]) -> float | None:
    """Sum the margins agree on; None where it is 1, as shares say nothing about the total."""
    sums = {name: sum(amounts.values()) for name, amounts in known.items()}
    if all(abs(amount - 1) <= AGREE for amount in sums.values()):
        return None
    listed = ", ".join(f"{name!r} to {amount:.8g}" for name, amount in sums.items())
    shares = [name for name, amounts in known.items() if max(amounts.values()) <= 1]
    total = next(iter(sums.values()))
    if shares or any(abs(amount - total) > AGREE * total for amount in sums.values()):
        raise ParameterError.because(
            f"The targets of the margins sum {listed}.",
            "Expected shares that sum to 1 in every margin, or totals that agree between margins.",
            "Correct the targets; give either shares or totals throughout.",
        )
    return float(total)


def _codes(responses: pd.DataFrame, columns: tuple[str, ...], groups: list) -> Array:
    """Position in `groups` of every row; every group must have rows and every row a group."""
    codes, levels = _levels(responses, columns[0])
    for name in columns[1:]:
        more, others = _levels(responses, name)
        codes = codes.astype(np.int64) * len(others) + more
        before = levels if isinstance(levels[0], tuple) else [(level,) for level in levels]
        levels = [(*level, other) for level in before for other in others]
    at = {group: position for position, group in enumerate(groups)}
    position = np.array([at.get(level, -1) for level in levels])
    counts = np.bincount(codes, minlength=len(levels))
    name = _name(columns)
    strange = np.flatnonzero((position < 0) & (counts > 0))
    if len(strange):
        rows = np.flatnonzero(np.isin(codes, strange))
        raise DataError.because(
            f"Margin {name!r}: {len(rows)} rows in categories without a target: "
            f"{_listed([levels[code] for code in strange])}; {_first(responses, rows)}.",
            f"Expected only the categories with a target: {_listed(groups)}.",
            "Add the category's share to targets, or recode or drop these rows.",
        )
    absent = sorted(set(range(len(groups))) - set(position[counts > 0].tolist()))
    if absent:
        raise DataError.because(
            f"Margin {name!r}: no respondent in: {_listed([groups[code] for code in absent])}.",
            "Expected respondents in every category with a target; no weight reaches an empty one.",
            "Merge the category with a neighbour in data and targets, or correct its spelling.",
        )
    return position[codes]


def _levels(responses: pd.DataFrame, name: str) -> tuple[Array, list]:
    """Codes and categories of a column without gaps."""
    column = responses[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, levels = column.cat.codes.to_numpy(), column.cat.categories.tolist()
    elif isinstance(column.dtype, np.dtype) and column.dtype.kind == "i":
        codes, levels = _whole_numbers(column.to_numpy())
    else:
        codes, uniques = pd.factorize(column)
        levels = uniques.tolist()
    if (codes < 0).any():
        rows = np.flatnonzero(codes < 0)
        raise DataError.because(
            f"Margin {name!r} is missing in {len(rows)} rows; {_first(responses, rows)}.",
            "Expected every respondent in a category of the margin.",
            "Fill the gap, drop the rows, or make 'unknown' a category with a target of its own.",
        )
    return codes, levels


def _whole_numbers(values: Array) -> tuple[Array, list]:
    """Codes of integers; those close together are codes already, but for the lowest."""
    low, high = int(values.min()), int(values.max())
    if high - low < MANY:
        return values.astype(np.intp) - low, list(range(low, high + 1))
    codes, uniques = pd.factorize(values)
    return codes, uniques.tolist()


def _require_agreement(margins: list[Margin]) -> None:
    """Margins that share columns must say the same about them."""
    for one, other in combinations(margins, 2):
        shared = [name for name in one.columns if name in other.columns]
        if not shared:
            continue
        first, second = (_collapsed(margin, shared) for margin in (one, other))
        groups = sorted(set(first) | set(second), key=str)
        gaps = {group: first.get(group, 0.0) - second.get(group, 0.0) for group in groups}
        worst = max(gaps, key=lambda group: abs(gaps[group]))
        if abs(gaps[worst]) > AGREE:
            raise ParameterError.because(
                f"Margins {one.name!r} and {other.name!r} contradict each other: the share of "
                f"{_listed(worst)} is {first.get(worst, 0.0):.6g} in one and "
                f"{second.get(worst, 0.0):.6g} in the other.",
                f"Expected the same shares of {_name(tuple(shared))!r} in both.",
                "Correct one of them, or drop the margin the other already holds.",
            )


def _collapsed(margin: Margin, shared: list[str]) -> dict[tuple, float]:
    """Shares of a margin summed over the columns it does not share."""
    keep = [margin.columns.index(name) for name in shared]
    result: dict[tuple, float] = {}
    for group, share in zip(margin.groups, margin.shares, strict=True):
        whole = group if len(margin.columns) > 1 else (group,)
        part = tuple(whole[at] for at in keep)
        result[part] = result.get(part, 0.0) + float(share)
    return result


def _listed(groups: list | tuple) -> str:
    more = f" and {len(groups) - 5} more" if len(groups) > 5 else ""
    return ", ".join(map(repr, groups[:5])) + more


def _first(responses: pd.DataFrame, rows: Array) -> str:
    return f"first at rows {responses.index[rows[:5]].tolist()}"
