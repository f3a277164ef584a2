"""The same score and change by other intervals and other cut points: what hangs on a convention."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from custlib.checks import require_conf_level, require_one_of
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.loyalty.recommendation.changes import METHODS as CHANGES
from custlib.loyalty.recommendation.changes import net_promoter_change
from custlib.loyalty.recommendation.scales import cut_points
from custlib.loyalty.recommendation.scores import METHODS, net_promoter_score


def net_promoter_views(
    responses: pd.DataFrame,
    *,
    item: str,
    n_boot: int,
    seed: int,
    scale: tuple[float, float] = (0, 10),
    promoters_from: int | None = None,
    detractors_to: int | None = None,
    by: str | None = None,
    pair: tuple[Hashable, Hashable] | None = None,
    wave: Hashable | None = None,
    design: SurveyDesign | None = None,
    min_base: int = 2,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Score and change in points, by each interval, then with each cut point moved by one answer.

    Parameters
    ----------
    responses, item, scale, promoters_from, detractors_to, by, design, min_base, conf_level
        As in `net_promoter_score`.
    n_boot, seed : int
        Of the bootstrap.
    pair : (before, after), optional
        Groups whose difference is looked at; without it there are scores alone.
    wave : optional
        The group whose score is looked at; the later of the pair unless named.

    Returns
    -------
    DataFrame, a row a view and quantity
        measure (net_promoter_score, net_promoter_change), estimate, std_error, ci_low, ci_high,
        conf_level, p_value, n, verdict (of the change alone), method, note. The first rows have
        the cut points as chosen, the later ones the adjusted Wald.

    Raises
    ------
    DataError, ParameterError
        As `net_promoter_score` and `net_promoter_change`; by with neither pair nor wave, or one of
        these without by; or a wave that is none.

    Notes
    -----
    Assumes: as `net_promoter_score`; which interval and which cut points count was settled
    beforehand.

    Not for: choosing the view that shows most, or a range of the score: the views share their
    answers, and moved cut points measure something else. What silent customers would say is in none
    (`net_promoter_bounds`).

    Examples
    --------
    >>> answers = pd.DataFrame({"recommend": [10, 9, 8, 7, 6, 6, 3, 9]})
    >>> views = net_promoter_views(answers, item="recommend", n_boot=99, seed=1)
    >>> views["estimate"].tolist()
    [0.0, 0.0, 0.0, 0.0, 12.5, -25.0, 25.0, -12.5]
    """
    require_conf_level(conf_level)
    cuts = cut_points(scale, promoters_from, detractors_to)
    chosen = wave if wave is not None or pair is None else pair[1]
    if (by is None) != (chosen is None):
        given = "neither pair nor wave is given" if chosen is None else f"the wave is {chosen!r}"
        raise ParameterError.because(
            f"by is {by!r}, and {given}.",
            "Expected a column of groups with the group whose score is looked at, or neither.",
            "Pass by=<the column>, and wave=<its name> or pair=(before, after).",
        )
    shared: dict[str, Any] = {"item": item, "scale": scale, "design": design}
    shared |= {"min_base": min_base, "conf_level": conf_level}
    first, last = cuts.promoters_from, cuts.detractors_to
    views = [(method, first, last) for method in METHODS]
    for up, down in ((first - 1, last), (first + 1, last), (first, last - 1), (first, last + 1)):
        if cuts.low <= down < up <= cuts.high:
            views.append(("adjusted_wald", up, down))
    rows = []
    for method, up, down in views:
        asked = shared | {"promoters_from": up, "detractors_to": down, "method": method}
        chance: dict[str, Any] = {"n_boot": n_boot, "seed": seed} if method == "bootstrap" else {}
        scores = net_promoter_score(responses, by=by, **asked, **chance)
        if by is not None:
            require_one_of("wave", chosen, scores[by])
            scores = scores[scores[by] == chosen].drop(columns=by)
        rows.append(scores.assign(verdict=""))
        if by is not None and pair is not None and method in CHANGES:
            rows.append(net_promoter_change(responses, by=by, pairs=[pair], **asked))
    kept = ["measure", "estimate", "std_error", "ci_low", "ci_high", "conf_level", "p_value"]
    table = pd.concat(rows, ignore_index=True)
    table = table.reindex(columns=[*kept, "n", "verdict", "method", "note"])
    return arrange(table, keys=["measure"])
