"""Answers read from a file: every code understood by the codebook, or refused by its row."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.columns import arrange
from custlib.errors import DataError, ParameterError
from custlib.survey.codebook.book import Codebook
from custlib.survey.reading.answer_codes import Key, group_key, item_key, understood
from custlib.survey.reading.file_formats import RawResponses, open_table
from custlib.survey.reading.footers import without_footer
from custlib.survey.reading.plain_columns import is_ordered, numeric, untouched
from custlib.survey.reading.refusals import columns_lacking, not_understood
from custlib.texts.dates import read_dates


def read_raw(
    path: str | Path,
    *,
    codebook: Codebook,
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    sheet: str | None = None,
) -> RawResponses:
    """Cells of a data file as they stand, before any code is understood.

    Read a file once with it where both the answers and the reasons for missing ones are wanted.

    Parameters
    ----------
    path : str or Path
        A .csv, .tsv, .txt, .xlsx, .sav or .parquet file.
    codebook : Codebook
        Its columns tell the header row, the delimiter and the sheet.
    encoding, delimiter, decimal, sheet : str, optional
        Said instead of found by evidence: "cp1251", ";", "," and a sheet's name, for instance.

    Returns
    -------
    RawResponses
        `table` with the file's own column names, `rows` with each respondent's row in the file,
        and the value labels and user-missing codes of an SPSS file. Further header rows, as
        Qualtrics, LimeSurvey and SurveyMonkey write them, are no respondents; where a platform
        has no names for columns, those of `read_export` hold. A footer below the answers ("Total
        rows: 60") is none either: a warning names its rows, and `set_aside` holds them.

    Raises
    ------
    DataError
        No such file, no table, another encoding or delimiter, columns missing or repeated.
    ParameterError
        An option that means nothing for the file's format.
    """
    wanted = set(codebook.columns.values())
    raw = open_table(
        path, wanted=wanted, encoding=encoding, delimiter=delimiter, decimal=decimal, sheet=sheet
    )
    return require_columns_of(codebook, without_footer(raw))


def read_responses(
    path: str | Path | RawResponses, *, codebook: Codebook, **options: Any
) -> pd.DataFrame:
    """Answers of a survey as numbers and categories, one row a respondent, in the file's order.

    Parameters
    ----------
    path : str, Path or RawResponses
        A data file, or what `read_raw` gave.
    codebook : Codebook
        Items, groups and design columns, and how their answers are coded.
    **options
        encoding, delimiter, decimal, sheet: see `read_raw`.

    Returns
    -------
    DataFrame
        Items under the codebook's names as float64, reversed items turned so that high is good;
        groups as categories in the codebook's order, empty ones kept; weight, duration and
        population as numbers; other columns as they are, text that is surely a number aside.

    Raises
    ------
    DataError
        A cell is neither a code, nor a label, nor a declared missing code; the first five rows
        are named as a person sees them in the file, the header being row 1.
    ParameterError
        An option beside cells that `read_raw` gave, or that means nothing for the file's format.

    Notes
    -----
    An answer may be written as its code, its label in any of the codebook's languages, or both
    ("5 - very satisfied"). Where code and label contradict the codebook the cell is refused. A
    reversed answer x becomes low + high - x. Rows without any cell filled are no respondents, nor
    are those of a footer, of which `read_raw` warns.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> codebook = Codebook.from_mapping({
    ...     "scales": {"quality": {"low": 1, "high": 5, "labels": {1: "bad", 5: "good"}}},
    ...     "items": {"steel": {}, "late": {"reversed": True}},
    ... })
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "answers.csv")
    ...     _ = file.write_text("steel;late\\ngood;1\\n4 - fair;\\n")
    ...     read_responses(file, codebook=codebook)
       steel  late
    0    5.0   5.0
    1    4.0   NaN
    """
    raw = cells_of(path, codebook, **options)
    variables = coded_variables(raw, codebook)
    names: dict[str, list[str]] = {}
    for name, column in codebook.columns.items():
        names.setdefault(column, []).append(name)
    columns: list[tuple[str, Any]] = []
    for column in raw.table.columns:
        for name in names.get(column, ()):
            coded = name in variables
            columns.append((name, variables[name] if coded else design_column(name, raw, codebook)))
        if column not in names:
            columns.append((column, untouched(raw.table[column], raw.decimal)))
    counts = Counter(name for name, _ in columns)
    repeated = [str(name) for name, count in counts.items() if count > 1]
    if repeated:
        raise DataError.because(
            f"{raw.source} has columns named {', '.join(repeated)}, names the codebook gives to"
            " other columns.",
            "Expected every variable to have a name of its own.",
            "Rename the columns in the file, or the items and groups in the codebook.",
        )
    return pd.DataFrame(dict(columns), index=pd.RangeIndex(len(raw.table)))


def missing_reasons(
    path: str | Path | RawResponses, *, codebook: Codebook, language: str = "en", **options: Any
) -> pd.DataFrame:
    """Missing answers by item and reason, as counts of respondents.

    Parameters
    ----------
    path : str, Path or RawResponses
        A data file, or what `read_raw` gave.
    codebook : Codebook
        Missing codes with their labels, per scale and for the whole file.
    language : str
        Language of the reasons.
    **options
        encoding, delimiter, decimal, sheet: see `read_raw`.

    Returns
    -------
    DataFrame
        item, reason, n_missing: one row for each reason that occurs, items in the codebook's
        order, the commonest reason first; "(blank)" is a cell left empty.

    Raises
    ------
    DataError
        The file cannot be read.
    ParameterError
        An option beside cells that `read_raw` gave.

    Examples
    --------
    >>> codebook = Codebook.from_mapping({
    ...     "scales": {"quality": {"low": 1, "high": 5, "missing": {9: "refused"}}},
    ...     "items": {"steel": {}},
    ... })
    >>> raw = RawResponses(pd.DataFrame({"steel": ["4", "9", ""]}), np.arange(2, 5), "answers.csv")
    >>> missing_reasons(raw, codebook=codebook)
        item   reason  n_missing
    0  steel  (blank)          1
    1  steel  refused          1
    """
    raw = cells_of(path, codebook, **options)
    rows = []
    for item in codebook.items:
        key = item_key(codebook, item, raw, language)
        counts = understood(raw.table[codebook.columns[item]], key).reasons
        for reason, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
            rows.append({"item": item, "reason": reason, "n_missing": count})
    table = pd.DataFrame(rows, columns=["item", "reason", "n_missing"])
    return arrange(table, keys=["item", "reason"])


def cells_of(path: str | Path | RawResponses, book: Codebook, **options: Any) -> RawResponses:
    """Cells that were read already, which no option can change any more, or those of a file."""
    if not isinstance(path, RawResponses):
        return read_raw(path, codebook=book, **options)
    if options:
        raise ParameterError.because(
            f"{', '.join(options)} was given for cells of {path.source} that are read already.",
            "Expected encoding=, delimiter=, decimal= or sheet= with the path of a file only.",
            "Pass it to read_raw.",
        )
    return require_columns_of(book, path)


def require_columns_of(codebook: Codebook, raw: RawResponses) -> RawResponses:
    """The cells, once every column the codebook names is among them."""
    absent = [name for name in dict.fromkeys(codebook.columns.values()) if name not in raw.table]
    if absent:
        raise columns_lacking(absent, [str(name) for name in raw.table.columns], raw.source)
    return raw


def coded_variables(raw: RawResponses, codebook: Codebook) -> dict[str, Any]:
    """Items as numbers and groups as categories, or one error for all that is not understood."""
    variables: dict[str, Any] = {}
    unread: list[tuple[str, Key, np.ndarray]] = []
    for name in [*codebook.items, *codebook.groups]:
        is_item = name in codebook.items
        key = (item_key if is_item else group_key)(codebook, name, raw, "en")
        read = understood(raw.table[codebook.columns[name]], key)
        if len(read.unread):
            unread.append((name, key, read.unread))
        elif is_item:
            scale = codebook.scale_of(name)
            is_turned = codebook.items[name].reversed
            variables[name] = scale.low + scale.high - read.values if is_turned else read.values
        else:
            codes = np.nan_to_num(read.values, nan=-1).astype(int)
            values = list(codebook.groups[name].values)
            variables[name] = pd.Categorical.from_codes(codes, categories=values)
    if unread:
        raise not_understood(unread, raw, codebook)
    return variables


def design_column(name: str, raw: RawResponses, codebook: Codebook) -> Any:
    """Weight, duration and population as numbers, submission as time, the others as they are."""
    counts = (codebook.population, codebook.cluster_population)
    if name in (codebook.weight, codebook.duration, *counts):
        return numeric(raw.table[name], raw, name)
    plain = untouched(raw.table[name], raw.decimal)
    if name == codebook.submitted and not is_ordered(plain):
        return read_dates(plain.astype("str").where(plain.notna()), column=name)
    return plain
