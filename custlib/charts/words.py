"""Words and number marks of a figure in the language of its report, handed in with the style."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter


class Words(Protocol):
    """What `report.words.catalogue` gives; charts know no more than its form."""

    def __call__(self, text: str, **values: Any) -> str: ...
    def marked(self, text: str) -> str: ...


_SPOKEN: ContextVar[Words | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(words: Words | None) -> Iterator[None]:
    """Figures made inside the `with` speak these words; English where there are none."""
    token = _SPOKEN.set(words)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def say(text: str, **values: Any) -> str:
    """The text in the language of the figure, with values in the places it names."""
    words = _SPOKEN.get()
    if words is not None:
        return words(text, **values)
    return text.format(**values) if values else text


def marked(text: str) -> str:
    """A number written the English way, with the marks of the language of the figure."""
    words = _SPOKEN.get()
    return text if words is None else words.marked(text)


def mark_axes(figure: Figure) -> None:
    """Numbers along the axes take the marks of the language, where it has marks of its own."""
    if marked("0.5") == "0.5":
        return
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            if type(axis.get_major_formatter()) is ScalarFormatter:
                axis.set_major_formatter(_MarkedFormatter())


class _MarkedFormatter(ScalarFormatter):
    """Keeps the marks of its figure, which is drawn when the `with` may be over."""

    def __init__(self) -> None:
        super().__init__()
        self.words = _SPOKEN.get()

    def __call__(self, value: float, place: int | None = None) -> str:
        text = super().__call__(value, place)
        return text if self.words is None else self.words.marked(text)
