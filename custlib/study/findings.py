"""What a study leaves behind: findings, tables and figures, carried in the notebook's outputs."""

import base64
import hashlib
import itertools
import re
import sys
from collections.abc import Mapping
from typing import Any

from custlib.errors import ParameterError
from custlib.study.exact import cell_of, plain
from custlib.study.manifest import FIGURE, FINDING, TABLE, is_number
from custlib.study.pictures import VECTOR_MIME, picture_of, vector_of

NOT_COMPUTED = "not computed"


def find(
    key: str,
    value: Any,
    *,
    low: float | None = None,
    high: float | None = None,
    n: int | None = None,
    unit: str | None = None,
    verdict: str | None = None,
    sentence: str,
    rtol: float = 1e-9,
    atol: float = 0.0,
) -> None:
    """Record one finding of the study, with its interval and the sentence that says it.

    Parameters
    ----------
    key : str
        Name of the finding, once in a study: letters, digits, `_` and `-`.
    value : number, str, bool, None, or a list of them
        Full precision; numpy and pandas scalars become the exact Python value.
    low, high : float, optional
        Ends of the interval, in the unit of the value.
    n : int, optional
        Answers the value rests on.
    unit : str, optional
        Unit of the value; a "share" is shown in per cent, and "p" is that of a p value.
    verdict : str, optional
        What a rule made of the value.
    sentence : str
        The finding in words, rendered from the values.
    rtol, atol : float, default 1e-9 and 0
        How far a second computation may lie off; an optimizer's finding declares its own.

    Raises
    ------
    ParameterError
        Unusable key, empty sentence, infinite number, interval without the value in it.

    Notes
    -----
    A missing number (NaN, NA) is kept as null and its verdict becomes "not computed", whatever
    was passed: a rule applied to NaN says nothing. Outside a notebook nothing is shown.

    Examples
    --------
    >>> find("gap", -0.4, low=-0.1, high=0.2, sentence="End users are less satisfied.")
    Traceback (most recent call last):
        ...
    custlib.errors.ParameterError: The interval of finding 'gap' is -0.1 to 0.2, its value -0.4.
    Expected low <= value <= high.
    Pass the ends of the value's own interval, or leave them out.
    """
    _require_key(key)
    _require_text(f"sentence of finding {key!r}", sentence)
    value, low, high = plain(key, value), plain(key, low), plain(key, high)
    _require_interval(key, value, low, high)
    computed = value is not None and not (isinstance(value, list) and None in value)
    content = {
        "key": key,
        "sentence": sentence.strip(),
        "value": value,
        "low": low,
        "high": high,
        "n": _count(key, n),
        "unit": unit,
        "verdict": verdict if computed else NOT_COMPUTED,
        "rtol": _tolerance(key, rtol),
        "atol": _tolerance(key, atol),
    }
    _publish({FINDING: content, "text/plain": content["sentence"]})


def table(key: str, results: Any, *, labels: Mapping | None = None) -> Any:
    """Record a table of results in full precision, and give it back to be shown.

    Parameters
    ----------
    key : str
        Name of the table, once in a study; its file in the report is named by it.
    results : DataFrame
        Columns with names of their own; an index that is more than a row number is kept as
        leading columns.
    labels : mapping, optional
        What names in the table mean, for where the report shows the recorded table itself; the
        data keep the names.

    Returns
    -------
    DataFrame
        The results unchanged, so that the cell can end in `tables.show(study.table(key, results))`.

    Raises
    ------
    ParameterError
        Unusable key, not a table, or a column name that occurs twice.

    Notes
    -----
    Values are kept by column order and dtype; missing ones as null, infinite ones as text.

    Examples
    --------
    >>> import pandas as pd
    >>> table("means", pd.DataFrame({"item": ["price"], "estimate": [3.25]}))
        item  estimate
    0  price      3.25
    """
    _require_key(key)
    columns = getattr(results, "columns", None)
    if columns is None or not columns.is_unique:
        raise ParameterError.because(
            f"Table {key!r} is a {type(results).__name__}"
            + ("." if columns is None else " with a column name that occurs twice."),
            "Expected a DataFrame whose columns have names of their own.",
            "Pass the table that an estimator returned.",
        )
    rows = results if _counts_rows(results.index) else results.reset_index()
    content: dict[str, Any] = {
        "key": key,
        "columns": [str(name) for name in rows.columns],
        "dtypes": [str(dtype) for dtype in rows.dtypes],
        "data": [list(map(cell_of, row)) for row in zip(*_columns(rows), strict=True)],
    }
    if labels:
        content["labels"] = _labels_of(content, labels)
    size = {"row": len(rows), "column": len(content["columns"])}
    told = ", ".join(f"{many} {word}{'s' * (many != 1)}" for word, many in size.items())
    _publish({TABLE: content, "text/plain": f"Table {key}: {told}."})
    return results


