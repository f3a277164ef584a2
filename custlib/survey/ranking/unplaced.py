"""Places of what a partial ranking leaves out: behind, and not among those who gave a place."""

from collections.abc import Sequence

import numpy as np

Array = np.ndarray


def share_places_left(
    rankings: Sequence[Array], *, scale: tuple[float, float]
) -> tuple[list[Array], Array]:
    """Give items without a place the mean of the places their row left over.

    Parameters
    ----------
    rankings : list of arrays, one an item
        Places of its column, NaN where none was given.
    scale : (first place, last place)
        Where more items have places, the last place is their number.

    Returns
    -------
    tuple of a list of arrays, as `rankings`, and an array of bool, shape (rows, items)
        The places, and which of them were given here. Rows without any place stay missing, and
        so does an item that nobody placed.

    Examples
    --------
    One ranks the first two of three, another all.

    >>> ranked = [np.array(places) for places in ([1.0, 3.0], [2.0, 1.0], [np.nan, 2.0])]
    >>> share_places_left(ranked, scale=(1, 3))[0][2].tolist()
    [3.0, 2.0]
    """
    places = np.column_stack(rankings)
    placed = ~np.isnan(places)
    ever, given = placed.any(axis=0), placed.sum(axis=1)
    shared = ~placed & ever & (given > 0)[:, None]
    first, last = scale[0], max(scale[1], scale[0] + ever.sum() - 1)
    count = last - first + 1
    left = count * (first + last) / 2 - np.nansum(places, axis=1)
    # Without ties this is within the places; where somebody gave one place twice it may not be.
    mean = np.clip(left / np.maximum(count - given, 1), first, last)
    return list(np.where(shared, mean[:, None], places).T), shared
