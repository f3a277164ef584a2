"""What those who did not answer could make of the net promoter score."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_columns, require_conf_level, require_numeric, require_one_of
from custlib.columns import arrange
from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.groups import MISSING, group_rows
from custlib.loyalty.recommendation.grouped import POINTS, Grouped, count_groups, regroup
from custlib.loyalty.recommendation.scales import cut_points
from custlib.loyalty.recommendation.trinomial import ENDS, mover_ends

Array = np.ndarray
METHODS = {"adjusted_wald": "adjusted Wald", "score": "trinomial score"}
Invited = int | Mapping | None


def net_promoter_bounds(
    responses: pd.DataFrame,
    *,
    item: str,
    days: str | None = None,
    late_after_days: float = 10,
    invited: Invited = None,
    by: str | None = None,
    scale: tuple[float, float] = (0, 10),
    promoters_from: int | None = None,
    detractors_to: int | None = None,
    design: SurveyDesign | None = None,
    method: str = "adjusted_wald",
    min_base: int = 2,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Net promoter score of all who were invited, as far as silence allows to know it, in points.

    Parameters
    ----------
    responses : DataFrame, one row a respondent
    item, scale, promoters_from, detractors_to
        As in `net_promoter_score`.
    days : str, optional
        Column of days from the invitation to the answer.
    late_after_days : float, default 10
        Who took longer answered late; the day of the reminder is a good choice.
    invited : int, or mapping from group to int, optional
        How many were asked.
    by : str, optional
        Column of groups or waves.
    design : SurveyDesign, optional
    method : {"adjusted_wald", "score"}
    min_base, conf_level
        As in `net_promoter_score`.

    Returns
    -------
    DataFrame, six rows a group
        The `by` column if given, item, measure, estimate, std_error, ci_low, ci_high, conf_level,
        bound_low, bound_high, invited, n, n_missing, method, note. Measures: answered (the score
        found), early, late, late_less_early, extrapolated (of all invited, were the silent like
        the late), silence_bias (answered less extrapolated). The bounds stand in the row
        extrapolated.

    Raises
    ------
    DataError
        A column is absent or not numeric, or days are below 0.
    ParameterError
        Fewer invited than answered, no whole number, or `invited` has none for a group.

    Notes
    -----
    With response rate r: extrapolated = r · answered + (1 − r) · late (Armstrong & Overton 1977):
    an assumption about people whom nobody heard. bound_low and bound_high need none: of those
    invited, each counting once, the silent are all detractors, or all promoters (Manski 1989);
    weights have no part in them, and what differs between the invited and all customers comes on
    top. Whoever answered without judging the item is silent; answers without
    days count as early. Intervals are MOVER's, for given response rate and share of late answers;
    where the silent were like the late, 0.96 of 95 % intervals held the score of all 400 invited.

    Assumes: invited is counted rightly, and early and late answers are independent samples;
    extrapolated adds that the silent are like the late.

    Not for: extrapolated taken as measured: the bounds are all the data say. Customers never
    invited stay outside both (`rake` mends what is known of them).

    References
    ----------
    Armstrong, J. & Overton, T. (1977). J. Marketing Research 14:396–402. doi:10.2307/3150783.
    Manski, C. (1989). J. Human Resources 24:343–360. doi:10.2307/145818.

    Examples
    --------
    >>> answers = pd.DataFrame({"recommend": [10, 9, 9, 8, 6, 3], "days": [1, 2, 2, 12, 14, 20]})
    >>> found = net_promoter_bounds(answers, item="recommend", days="days", invited=12)
    >>> rows = found.set_index("measure")
    >>> [round(float(rows.loc[name, "estimate"]), 1) for name in ("answered", "extrapolated")]
    [16.7, -25.0]
    >>> rows.loc["extrapolated", ["bound_low", "bound_high"]].round(1).tolist()
    [-41.7, 58.3]
    """
    require_conf_level(conf_level)
    require_one_of("method", method, METHODS)
    cuts = cut_points(scale, promoters_from, detractors_to)
    found = count_groups(responses, item, cuts=cuts, by=by, design=design)
    asked = _asked(found, invited)
    late, undated = _late(responses, days, late_after_days)
    sides: list[tuple[object, Array]] = [
        (None, rows & side) for _, rows in group_rows(responses, by) for side in (~late, late)
    ]
    halves = regroup(found, cuts.scores(responses, item), sides)
    z = float(stats.norm.isf((1 - conf_level) / 2))
    table = []
    for at, name in enumerate(found.names):
        shared: dict = {by: name, "item": item} if by else {"item": item}
        shared |= {"invited": asked[at], "n_missing": found.n_missing[at], "conf_level": conf_level}
        shared |= {"method": f"{METHODS[method]}; {cuts.text}"}
        lacking = "no days until the answer" if days is None else ""
        rows = _score_rows(found, halves, at, method, z, min_base, lacking)
        rows += _joined_rows(found, halves, at, asked[at], method, z, lacking)
        gaps = int((undated & found.rows[at]).sum())
        told = f"{gaps} without days count as early" if gaps else ""
        for row in rows:
            table.append(shared | row | {"note": "; ".join(filter(None, [row["note"], told]))})
    return arrange(table, keys=[*([by] if by else []), "item", "measure"])


