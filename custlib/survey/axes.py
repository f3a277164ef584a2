"""Importance and performance, and the lines they are held against, from moments of answers."""

from dataclasses import dataclass

import numpy as np

from custlib.survey.drivers.answers import contradictory
from custlib.survey.drivers.decompositions import contributions
from custlib.survey.moments import CrossProducts, Moments

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Axes:
    """How both axes and their lines follow from moments of the answers."""

    method: str | None  # of derived importance; None where it is stated
    pairwise: bool
    crosshair: str
    middle: tuple[float, float]

    def places(self, moments: Moments, count: int) -> Array:
        """Importance and performance, shape (…, 2, items)."""
        importance = moments.mean[..., count:]
        if self.method is not None:
            parts = contributions(moments.correlation, method=self.method)
            importance = parts / parts.sum(axis=-1, keepdims=True)
            if self.pairwise:
                importance[contradictory(moments.correlation)] = np.nan
        return np.stack([importance, moments.mean[..., :count]], axis=-2)

    def lines(self, places: Array) -> Array:
        """Where the crosshair stands on both axes, shape (…, 2)."""
        if self.crosshair == "midpoint":
            return np.broadcast_to(np.array(self.middle), places.shape[:-1])
        return (np.mean if self.crosshair == "mean" else np.median)(places, axis=-1)

    def why_thin(self, products: CrossProducts, count: int) -> str:
        """Why the answers do not tell how important the items are; nothing where they do."""
        if count == 0:
            return "no answers"
        if self.method is None:
            return ""
        if products.n.min() <= count + 1:
            return "too few answers to derive importance"
        correlation = products.moments().correlation
        if np.isnan(correlation).any():
            return "an item or the outcome does not vary"
        return "pairwise correlations contradict" if contradictory(correlation) else ""
