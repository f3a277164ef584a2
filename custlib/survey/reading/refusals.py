"""Why a file's columns or cells cannot be used, said so that a person finds them in the file."""

import numpy as np

from custlib.errors import DataError, nearest
from custlib.survey.codebook.book import Codebook
from custlib.survey.reading.answer_codes import Key
from custlib.survey.reading.file_formats import RawResponses

Unread = list[tuple[str, Key, np.ndarray]]


def columns_lacking(absent: list[str], present: list[str], source: str) -> DataError:
    """The error for columns the codebook names and the file lacks, each with the nearest there."""
    hints = {name: nearest(name, present) for name in absent}
    named = [f"{name} (nearest: {hint!r})" if hint else name for name, hint in hints.items()]
    shown = ", ".join(present[:40]) + (f" and {len(present) - 40} more" if present[40:] else "")
    return DataError.because(
        f"{source} lacks {len(absent)} of the codebook's columns: {', '.join(named)}.",
        f"The file has: {shown}.",
        "Rename the column, or name it in the codebook with 'column:'; take out of the codebook"
        " what was not asked.",
    )


def not_understood(unread: Unread, raw: RawResponses, codebook: Codebook) -> DataError:
    """The error for cells that are no code, label or missing code of the codebook."""
    name, key, rows = unread[0]
    cells = raw.table[codebook.columns[name]]
    extra = extra_header_rows(unread, codebook, raw)
    if extra:
        listed = ", ".join(str(raw.rows[at]) for at in extra)
        return DataError.because(
            f"{raw.source}: it looks as if row {listed} were a further header; {name!r} holds"
            f" {str(cells.iloc[extra[0]])[:60]!r} there.",
            "Expected one header row, and answers in every row below it.",
            f"Delete row {listed} (survey tools write question texts there) and read again.",
        )
    first = rows[:5]
    shown = [f"row {raw.rows[at]}: {key.shown(cells.iloc[at])}" for at in first]
    others = "".join(f", {len(more)} in {other!r}" for other, _, more in unread[1:20])
    is_item = name in codebook.items
    what = "off the scale" if is_item else "that the codebook does not have"
    count = f"{len(rows)} answer{'s' if len(rows) != 1 else ''}"
    return DataError.because(
        f"{raw.source}: {count} in {name!r} {what}; first: {', '.join(shown)}"
        + (f"; also {others[2:]}." if others else "."),
        f"Expected {expected(codebook, name)}, or a declared missing code.",
        key.remedy([cells.iloc[at] for at in first]),
    )


def expected(codebook: Codebook, name: str) -> str:
    """What the answers to an item or a group may be."""
    if name in codebook.groups:
        return "one of " + ", ".join(codebook.groups[name].values)
    scale = codebook.scale_of(name)
    labelled = " or their labels" if scale.labels else ""
    return f"whole numbers from {scale.low} to {scale.high}{labelled}"


def extra_header_rows(unread: Unread, codebook: Codebook, raw: RawResponses) -> list[int]:
    """Positions of rows at the very top in which most items hold words, above rows that are read.

    Cells that begin with a digit are faulty answers rather than question texts.
    """
    items = [(name, set(map(int, rows))) for name, _, rows in unread if name in codebook.items]
    at_top = sorted(set().union(*(rows for _, rows in items)))
    if not items or len(at_top) > 3 or at_top != list(range(len(at_top))):
        return []
    for at in at_top:
        cells = [raw.table[codebook.columns[name]].iloc[at] for name, rows in items if at in rows]
        words = [cell for cell in cells if isinstance(cell, str) and not cell.strip()[:1].isdigit()]
        if 2 * len(words) < len(codebook.items):
            return []
    return at_top if len(at_top) < len(raw.table) else []
