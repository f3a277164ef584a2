"""What a field offers while one types: data sets, files of a folder, columns of a file."""

import csv
from collections.abc import Collection
from functools import lru_cache
from io import StringIO
from itertools import islice
from pathlib import Path

from custlib.datasets import survey_source
from custlib.datasets.catalogue import MAIN_TABLES
from custlib.errors import DataError
from custlib.places import card_files, matching_files
from custlib.texts import headers
from custlib.texts.encoding import detected

MOST = 60
TEXTS = {".csv", ".tsv", ".txt"}
TABLES = TEXTS | {".parquet", ".xlsx", ".xlsm", ".sav", ".zsav"}
ENDINGS = {"codebook": {".yaml", ".yml"}, "data": TABLES}
# Bytes of a file within which its header is looked for.
TOP = 100_000


def path_suggestions(text: str, name: str, root: Path) -> list[str]:
    """Data sets, and what lies in the folder that the text has got to so far.

    Parameters
    ----------
    text : str
        What was typed; relative paths start at `root`.
    name : str
        Parameter: `data` and `codebook` are offered files of their own kind.
    root : Path

    Returns
    -------
    list of texts to enter; folders end in a slash.
    """
    begun = text[: text.rfind("/") + 1]
    try:
        inside = sorted((root / Path(begun).expanduser()).iterdir())
    except (OSError, RuntimeError, ValueError):
        inside = []
    endings = ENDINGS.get(name)
    folders = [f"{begun}{one.name}/" for one in inside if one.is_dir() and one.name[0] != "."]
    files = [
        f"{begun}{one.name}"
        for one in inside
        if one.is_file() and one.name[0] != "." and (not endings or one.suffix.lower() in endings)
    ]
    sets = [*card_files(root)] if name == "data" and not begun else []
    return [*sets, *files, *folders][:MOST]


def is_wide(pattern: str) -> bool:
    """Whether files of the pattern may lie in many folders, so that finding them takes long."""
    *folders, name = Path(pattern).parts or ("",)
    return name == "**" or any(set("*?[") & set(folder) for folder in folders)


def data_files(text: str, root: Path) -> list[Path]:
    """The file, or the main table of the data set, that data names; all files of a pattern."""
    if is_wide(text):
        return []
    card = card_files(root).get(text)
    mains = [card.with_name(f"{kind}.csv") for kind in MAIN_TABLES] if card else []
    return matching_files(text, root) or [path for path in mains if path.is_file()]


def column_names(path: Path, wanted: Collection[str] = ()) -> list[str]:
    """Cells in the header of a csv or parquet file; none where they cannot be told at a glance.

    The header is the row with most of the `wanted` names, as it is for whoever reads the file.
    """
    try:
        if path.suffix.lower() == ".parquet":
            from pyarrow.parquet import read_schema

            return [str(name) for name in read_schema(path).names]
        return _header(path, wanted) if path.suffix.lower() in TEXTS else []
    except (OSError, ValueError, csv.Error, DataError):
        return []


def all_names(path: Path, codebook: Path | None, wanted: Collection[str]) -> list[str]:
    """All names by which a study may be told a column; none where that is not certain.

    Parameters
    ----------
    path : Path
        The one file of data.
    codebook : Path or None
        Where there is one, its names stand for the columns that it reads.
    wanted : collection of str
        Names that were entered, as evidence of the header.

    Raises
    ------
    OSError, DataError
        The codebook cannot be read.
    """
    named = {} if codebook is None else _named(codebook, codebook.stat().st_mtime)
    read = {*named.values()}
    names = column_names(path, read or wanted)
    # Names that are absent or stand twice are given others when the file is read.
    if "" in names or len({*names}) < len(names) or not read <= {*names}:
        return []
    # Groups and the design come behind the items of a codebook.
    return [*reversed(named), *(name for name in names if name not in read)]


@lru_cache(maxsize=4)
def _named(codebook: Path, _saved: float) -> dict[str, str]:
    """Column of each variable by the name that the codebook gives it."""
    return survey_source(str(codebook), codebook=str(codebook), default="").codebook.columns


def _header(path: Path, wanted: Collection[str]) -> list[str]:
    """The cells of the header of a delimited text, by the evidence that reading it goes by."""
    with path.open("rb") as stream:
        top = stream.read(TOP)
    # The last line may have been cut within a letter.
    whole = top if len(top) < TOP else top[: top.rfind(b"\n") + 1]
    text = top.decode(detected(whole, source=path.name), "ignore").removeprefix("\ufeff")
    mark = headers.best_delimiter(text, wanted) if wanted else headers.likely_delimiter(text)
    lines = csv.reader(StringIO(text, newline=""), delimiter=mark)
    rows = list(islice(lines, headers.HEADER_WITHIN)) or [[]]
    return [headers.clean_name(cell) for cell in rows[headers.header_position(rows, wanted)]]
