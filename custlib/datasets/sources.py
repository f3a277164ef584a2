"""Where a study's data come from: a data set of the project, or a user's own file."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from custlib.datasets.catalogue import Dataset, folders, load
from custlib.errors import DataError, ParameterError
from custlib.places import matching_files
from custlib.survey.codebook.book import Codebook
from custlib.survey.codebook.parts import text_in
from custlib.texts.encoding import decoded
from custlib.texts.headers import best_delimiter

# A role that nobody assigns belongs to the column of its own name.
OWN_ROLES = {
    "orders": ("customer", "date", "amount"),
    "customers": ("customer",),
}


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
        path = self.path.parent / f"{name}.csv" if file is None else Path(file)
        if file is None and (self.path.parent not in folders().values() or not path.exists()):
            return None
        if not path.exists():
            raise DataError.because(
                f"There is no file {path.name}.",
                f"Expected the table {name.replace('_', ' ')!r}, a csv.",
                "Correct the path, or leave it out.",
            )
        return pd.read_csv(path)


@dataclass(frozen=True, slots=True)
class TableSource:
    """A file of orders or of customers, and what a reader must be told of it.

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
            "Pass codebook=<file>.yaml; data/housing/codebook.yaml is a short one to imitate.",
        )
    book = Codebook.read(codebook)
    title = text_in(book.title, "en", Path(data).name)
    return SurveySource(Path(data), book, title, simulated=False)


def order_source(
    data: str | None, *, default: str, roles: Mapping[str, str | None] | None = None
) -> TableSource:
    """The user's own order book where one is named, else a data set of the project.

    Parameters
    ----------
    data : str or None
        Path of a csv or parquet file, a glob of them, or the name of a data set; None takes
        `default`.
    default : str
        Name of a data set, see `list_datasets`.
    roles : dict of str, optional
        Column by role (customer, date, amount, order, quantity, profit); one that is None is not
        assigned. They win over those on the card of a data set.

    Returns
    -------
    TableSource
        path (as `segmentation.order_book` takes it), title, simulated (false for a user's own
        file), roles, truth (None unless simulated).

    Raises
    ------
    ParameterError
        An unknown data set, or one that holds no orders.

    Notes
    -----
    In a user's own file customer, date and amount are the columns of these names unless `roles`
    says otherwise.

    Examples
    --------
    >>> source = order_source(None, default="cdnow", roles={"amount": "cds"})
    >>> source.simulated, source.roles
    (False, {'customer': 'id', 'date': 'date', 'amount': 'cds'})
    """
    given = {role: column for role, column in (roles or {}).items() if column is not None}
    return _table_source("orders", data or default, given)


def customer_source(data: str | None, *, default: str) -> TableSource:
    """The user's own table of customers where one is named, else a data set of the project.

    Parameters
    ----------
    data : str or None
        Path of a csv or parquet file with one row a customer, a glob of them, or the name of a
        data set; None takes `default`.
    default : str
        Name of a data set, see `list_datasets`.

    Returns
    -------
    TableSource
        path, title, simulated (false for a user's own file), roles, truth (None unless
        simulated).

    Raises
    ------
    ParameterError
        An unknown data set, or one that holds no table of customers.

    Examples
    --------
    >>> source = customer_source("firms_*.parquet", default="b2b_firms")
    >>> source.path, source.simulated, source.roles
    ('firms_*.parquet', False, {'customer': 'customer'})
    """
    return _table_source("customers", data or default, {})


def _table_source(kind: str, data: str, given: Mapping[str, str]) -> TableSource:
    """The data set of that name, else the file or files of that path."""
    roles: dict[str, str] = {role: role for role in OWN_ROLES[kind]}
    if data not in folders() and (Path(data).suffix or "*" in data):
        return TableSource(data, Path(data).name, False, roles | dict(given), None)
    dataset = _of_kind(kind, data)
    card = dataset.card
    return TableSource(
        path=str(dataset.path()),
        title=card.title,
        simulated=card.kind == "simulated",
        roles=roles | {str(role): column for role, column in card.roles.items()} | dict(given),
        truth=dataset.truth,
    )


def _table_of(path: Path) -> pd.DataFrame:
    """One file; a csv in the encoding and with the delimiter that its text shows."""
    if path.suffix.lower() == ".parquet":
        return pd.read_parquet(path)
    text = decoded(path.read_bytes(), source=path.name)
    return pd.read_csv(StringIO(text), sep=best_delimiter(text, ()))


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
