"""A slider above what a drawing function makes of its value."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipywidgets import interactive


def slide(
    draw: Callable[[Any], Any],
    *,
    name: str,
    start: float,
    low: float,
    high: float,
    step: float,
    readout: str | None = None,
) -> "interactive":
    """A slider, and below it what is drawn at its value, anew each time it is let go.

    Parameters
    ----------
    draw : callable
        Takes the value and returns an Axes.
    name : str
        What stands before the slider.
    start, low, high, step : float
        Whole numbers where `start` is one.
    readout : str, optional
        Format of the value behind the slider.

    Returns
    -------
    interactive
        Its first child is the slider; `result` is the Axes drawn last.
    """
    from ipywidgets import FloatSlider, IntSlider, interactive

    kind, form = (IntSlider, "d") if isinstance(start, int) else (FloatSlider, ".2f")
    limits = {"min": low, "max": high, "step": step}
    looks = {"description": name, "readout_format": readout or form, "continuous_update": False}
    return interactive(lambda value: draw(value), value=kind(start, **limits, **looks))