def _score_rows(
    found: Grouped,
    halves: Grouped,
    at: int,
    method: str,
    z: float,
    min_base: int,
    lacking: str,
) -> list[dict]:
    """Scores of all who answered, of the early and of the late."""
    rows = []
    for measure, groups, place in (
        ("answered", found, at),
        ("early", halves, 2 * at),
        ("late", halves, 2 * at + 1),
    ):
        shares = groups.shares.take(np.array([place]))
        low, high = ENDS[method](shares, z)
        row = _blank(measure, int(shares.n[0]), groups.note(place, min_base))
        if lacking and measure != "answered":
            row |= {"n": 0, "note": lacking}
        elif groups.usable[place]:
            row |= _in_points(shares.score[0], shares.std_error[0], low[0], high[0])
        rows.append(row)
    return rows


def _joined_rows(
    found: Grouped,
    halves: Grouped,
    at: int,
    asked: float | None,
    method: str,
    z: float,
    lacking: str,
) -> list[dict]:
    """What the early and the late say together of those who stayed silent."""
    n, places = int(found.shares.n[at]), np.array([2 * at, 2 * at + 1])
    if not lacking and not halves.usable[places].all():
        lacking = "too few early or late answers"
    unknown = lacking or ("number invited not known" if asked is None else "")
    gap = _blank("late_less_early", n, lacking)
    whole, bias = _blank("extrapolated", n, unknown), _blank("silence_bias", n, unknown)
    rate = 0.0 if asked is None else n / asked
    if asked is not None and n:
        counts = found.counts[at]
        middle, width = POINTS * (counts[0] - counts[2]) / asked, POINTS * (1 - rate)
        whole |= {"bound_low": middle - width, "bound_high": middle + width}
    if not lacking:
        pair = _pair(halves, places, method, z)
        gap |= pair.total(-1, 1)
        if not unknown:
            early = 1 - pair.late_share
            whole |= pair.total(rate * early, 1 - rate * early)
            bias |= pair.total((1 - rate) * early, -(1 - rate) * early)
    return [gap, whole, bias]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Early and late answers of one group, and weighted sums of their scores."""

    scores: Array
    errors: Array
    low: Array
    high: Array
    correlation: float
    late_share: float

    def total(self, early: float, late: float) -> dict:
        """early × score of the early + late × score of the late, in points."""
        scores = (self.scores[0], self.scores[1])
        ends = ((self.low[0], self.high[0]), (self.low[1], self.high[1]))
        low, high = map(float, mover_ends(scores, ends, (early, late), self.correlation))
        parts = np.array([early, late]) * self.errors
        variance = max(float(parts @ parts + 2 * self.correlation * parts.prod()), 0.0)
        return _in_points(early * scores[0] + late * scores[1], variance**0.5, low, high)


def _pair(halves: Grouped, places: Array, method: str, z: float) -> _Pair:
    shares, rho = halves.shares.take(places), 0.0
    low, high = ENDS[method](shares, z)
    if halves.sample is not None and halves.linearized is not None:
        scores = np.column_stack([halves.linearized[place] for place in places])
        both = float(shares.std_error.prod())
        rho = float(halves.sample.covariance(scores)[0, 1]) / both if both > 0 else 0.0
    sizes = halves.sizes[places]
    late_share = float(sizes[1] / sizes.sum())
    return _Pair(shares.score, shares.std_error, low, high, rho, late_share)


def _blank(measure: str, n: int, note: str) -> dict:
    names = ["estimate", "std_error", "ci_low", "ci_high", "bound_low", "bound_high"]
    return {"measure": measure, "n": n, "note": note} | dict.fromkeys(names, np.nan)


def _in_points(estimate: float, std_error: float, low: float, high: float) -> dict:
    numbers = {"estimate": estimate, "std_error": std_error, "ci_low": low, "ci_high": high}
    return {name: POINTS * float(value) for name, value in numbers.items()}


def _asked(found: Grouped, invited: Invited) -> list[int | None]:
    """Number invited for each group; at least as many as answered."""
    asked: list[int | None] = []
    for at, name in enumerate(found.names):
        lost = isinstance(invited, Mapping) and name not in invited and found.shares.n[at] > 0
        if lost and name != MISSING:
            raise ParameterError.because(
                f"invited has no number for {name}.",
                f"Expected one for each of: {', '.join(map(str, found.names))}.",
                "Add the missing numbers to invited.",
            )
        value = invited.get(name) if isinstance(invited, Mapping) else invited
        whole = isinstance(value, Real) and float(value).is_integer()
        if value is not None and not (whole and value >= found.shares.n[at]):
            of = f" of {name}" if name is not None else ""
            told = f"{value:g}" if whole else repr(value)
            raise ParameterError.because(
                f"{told} invited{of}, but {found.shares.n[at]:g} answered.",
                "Expected a whole number, at least as many invited as answered.",
                "Correct the number invited; count invitations, not firms, if people were asked.",
            )
        asked.append(None if value is None else int(value))
    return asked


def _late(responses: pd.DataFrame, days: str | None, after: float) -> tuple[Array, Array]:
    """Who answered late, and of whom it is not known."""
    if days is None:
        nobody = np.zeros(len(responses), bool)
        return nobody, nobody
    require_columns(responses, [days])
    waited = require_numeric(responses, days)
    wrong = np.flatnonzero(waited < 0)
    if len(wrong):
        first = wrong[:5]
        pairs = zip(responses.index[first].tolist(), waited[first].tolist(), strict=True)
        raise DataError.because(
            f"{len(wrong)} values in {days!r} below 0; first: "
            + ", ".join(f"row {row}: {value:g}" for row, value in pairs)
            + ".",
            "Expected days from the invitation to the answer, 0 or more.",
            "Correct the days, or leave them empty.",
        )
    return waited > after, np.isnan(waited)
