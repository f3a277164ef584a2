"""Published values beside one's own: found again to the last printed digit, or not."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from custlib.checks import require_columns
from custlib.columns import arrange
from custlib.errors import DataError, nearest
from custlib.survey.reading.file_formats import open_table
from custlib.texts.numbers import decimal_mark, read_numbers, without_blanks

AGREES, INSIDE, OUTSIDE = "agrees", "in the interval", "outside the interval"
DIFFERS, ABSENT = "differs", "not estimated"
COLUMNS = ["term", "estimate"]
OWN = ["estimate", "ci_low", "ci_high", "conf_level"]


def published_agreement(
    results: pd.DataFrame,
    *,
    published: str | Path | pd.DataFrame,
    measure: str = "path",
    exact: bool = False,
    decimal: str | None = None,
    names: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Each published value beside the one computed here, and whether they agree as printed.

    Parameters
    ----------
    results : DataFrame with measure, term, estimate, and perhaps an interval
        For instance `path_model(…).estimates`.
    published : str, Path or DataFrame
        Table (csv, xlsx, sav, parquet) with the columns term and estimate, and perhaps measure,
        one row a published value; estimates as text, as they are printed. Numbers (of a workbook,
        of sav or parquet) have lost closing zeros: they count as printed with as many decimals as
        the longest of their measure.
    measure : str, default "path"
        What the values are, where the table has no such column.
    exact : bool, default False
        The values are exact, as planted ones are, and not rounded: the interval alone judges.
    decimal : {",", "."}, optional
        Decimal mark of the texts, where they leave it open, as 1,234 does.
    names : mapping, optional
        What the results call a name of the published terms, as `PathStructure.names` gives it.

    Returns
    -------
    DataFrame, one row a published value, in the order given
        measure, term (spelt as in the results), estimate (one's own) with its interval, printed
        (numbers with the decimals they count as having), rounded (one's own with as many digits),
        verdict: agrees; else in or outside the interval of one's own estimate, or differs where
        there is none; not estimated where the results have no such term: the note then names the
        nearest.

    Raises
    ------
    DataError
        A column is lacking, a value is no number or leaves its decimal mark open, or a measure and
        term stand twice in the table or, where they are asked for, in the results.

    Notes
    -----
    agrees = |estimate − printed| ≤ ½ · 10^(−decimals printed). Ends are included: 0.50 stands for
    0.495 to 0.505, since nobody knows which way a half was rounded. Terms are compared without
    regard to case and blanks; an arrow may be "->" or "→".

    Assumes: the published values come from the same answers, coded and weighted alike, by the same
    formula, and were rounded, not cut off.

    Not for: a study repeated with other people: both values vary, so of two equal samples the
    published one is outside this interval (95 %) in one case of six, though nothing differs. Nor is
    a value in the interval found again where the data are the same: only "agrees" counts there.

    Examples
    --------
    >>> found = pd.DataFrame({"measure": "path", "term": ["a -> b", "b -> c"],
    ...                       "estimate": [0.5049, 0.31]})
    >>> printed = pd.DataFrame({"term": ["A → B", "B → C"], "estimate": ["0.505", "0.34"]})
    >>> published_agreement(found, published=printed)["verdict"].tolist()
    ['agrees', 'differs']
    """
    require_columns(results, ["measure", "term", "estimate"])
    table, source = _opened(published)
    if "measure" not in table:
        table = table.assign(measure=measure)
    values, decimals = _printed(table, source, decimal)
    keys, own = _key(table, names), results.assign(key=_key(results))
    _require_once(keys, table["term"], source)
    spelt, own = own.set_index("key")["term"], own[own["key"].isin(keys)]
    _require_once(own["key"], own["term"], "The table of results")
    own = own.set_index("key").reindex(keys).reset_index(drop=True)
    compared = table[["measure", "term"]].join(own[[name for name in OWN if name in own]])
    found = compared["estimate"].astype(float)
    compared["verdict"] = DIFFERS
    if {"ci_low", "ci_high"} <= set(own):
        inside = (own["ci_low"] <= values) & (values <= own["ci_high"])
        compared["verdict"] = np.where(inside, INSIDE, OUTSIDE)
        compared.loc[own[["ci_low", "ci_high"]].isna().any(axis=1), "verdict"] = DIFFERS
    if not exact:
        # A little more than half a unit: 0.505 is not a sum of powers of two.
        near = (found - values).abs() <= 0.5 * 10.0**-decimals * (1 + 1e-9)
        compared.loc[near, "verdict"] = AGREES
    absent = found.isna()
    compared.loc[absent, "verdict"] = ABSENT
    compared["term"] = own["term"].fillna(table["term"])
    compared["note"] = [
        _nearest(key, spelt) if none else "" for key, none in zip(keys, absent, strict=True)
    ]
    for name, column in (("printed", table["estimate"]), ("rounded", found)):
        compared[name] = [_rounded(*pair) for pair in zip(column, decimals, strict=True)]
    return arrange(compared, keys=["measure", "term"])


