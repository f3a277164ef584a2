"""Where the project and its data lie, and which files a name means: for every floor above."""

import glob
import hashlib
import os
import uuid
from pathlib import Path

import custlib

CHECKOUT = Path(custlib.__file__).resolve().parents[1]
DATA_VARIABLE = "CUSTLIB_DATA"


def data_folder(root: Path = CHECKOUT) -> Path:
    """Folder that holds a folder for each data set: the project's, or where the variable points."""
    return Path(os.environ.get(DATA_VARIABLE) or root / "data")


def card_files(root: Path = CHECKOUT) -> dict[str, Path]:
    """Card of each data set by its name: a data set is a folder with a card."""
    return {card.parent.name: card for card in sorted(data_folder(root).glob("*/card.yaml"))}


def placed(path: str | Path) -> Path:
    """The path; where nothing is there from the working folder, the same from the project's root.

    Paths that a study's cell sets begin at the root, and JupyterLab works in the notebook's folder.
    """
    path, inside = Path(path), CHECKOUT / path
    return inside if inside.exists() and not path.exists() else path


def file_sha256(path: Path) -> str:
    """Hash of the file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def matching_files(pattern: str, base: Path = Path()) -> list[Path]:
    """The file of that name, or every file the glob matches from `base`, in order of their paths.

    Whoever hashes files and whoever reads them ask here, so that both mean the same files.
    """
    name = str(Path(pattern).expanduser())
    if (base / name).is_file():
        return [base / name]
    # Absolute patterns are none of pathlib's.
    found = glob.glob(name, root_dir=base, recursive=True)  # noqa: PTH207
    return sorted(path for one in found if (path := base / one).is_file())


def put_file(path: Path, content: bytes) -> None:
    """Write the file in one step: a reader sees the former bytes or these, never a half."""
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
