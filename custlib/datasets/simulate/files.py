"""Files of a simulated data set: the same bytes from the same seed, on every system."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd


def write_files(
    folder: str | Path, *, tables: Mapping[str, pd.DataFrame], truth: Mapping[str, Any]
) -> None:
    """Write each table as <name>.csv and the truth as truth.json into a folder."""
    for name, table in tables.items():
        table.to_csv(Path(folder) / f"{name}.csv", index=False, lineterminator="\n")
    text = json.dumps(truth, indent=1, ensure_ascii=False) + "\n"
    (Path(folder) / "truth.json").write_text(text, encoding="utf-8", newline="\n")
