"""What a field offers while one types: data sets, files of a folder, columns of a file."""

import csv
from io import StringIO
from itertools import islice
from pathlib import Path

from custlib.errors import DataError
from custlib.places import card_files
from custlib.texts.encoding import detected
from custlib.texts.headers import HEADER_WITHIN, clean_name, header_position, likely_delimiter

MOST = 60
TEXTS = {".csv", ".tsv", ".txt"}
TABLES = TEXTS | {".parquet", ".xlsx", ".sav", ".zsav"}
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


def column_names(path: Path) -> list[str]:
    """Names in the header of a csv or parquet file; none where they cannot be told at a glance."""
    try:
        if path.suffix.lower() == ".parquet":
            from pyarrow.parquet import read_schema

            return [str(name) for name in read_schema(path).names]
        return _header(path) if path.suffix.lower() in TEXTS else []
    except (OSError, ValueError, csv.Error, DataError):
        return []


def _header(path: Path) -> list[str]:
    """The names in a delimited text, by the evidence that reading it goes by."""
    with path.open("rb") as stream:
        top = stream.read(TOP)
    # The last line may have been cut within a letter.
    whole = top if len(top) < TOP else top[: top.rfind(b"\n") + 1]
    text = top.decode(detected(whole, source=path.name), "ignore").removeprefix("\ufeff")
    lines = csv.reader(StringIO(text, newline=""), delimiter=likely_delimiter(text))
    rows = list(islice(lines, HEADER_WITHIN))
    header = rows[header_position(rows, ())] if rows else []
    return [name for cell in header if (name := clean_name(cell))]
