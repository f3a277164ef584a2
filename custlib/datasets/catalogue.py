"""The data sets that come with the project: what there is, where, and whether it is intact."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from custlib.errors import DataError, ParameterError
from custlib.places import DATA_VARIABLE, card_files, data_folder, file_sha256
from custlib.survey.codebook.book import Codebook

# The table a data set is about, by what a row of it is, and the roles its card must assign.
MAIN_TABLES: dict[str, tuple[str, ...]] = {
    "responses": (),
    "orders": ("customer", "date", "amount"),
    "customers": ("customer",),
    "events": ("customer", "date", "event"),
    "leads": ("customer",),
    "contacts": ("segment", "contact"),
    "claims": ("claim",),
}
Role = Literal[
    "amount",
    "claim",
    "contact",
    "cost",
    "customer",
    "date",
    "duration",
    "event",
    "order",
    "profit",
    "quantity",
    "reason",
    "segment",
    "source",
    "stage",
]


class TableCard(BaseModel):
    """One table of a data set: what a row is, how many there are, what each column holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: str
    rows: int
    sha256: str
    columns: dict[str, str]


class Card(BaseModel):
    """What a reader must know before trusting a data set.

    `kind` says whether anybody was really asked. `roles` names the columns of the main table that
    hold the customer, the date, the amount and so on, where it holds no answers. `files` gives
    the checksums of what lies beside the tables, such as the truth of a simulation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    kind: Literal["simulated", "real"]
    why: str
    how: str
    source: str
    licence: str
    units: str
    seed: int | None = None
    tables: dict[str, TableCard]
    roles: dict[Role, str] = {}
    files: dict[str, str] = {}

    @property
    def main(self) -> str:
        """Name of the main table, the first of `MAIN_TABLES` that the card lists."""
        return next(name for name in MAIN_TABLES if f"{name}.csv" in self.tables)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set as it lies in its folder; answers still carry the codes of the field.

    `tables` has every table by name, `main` is the name of the one the data set is about, and
    `responses`, `orders` and `customers` are shorter for the tables of these names. To analyse
    answers, read them through the codebook, which turns codes into answers and reasons for their
    absence: `read_responses(dataset.path(), codebook=dataset.codebook)`.
    """

    name: str
    main: str
    tables: dict[str, pd.DataFrame]
    codebook: Codebook | None
    card: Card
    truth: dict[str, Any] | None
    folder: Path

    @property
    def responses(self) -> pd.DataFrame:
        """Answers, one row a respondent."""
        return self._table("responses")

    @property
    def orders(self) -> pd.DataFrame:
        """Orders, one row a purchase."""
        return self._table("orders")

    @property
    def customers(self) -> pd.DataFrame:
        """Customers, one row each."""
        return self._table("customers")

    def path(self, table: str | None = None) -> Path:
        """File of a table; of the main one unless another is named."""
        table = self.main if table is None else table
        self._table(table)
        return self.folder / f"{table}.csv"

    def _table(self, name: str) -> pd.DataFrame:
        if name not in self.tables:
            raise ParameterError.not_one_of(f"The table of {self.name}", name, self.tables)
        return self.tables[name]


def list_datasets() -> pd.DataFrame:
    """Data sets that come with the project, one row each.

    Returns
    -------
    DataFrame
        dataset (name to load), title, kind (simulated or real), tables (count), rows (count,
        of the main table).

    Raises
    ------
    DataError
        The data folder is absent, or a card cannot be read.

    Notes
    -----
    The folder is `data` beside the package; set the environment variable CUSTLIB_DATA to use
    another one of the same form.

    Examples
    --------
    >>> found = list_datasets().set_index("dataset")
    >>> found.loc["cdnow", "kind"], int(found.loc["cdnow", "rows"])
    ('real', 6919)
    """
    cards = {name: read_card(folder) for name, folder in folders().items()}
    rows = [
        {
            "dataset": name,
            "title": card.title,
            "kind": card.kind,
            "tables": len(card.tables),
            "rows": card.tables[f"{card.main}.csv"].rows,
        }
        for name, card in cards.items()
    ]
    return pd.DataFrame(rows, columns=["dataset", "title", "kind", "tables", "rows"])