def _opened(published: str | Path | pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The table of published values and a name for it."""
    if isinstance(published, pd.DataFrame):
        table, source = published.reset_index(drop=True), "The published table"
    else:
        raw = open_table(published, wanted=COLUMNS)
        table, source = raw.table.reset_index(drop=True), raw.source
    if lacking := [name for name in COLUMNS if name not in table]:
        raise DataError.because(
            f"{source} has no column {', '.join(lacking)}; it has {', '.join(map(str, table))}.",
            "Expected the columns term and estimate, and perhaps measure.",
            'Name them so in the first row, with terms such as "image -> loyalty".',
        )
    return table, source


def _printed(table: pd.DataFrame, source: str, decimal: str | None) -> tuple[np.ndarray, pd.Series]:
    """The published numbers, and with how many decimals each was printed."""
    as_text = table["estimate"].map(lambda value: isinstance(value, str)).astype(bool)
    texts = table["estimate"].map(str).map(without_blanks)
    mark = decimal or decimal_mark(texts.tolist(), column="estimate")
    values, known = read_numbers(texts.tolist(), column="estimate", decimal=mark)
    if not known.all():
        at = int(np.argmin(known))
        raise DataError.because(
            f"{source} has the estimate {table['estimate'].iloc[at]!r} in row {at + 1}.",
            "Expected a number in every row of the column estimate, with a plain minus.",
            "Leave out stars, per cent and other marks, and rows without a value.",
        )
    decimals = texts.map(lambda text: _decimals(text, mark)).astype(float)
    longest = decimals[~as_text].groupby(table["measure"][~as_text]).transform("max")
    return values, longest.reindex(decimals.index).fillna(decimals)


def _decimals(text: str, mark: str) -> int:
    """Digits behind the decimal mark; a power of ten moves it."""
    number, _, power = text.casefold().partition("e")
    return len(number.partition(mark)[2]) - int(power or 0)


def _key(table: pd.DataFrame, names: Mapping[str, str] | None = None) -> pd.Series:
    """Measure and term without what two writers may do differently."""
    other = {name.casefold(): own.casefold() for name, own in (names or {}).items()}

    def plain(term: str) -> str:
        parts = re.split(r"\s*(->|→|=~)\s*", term.casefold().strip())
        return "".join(other.get(part, part) for part in parts).replace("→", "->")

    return table["measure"].astype(str) + ":" + table["term"].astype(str).map(plain).astype(str)


def _nearest(key: str, spelt: pd.Series) -> str:
    """What the results have in place of a term that is not there."""
    measure, _, term = key.partition(":")
    others = [one for one in spelt.index if one.endswith(f":{term}")]
    if others:
        return f"there as {others[0].partition(':')[0]}: name the measure in a column measure"
    near = nearest(key, spelt.index)
    return f"no such term; perhaps {spelt[near]}" if near else f"no {measure} of this name"


def _rounded(value: str | float, decimals: float) -> str:
    """A number with as many digits as were printed; what is a text stays as it is."""
    if isinstance(value, str):
        return value
    text = "" if np.isnan(value) else f"{round(value, int(decimals)):.{max(int(decimals), 0)}f}"
    return text.replace("-", "−")


def _require_once(keys: pd.Series, terms: pd.Series, source: str) -> None:
    """No measure and term twice among the keys."""
    if keys.duplicated().any():
        raise DataError.because(
            f"{source} has {terms[keys.duplicated()].iloc[0]!r} twice for one measure.",
            "Expected one value a measure and term.",
            "Keep one of them; where there are several groups, pass the rows of one.",
        )
