"""One description of a table of answers, whatever program wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.survey.exports.rows import (
    ANSWERED,
    IMPORTED,
    RESPONDENT,
    UNFINISHED,
    kinds_of_rows,
    no_answer_codes,
)
from custlib.survey.reading.file_formats import RawResponses, open_table
from custlib.survey.reading.headings import ANSWER, PERSONAL, Head


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of an export: what it asks, and what its file says of its codes.

    `name` is the column as `read_raw` knows it; `part` is the row of a matrix or the option of a
    question with several answers; `role` is "answer", or what the platform itself records there.
    """

    name: str
    question: str = ""
    part: str = ""
    role: str = ANSWER
    value_labels: Mapping[Any, str] = field(default_factory=dict)
    user_missing: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_answer(self) -> bool:
        """Whether a respondent filled it in."""
        return self.role == ANSWER

    @property
    def is_personal(self) -> bool:
        """Whether it may tell who the respondent is."""
        return self.role in PERSONAL


@dataclass(frozen=True, slots=True)
class Export:
    """A table of answers with one header, and what its file says of columns and rows.

    `row_kinds` tells of each row: respondent, imported, unfinished, preview, test, spam or footer;
    `no_answer` holds the codes by which the platform writes that there is no answer.
    """

    platform: str
    raw: RawResponses
    columns: Mapping[str, ExportColumn]
    row_kinds: np.ndarray
    no_answer: Mapping[str, str] = field(default_factory=dict)

    @property
    def table(self) -> pd.DataFrame:
        """Cells as they stand, one row a respondent; no row is left out."""
        return self.raw.table

    @property
    def rows(self) -> np.ndarray:
        """Number of each row in the file, as a person sees it."""
        return self.raw.rows

    @property
    def row_counts(self) -> pd.DataFrame:
        """How many rows there are of each kind: `kind` and `n`, respondents first."""
        counts = pd.Series(self.row_kinds).value_counts()
        first = [one for one in (RESPONDENT, IMPORTED, UNFINISHED) if one in counts]
        kinds = [*first, *sorted(set(counts.index) - set(first))]
        return pd.DataFrame({"kind": kinds, "n": [int(counts[kind]) for kind in kinds]})

    def respondents(self, *, unfinished: bool = True) -> RawResponses:
        """The rows people filled in, for `read_responses`; `set_aside` tells of the others."""
        kept = np.isin(self.row_kinds, list(ANSWERED if unfinished else ANSWERED - {UNFINISHED}))
        return self.raw.without(~kept, self.row_kinds)


def read_export(
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Export:
    """A table of answers as a survey platform exports it, read without a codebook.

    Parameters
    ----------
    path : str or Path
        A .csv, .tsv, .txt, .xlsx, .sav or .parquet file.
    encoding, delimiter, sheet : str, optional
        Said instead of found by evidence: "cp1251", ";" and a sheet's name, for instance.

    Returns
    -------
    Export
        `platform` ("qualtrics", "limesurvey", "surveymonkey" or "plain"), `table`, `rows`,
        `columns` with question, part, role and value labels, `row_kinds` and `row_counts`,
        `no_answer`.

    Raises
    ------
    DataError
        No such file, no table, another encoding, columns of one name.
    ParameterError
        An option that means nothing for the file's format.

    Notes
    -----
    The platform is told by its own columns, never by the file's name. Further header rows are
    taken into `columns`. No row and no column is left out; `respondents()` sets aside previews,
    tests, spam and footers, and `row_counts` says how many. A footer ("Total rows: 60") is text in
    one cell alone, no answer of its column, below a blank row or with the number of the rows above;
    or a word such as Total, Average or N before numbers alone.
    Where a platform has no codes (SurveyMonkey, LimeSurvey with texts as headings) questions are
    numbered: Q1, and Q2_1, Q2_2 for the parts of one question.

    Assumes: the platform's own columns keep the names it gave them, and nobody edited the header
    rows by hand.

    Not for: a survey that has a codebook (`read_responses` understands the answers), or cells of
    any other file as they stand (`read_raw`).

    References
    ----------
    Qualtrics Support, "Understanding Your Dataset". LimeSurvey Manual, "Exporting results", and
    the export writers of its source (headings by code, text or both; VV export). SurveyMonkey
    User Manual, on exporting responses.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> text = '''Respondent ID,Collector ID,How satisfied are you with …,,Why?
    ... ,,Price,Delivery,Open-Ended Response
    ... 11,7,4,5,Late again
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "answers.csv").write_text(text, encoding="utf-8")
    ...     export = read_export(Path(folder, "answers.csv"))
    >>> export.platform, list(export.columns)
    ('surveymonkey', ['Respondent ID', 'Collector ID', 'Q1_1', 'Q1_2', 'Q2'])
    >>> export.columns["Q1_2"].question, export.columns["Q1_2"].part
    ('How satisfied are you with …', 'Delivery')
    >>> export.row_counts
             kind  n
    0  respondent  1
    """
    raw = open_table(path, wanted=(), encoding=encoding, delimiter=delimiter, sheet=sheet)
    columns = {name: described(name, raw) for name in map(str, raw.table.columns)}
    return Export(raw.platform, raw, columns, kinds_of_rows(raw), no_answer_codes(raw))


def described(name: str, raw: RawResponses) -> ExportColumn:
    """A column with all that the file says of it."""
    head = raw.heads.get(name, Head(name))
    return ExportColumn(
        name,
        head.question,
        head.part,
        head.role,
        raw.value_labels.get(name, {}),
        tuple(raw.user_missing.get(name, ())),
    )
