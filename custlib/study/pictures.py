"""A chart as bytes: dots for the screen, lines and letters for print; equal charts, equal bytes."""

import io
import os
import sys
from contextlib import nullcontext
from typing import Any

DPI = 150
VECTOR_MIME = "image/svg+xml"
# Set where a study is run, and nowhere else: a notebook that is saved by hand holds no vectors.
VECTORS = "CUSTLIB_VECTORS"
# A cloud of thousands of points takes seconds to print as lines, and less room as dots.
LARGEST_VECTOR = 600_000
# Identifiers without chance, and letters as outlines, so that no font is needed to see them.
LINES = {"svg.hashsalt": "custlib", "svg.fonttype": "path"}


def picture_of(figure: Any) -> bytes:
    """The figure as PNG, without the name of the software that drew it."""
    return _saved(figure, format="png", metadata={"Software": None})


def vector_of(figure: Any) -> str | None:
    """The figure as SVG; None where nobody asked for it, and where it would be too large."""
    if not os.environ.get(VECTORS):
        return None
    # Only charts may import a plotting library; where it is not loaded nothing can be set.
    library = sys.modules.get("matplotlib")
    with library.rc_context(LINES) if library else nullcontext():
        drawn = _saved(figure, format="svg", metadata={"Date": None, "Creator": None})
    return drawn.decode("utf-8") if len(drawn) <= LARGEST_VECTOR else None


def _saved(figure: Any, **how: Any) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, dpi=DPI, bbox_inches="tight", **how)
    return stream.getvalue()