def figure(key: str, axes: Any, *, alt: str) -> None:
    """Record the figure of these axes as a picture, with the words that stand for it.

    Parameters
    ----------
    key : str
        Name of the figure, once in a study; its file in the report is named by it.
    axes : Axes, array of Axes, or Figure
        What a `plot_*` function returned.
    alt : str
        What the figure shows, for those who cannot see it.

    Raises
    ------
    ParameterError
        Unusable key, empty alt text, or axes that belong to no figure.

    Notes
    -----
    A PNG at 150 dots an inch without a name of the software, so that equal figures have equal
    bytes. Where `custlib run` runs the study, the figure is recorded as SVG too; the notebook of
    the report is kept without it. The figure is closed, so that it is not shown twice.

    Examples
    --------
    >>> figure("gaps", None, alt="Gaps by role")
    Traceback (most recent call last):
        ...
    custlib.errors.ParameterError: Figure 'gaps' is a NoneType.
    Expected the Axes that a plot function returned.
    Pass them as they are: study.figure(key, axes, alt=...).
    """
    _require_key(key)
    _require_text(f"alt text of figure {key!r}", alt)
    first = axes.flat[0] if hasattr(axes, "flat") else axes
    drawn = first.get_figure(root=True) if hasattr(first, "get_figure") else None
    if drawn is None:
        raise ParameterError.because(
            f"Figure {key!r} is a {type(axes).__name__}.",
            "Expected the Axes that a plot function returned.",
            "Pass them as they are: study.figure(key, axes, alt=...).",
        )
    picture, vector = picture_of(drawn), vector_of(drawn)
    # Only charts may import a plotting library; where pyplot is not loaded nothing is to close.
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(drawn)
    content = {"key": key, "alt": alt.strip(), "sha256": hashlib.sha256(picture).hexdigest()}
    shown = base64.b64encode(picture).decode("ascii")
    lines = {VECTOR_MIME: vector} if vector else {}
    _publish({FIGURE: content, "image/png": shown, **lines, "text/plain": content["alt"]})


def _labels_of(content: dict[str, Any], labels: Mapping) -> dict[str, str]:
    """Labels of the names that the table has, groups that are compared among them."""
    cells = {cell for row in content["data"] for cell in row if isinstance(cell, str)}
    parts = {part for cell in cells for part in cell.split(" - ")}
    return {name: str(labels[name]) for name in sorted({*content["columns"], *parts} & {*labels})}


def _publish(data: dict[str, Any]) -> None:
    """Send one output to the notebook; without a notebook there is nobody to send it to."""
    if ipython := sys.modules.get("IPython"):
        shell = ipython.get_ipython()
        if shell is not None:
            shell.display_pub.publish(data)


def key_of(*words: object) -> str:
    """Key of a finding made of words, such as the name of a group: `median_very_large`.

    Examples
    --------
    >>> key_of("median", "1–9 staff")
    'median_1_9_staff'
    """
    return re.sub(r"[^\w-]+", "_", "_".join(map(str, words))).strip("_-")[:80]


def _require_key(key: object) -> None:
    if not isinstance(key, str) or not re.fullmatch(r"[^\W_][\w-]{0,79}", key):
        raise ParameterError.because(
            f"The key is {key!r}.",
            "Expected up to 80 letters, digits, `_` and `-`, a letter or digit first.",
            "Use a short name of the quantity, such as 'gap_overall'.",
        )


def _require_text(name: str, text: object) -> None:
    if not isinstance(text, str) or not text.strip():
        raise ParameterError.because(
            f"The {name} is {text!r}.",
            "Expected words.",
            "Say what a reader should take from it.",
        )


def _require_interval(key: str, value: Any, low: Any, high: Any) -> None:
    """The value lies in its interval; a hair's breadth outside is rounding."""
    numbers = [one for one in (low, value, high) if is_number(one)]
    slack = 1e-9 * max(map(abs, numbers), default=0.0)
    if any(after < before - slack for before, after in itertools.pairwise(numbers)):
        raise ParameterError.because(
            f"The interval of finding {key!r} is {low!r} to {high!r}, its value {value!r}.",
            "Expected low <= value <= high.",
            "Pass the ends of the value's own interval, or leave them out.",
        )


def _count(key: str, n: Any) -> int | None:
    n = plain(key, n)
    if n is None or (is_number(n) and n >= 0 and n == int(n)):
        return None if n is None else int(n)
    raise ParameterError.because(
        f"n of finding {key!r} is {n!r}.",
        "Expected a whole number of answers.",
        "Pass the count of answers the value rests on, or leave it out.",
    )


def _tolerance(key: str, tolerance: Any) -> float:
    tolerance = plain(key, tolerance)
    if is_number(tolerance) and tolerance >= 0:
        return float(tolerance)
    raise ParameterError.because(
        f"A tolerance of finding {key!r} is {tolerance!r}.",
        "Expected a number not below 0.",
        "Leave it out unless an optimizer computed the value.",
    )


def _counts_rows(index: Any) -> bool:
    """Whether the index says nothing but the number of the row."""
    return index.name is None and index.nlevels == 1 and list(index) == list(range(len(index)))


def _columns(rows: Any) -> list[list[Any]]:
    return [rows.iloc[:, at].tolist() for at in range(rows.shape[1])]