def load(name: str) -> Dataset:
    """Data set by name: tables, codebook, card and, of a simulation, the planted truth.

    Parameters
    ----------
    name : str
        A name from `list_datasets`.

    Returns
    -------
    Dataset
        Frozen, with `name main tables codebook card truth folder` and the tables `responses`,
        `orders` or `customers`; `truth` is None where the data are real, `codebook` where there
        are no answers to decode. Tables are as stored: `path()` with `read_responses` decodes
        answers, with `segmentation.order_book` it opens orders.

    Raises
    ------
    ParameterError
        No data set of that name; the message names the nearest.
    DataError
        A file is absent or a card or codebook cannot be read.

    Examples
    --------
    >>> attitude = load("attitude")
    >>> attitude.responses.shape, attitude.card.kind, attitude.path().name
    ((30, 8), 'real', 'responses.csv')
    >>> load("cdnow").main, load("cdnow").card.roles["customer"]
    ('orders', 'id')
    """
    known = folders()
    if name not in known:
        raise ParameterError.not_one_of("name of the data set", name, known)
    folder = known[name]
    card = read_card(folder)
    tables = {Path(file).stem: pd.read_csv(present(folder / file)) for file in card.tables}
    truth, book = folder / "truth.json", folder / "codebook.yaml"
    # Answers mean nothing without their codebook; other tables may do without.
    coded = card.main == "responses" or book.exists()
    return Dataset(
        name=name,
        main=card.main,
        tables=tables,
        codebook=Codebook.read(present(book)) if coded else None,
        card=card,
        truth=json.loads(truth.read_text(encoding="utf-8")) if truth.exists() else None,
        folder=folder,
    )


def verify() -> pd.DataFrame:
    """Compare every stored table with the checksum on its card.

    Returns
    -------
    DataFrame, one row a file
        dataset, file, expected and found (sha256; "absent" where there is no file), ok.

    Raises
    ------
    DataError
        The data folder is absent, or a card cannot be read.

    Examples
    --------
    >>> bool(verify()["ok"].all())
    True
    """
    rows = []
    for name, folder in folders().items():
        card = read_card(folder)
        sums = {file: table.sha256 for file, table in card.tables.items()} | card.files
        for file, expected in sums.items():
            path = folder / file
            found = file_sha256(path) if path.exists() else "absent"
            row = {"dataset": name, "file": file, "expected": expected, "found": found}
            rows.append(row | {"ok": found == expected})
    return pd.DataFrame(rows, columns=["dataset", "file", "expected", "found", "ok"])


def folders() -> dict[str, Path]:
    """Folder of each data set by its name."""
    folder = data_folder()
    if not folder.is_dir():
        raise DataError.because(
            f"There is no data folder at {folder}.",
            "Expected a folder with one folder a data set.",
            f"Run from a clone of the project, or set {DATA_VARIABLE} to the folder's path.",
        )
    return {name: card.parent for name, card in card_files().items()}


def read_card(folder: Path) -> Card:
    """Card of a data set, checked."""
    try:
        card = Card.model_validate(yaml.safe_load((folder / "card.yaml").read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as problem:
        raise DataError.because(
            f"The card of {folder.name} cannot be read: {problem}",
            f"Expected the keys {', '.join(Card.model_fields)}.",
            "Correct card.yaml; the cards of the other data sets are models to copy.",
        ) from problem
    mains = [name for name in MAIN_TABLES if f"{name}.csv" in card.tables]
    if len(mains) != 1:
        raise DataError.because(
            f"The card of {folder.name} lists {', '.join(card.tables) or 'no tables'}.",
            f"Expected exactly one of {', '.join(f'{name}.csv' for name in MAIN_TABLES)}.",
            "Name the table with one row a respondent responses.csv, one row a purchase"
            " orders.csv, one row a customer customers.csv, and so on.",
        )
    columns = card.tables[f"{card.main}.csv"].columns
    strangers = [column for column in card.roles.values() if column not in columns]
    if strangers:
        raise DataError.because(
            f"The card of {folder.name} gives a role to {', '.join(strangers)}.",
            f"Expected columns of {card.main}.csv: {', '.join(columns)}.",
            f"Correct roles in card.yaml; they are {', '.join(get_args(Role))}.",
        )
    return card


def present(path: Path) -> Path:
    """The path, once it is known to exist."""
    if not path.exists():
        raise DataError.because(
            f"{path.name} is absent from the data set {path.parent.name!r}.",
            "Expected every file that its card lists, and codebook.yaml beside answers.",
            "Restore the file from the project's repository; verify() lists all that are gone.",
        )
    return path
