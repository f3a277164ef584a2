"""How often the customer with the higher hazard left first."""

import numpy as np

from custlib.loyalty.retention.durations import Spells

Array = np.ndarray


def concordant_share(line: Array, spells: Spells, strata: Array) -> tuple[float, int]:
    """Share of comparable pairs in the right order, a tie of the hazards half; and their number.

    A customer who left is compared with all of the stratum who were being watched then and left
    later, or were still there at that time (Harrell). Two who left together are no pair.
    """
    right = pairs = 0.0
    for code in np.unique(strata):
        inside = strata == code
        part, values = spells.only(inside), line[inside]
        # Equal sums of products may differ in their last digits, as in R's coxph.
        ranks = np.unique(np.round(values, 12), return_inverse=True)[1]
        left = np.flatnonzero(part.event)
        # An event comes before a censoring at the same time.
        later = np.lexsort((part.event, -part.time))
        ahead = np.searchsorted(-part.time[later], -part.time[left], side="left") + _still_there(
            part, left
        )
        found = _below(ranks[later], ahead, ranks[left])
        pairs += float(ahead.sum())
        if part.entry is not None:
            unseen = np.argsort(-part.entry, kind="stable")
            absent = np.searchsorted(-part.entry[unseen], -part.time[left], side="right")
            found -= _below(ranks[unseen], absent, ranks[left])
            pairs -= float(absent.sum())
        right += float(found.sum())
    return (right / pairs if pairs else np.nan), round(pairs)


def _still_there(part: Spells, left: Array) -> Array:
    """Customers last seen, not having left, at the very time of each who left."""
    times = np.sort(part.time[~part.event])
    upto = np.searchsorted(times, part.time[left], side="right")
    return upto - np.searchsorted(times, part.time[left], side="left")


def _below(ranks: Array, count: Array, rank: Array) -> Array:
    """Of the first `count` ranks those below `rank`, those equal half: a wavelet matrix.

    Each bit of the ranks splits the sequence in two, all queries at once: time grows as rows
    times bits, where pairs grow as the square of the rows.
    """
    result = np.zeros(len(rank))
    bits = max(int(ranks.max(initial=0)).bit_length(), 1)
    low, high = np.zeros(len(rank), int), count.astype(int)
    for bit in reversed(range(bits)):
        ones = (ranks >> bit) & 1
        zeros_so_far = np.concatenate([[0], np.cumsum(1 - ones)])
        zeros = zeros_so_far[-1]
        to_low, to_high = zeros_so_far[low], zeros_so_far[high]
        one = (rank >> bit) & 1 == 1
        result += np.where(one, to_high - to_low, 0)
        low = np.where(one, zeros + low - to_low, to_low)
        high = np.where(one, zeros + high - to_high, to_high)
        ranks = np.concatenate([ranks[ones == 0], ranks[ones == 1]])
    return result + (high - low) / 2
