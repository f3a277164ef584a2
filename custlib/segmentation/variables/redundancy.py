"""Which of two candidates that say the same is the one too many."""

from collections.abc import Mapping, Sequence

import numpy as np

from custlib.segmentation.variables.criteria import OTHERS, Pair, judged, keys
from custlib.segmentation.variables.limits import FAILS, PASSES, AuditLimits, at_most
from custlib.segmentation.variables.resamples import Drawn, interval
from custlib.segmentation.variables.shared_variation import inflation, share_repeated


def order_of_merit(
    variables: Sequence[str], rows: Sequence[dict], verdicts: Mapping[Pair, str]
) -> list[str]:
    """Candidates from the one to keep first: fewest criteria failed, most buying explained.

    Equal candidates stay in the order in which they were named.
    """
    explained: dict[str, list[float]] = {item: [] for item in variables}
    for row in rows:
        explained[row["item"]].append(row["estimate"])

    def merit(item: str) -> tuple[int, float]:
        failed = sum(verdict == FAILS for (one, _), verdict in verdicts.items() if one == item)
        shares = [share for share in explained[item] if not np.isnan(share)]
        return failed, -float(np.mean(shares)) if shares else 0.0

    return sorted(variables, key=merit)


def redundancy_rows(
    order: Sequence[str],
    pairs: Mapping[Pair, Drawn],
    matrices: tuple[Drawn, list[str]] | None,
    limits: AuditLimits,
    conf_level: float,
) -> list[dict]:
    """Shared variation of each pair, and inflation by what is kept ahead; the order decides.

    A candidate is held against those ahead of it that are kept, so that of two alike only the
    one behind fails.
    """
    kept: list[str] = []
    rows = []
    for item in order:
        own = []
        for term in order:
            if term != item:
                pair = pairs[(item, term) if (item, term) in pairs else (term, item)]
                row = keys(OTHERS, item, term) | pair.row(conf_level)
                row = judged(row, at_most, limits.redundancy)
                own.append(row if term in kept else _excused(row))
        if matrices is not None and item in matrices[1]:
            ahead = [one for one in matrices[1] if one in kept]
            own += [_inflation_row(item, ahead, matrices, limits, conf_level)] if ahead else []
        if all(row["verdict"] != FAILS for row in own):
            kept.append(item)
        rows += own
    return rows


def _excused(row: dict) -> dict:
    """Alike to a candidate that is behind or dropped: that one answers for it."""
    if row["verdict"] == PASSES or np.isnan(row["estimate"]):
        return row
    return row | {"verdict": PASSES, "note": f"alike, but {row['term']} is the one to drop"}


def _inflation_row(
    item: str,
    ahead: list[str],
    matrices: tuple[Drawn, list[str]],
    limits: AuditLimits,
    conf_level: float,
) -> dict:
    drawn, names = matrices
    row = keys(OTHERS, item, " + ".join(ahead)) | drawn.about(conf_level)
    row |= dict.fromkeys(["estimate", "ci_low", "ci_high"], np.nan)
    if not drawn.measure.note:
        at, places = names.index(item), [names.index(one) for one in ahead]
        share = float(share_repeated(drawn.estimate[None], at, places)[0])
        ends = interval(share, share_repeated(drawn.replicates, at, places), conf_level)
        row |= {name: inflation(ends[name]) for name in ("estimate", "ci_low", "ci_high")}
    return judged(row, at_most, limits.variance_inflation)
