"""Where a study's data come from: a data set of the project, or a user's own file."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from custlib.datasets.catalogue import MAIN_TABLES, Dataset, folders, load
from custlib.errors import DataError, ParameterError
from custlib.places import matching_files
from custlib.survey.codebook.book import Codebook
from custlib.survey.codebook.parts import text_in
from custlib.texts.encoding import decoded
from custlib.texts.headers import best_delimiter
from custlib.texts.numbers import read_numbers


@dataclass(frozen=True, slots=True)
class SurveySource:
    """A file of answers, the codebook that decodes it, and what a reader must be told of both."""

    path: Path
    codebook: Codebook
    title: str
    simulated: bool

    def table(self, name: str, *, file: str | None = None) -> pd.DataFrame | None:
        """A second table, such as the tasks of an experiment; None where there is none.

        The user's own csv `file` where one is named, else the table of this name that lies beside
        the answers of a data set of the project.
        """
        return _second_table(self.path, name, file)


@dataclass(frozen=True, slots=True)
class TableSource:
    """A file that holds no answers, and what a reader must be told of it.

    `path` may be a glob; `roles` says which column holds what; `truth` is what was planted.
    """

    path: str
    title: str
    simulated: bool
    roles: dict[str, str]
    truth: dict[str, Any] | None

    def read(self) -> pd.DataFrame:
        """Rows of the file, or of all that the glob matches, in the order of their names."""
        paths = matching_files(self.path)
        if not paths:
            raise DataError.because(
                f"There is no file {Path(self.path).name}.",
                "Expected a csv or parquet file, or a glob that matches some.",
                "Correct the path.",
            )
        return pd.concat([_table_of(path) for path in paths], ignore_index=True)

    def table(self, name: str, *, file: str | None = None) -> pd.DataFrame | None:
        """A second table, such as the costs of sources; None where there is none.

        The user's own `file` where one is named, else the table of this name that lies beside the
        main one in a data set of the project.
        """
        return _second_table(Path(self.path), name, file)


def survey_source(data: str | None, *, codebook: str | None, default: str) -> SurveySource:
    """The user's own file where one is named, else a data set of the project.

    Parameters
    ----------
    data : str or None
        Path of a file of answers, or the name of a data set; None takes `default`.
    codebook : str or None
        Path of the codebook of that file; with the data set, its own codebook unless given.
    default : str
        Name of a data set, see `list_datasets`.

    Returns
    -------
    SurveySource
        path, codebook, title, simulated (false for a user's own file).

    Raises
    ------
    ParameterError
        A file without a codebook, an unknown data set, or one that holds no answers.
    CodebookError
        The codebook cannot be read.

    Examples
    --------
    >>> survey_source(None, codebook=None, default="steel_survey").simulated
    True
    """
    if data is None or data in folders():
        dataset = _of_kind("responses", data or default)
        book = dataset.codebook if codebook is None else Codebook.read(codebook)
        if book is None:
            raise ParameterError.because(
                f"data is {dataset.name}, and there is no codebook.",
                "Expected the codebook of the answers beside them.",
                "Pass codebook=<file>.yaml.",
            )
        return SurveySource(
            dataset.path(), book, dataset.card.title, dataset.card.kind == "simulated"
        )
    if codebook is None:
        raise ParameterError.because(
            f"data is {Path(data).name}, and there is no codebook.",
            "Expected the codebook of the file, which names its items and their scales.",
            f"Draft one by `custlib new {Path(data).name}`, correct it, and pass "
            "codebook=<file>.yaml; data/housing/codebook.yaml is a short one to imitate.",
        )
    book = Codebook.read(codebook)
    title = text_in(book.title, "en", Path(data).name)
    return SurveySource(Path(data), book, title, simulated=False)


def table_source(
    data: str | None, *, default: str, roles: Mapping[str, str | None] | None = None
) -> TableSource:
    """The user's own orders, customers, events and so on where named, else those of a data set.

    Parameters
    ----------
    data : str or None
        Path of a csv or parquet file, a glob of them, or the name of a data set; None takes
        `default`.
    default : str
        Name of a data set, see `list_datasets`; `data` must be of its kind.
    roles : dict of str, optional
        Column by role (customer, date, amount, event and so on); one that is None is not
        assigned. They win over those on the card of a data set.

    Returns
    -------
    TableSource
        path (as `segmentation.order_book` takes it), title, simulated (false for a user's own
        file), roles, truth (None unless simulated).

    Raises
    ------
    ParameterError
        An unknown data set, or one of another kind.

    Notes
    -----
    In a user's own file, what every card of this kind must name (of orders customer, date and
    amount) are the columns of these names unless `roles` says otherwise.

    Examples
    --------
    >>> source = table_source(None, default="cdnow", roles={"amount": "cds"})
    >>> source.simulated, source.roles
    (False, {'customer': 'id', 'date': 'date', 'amount': 'cds'})
    >>> source = table_source("firms_*.parquet", default="b2b_firms")
    >>> source.path, source.simulated, source.roles
    ('firms_*.parquet', False, {'customer': 'customer'})
    """
    kind, data = load(default).main, data or default
    given = {role: column for role, column in (roles or {}).items() if column is not None}
    own: dict[str, str] = {role: role for role in MAIN_TABLES[kind]}
    if data not in folders() and (Path(data).suffix or "*" in data):
        return TableSource(data, Path(data).name, False, own | given, None)
    dataset = _of_kind(kind, data)
    card = dataset.card
    return TableSource(
        path=str(dataset.path()),
        title=card.title,
        simulated=card.kind == "simulated",
        roles=own | {str(role): column for role, column in card.roles.items()} | given,
        truth=dataset.truth,
    )


def _second_table(path: Path, name: str, file: str | None) -> pd.DataFrame | None:
    """The file of the user's, else the table of that name beside one of a data set."""
    beside = path.parent / f"{name}.csv" if file is None else Path(file)
    if file is None and (path.parent not in folders().values() or not beside.exists()):
        return None
    if not beside.exists():
        raise DataError.because(
            f"There is no file {beside.name}.",
            f"Expected the table {name.replace('_', ' ')!r}, a csv.",
            "Correct the path, or leave it out.",
        )
    return _table_of(beside)


def _table_of(path: Path) -> pd.DataFrame:
    """One file; a csv in the encoding, delimiter and decimal mark that its text shows."""
    if path.suffix.lower() == ".parquet":
        return pd.read_parquet(path)
    text = decoded(path.read_bytes(), source=path.name)
    table = pd.read_csv(StringIO(text), sep=best_delimiter(text, ()))
    for name in table.select_dtypes("str"):
        table[name] = _numbers_or_text(table[name])
    return table


def _numbers_or_text(column: pd.Series) -> pd.Series:
    """Numbers where every text is one, such as 1 234,5; else the texts as they are."""
    texts = column.dropna()
    try:
        numbers, known = read_numbers(texts.tolist(), column=str(column.name))
    except DataError:
        # 1,234 alone may be either: whoever needs a number here says so, with the rows.
        return column
    if not len(texts) or not known.all():
        return column
    return pd.Series(numbers, index=texts.index).reindex(column.index)


def _of_kind(kind: str, name: str) -> Dataset:
    """The data set of that name, whose main table is of that kind."""
    dataset = load(name)
    if dataset.main != kind:
        raise ParameterError.because(
            f"{name} is a data set of {dataset.main}.",
            f"Expected a data set of {kind}.",
            "list_datasets() names them all; choose another, or pass a file of your own.",
        )
    return dataset
