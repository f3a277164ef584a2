"""How many answers a net promoter score needs."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from custlib.checks import require_conf_level
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.given import laid_out, positive, require_inside, share
from custlib.loyalty.recommendation.grouped import POINTS

# A needed number that arithmetic gives as 385 plus rounding is 385, not 386.
SLACK = 1e-9


def net_promoter_sample_size(
    *,
    promoter_share: ArrayLike,
    detractor_share: ArrayLike,
    margin_points: ArrayLike | None = None,
    change_points: ArrayLike | None = None,
    power: float = 0.8,
    population: float | None = None,
    design_effect: float = 1.0,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Answers needed for a margin of error, or for a change to be seen; whole numbers.

    Parameters
    ----------
    promoter_share, detractor_share : share or list of shares, 0–1
        As expected, side by side; their sum, more than their difference, decides. ½ and ½ is the
        worst case.
    margin_points : number or list, optional
        Half the width of the interval of a score, in points.
    change_points : number or list, optional
        Change between two waves of equal size, in points, to be found with `power`.
    power : share, default 0.8
        Above half of 1 − conf_level: so often luck alone finds a change to one side.
    population : int, optional
        Customers who could be asked; without it the population is taken as unlimited.
    design_effect : float, default 1
        How many times more answers the design costs: n over n_effective of an earlier wave.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    DataFrame, a row for each pair of shares and target
        measure ("score", "change"), promoter_share, detractor_share, target_points, estimate
        (answers, for a change those of each wave), conf_level, method, note.

    Raises
    ------
    ParameterError
        Shares outside 0–1 or with a sum above 1, targets not above 0, neither target given, a
        power that luck alone reaches.

    Notes
    -----
    Score: n = z²[P + D − (P − D)²]/m², m the margin as a share. Change: n = 2(z + z_power)²[P + D −
    (P − D)²]/c² a wave, two independent waves and one spread; a panel needs fewer. The design
    effect multiplies n; then n/(1 + (n − 1)/N) for a population of N. Of the Wald interval; the
    adjusted Wald needs three answers fewer (Lewis & Sauro 2021).

    Assumes: a simple random sample (else `design_effect`), shares as expected, all of n answering:
    divide by the response rate for invitations.

    Not for: accuracy under silence, which more answers do not buy (`net_promoter_bounds`), a panel,
    which needs fewer, or a few answers, where Wald's interval fails (`net_promoter_score`).

    References
    ----------
    Cochran, W. (1977). Sampling Techniques, 3rd ed., ch. 4. Wiley. Lewis, J. & Sauro, J. (2021).
    Sample size estimation for NPS confidence intervals. MeasuringU.

    Examples
    --------
    >>> net_promoter_sample_size(promoter_share=0.5, detractor_share=0.5, margin_points=[10, 5])[
    ...     ["target_points", "estimate"]].values.tolist()  # R: (qnorm(.975) * 100 / 10)^2
    [[10.0, 385.0], [5.0, 1537.0]]
    """
    require_conf_level(conf_level)
    expected = laid_out(promoter_share=promoter_share, detractor_share=detractor_share)
    _require_plan(expected, population, design_effect)
    luck = 0.0 if change_points is None else (1 - conf_level) / 2 + SLACK
    if not luck < power < 1:
        raise ParameterError.because(
            f"power is {power!r}.",
            f"Expected a share between {luck:.3g} and 1.",
            "Pass power=0.8, say: the chance with which a true change is found.",
        )
    z = float(stats.norm.isf((1 - conf_level) / 2))
    kinds = {
        "score": (margin_points, z**2, "margin of a score"),
        "change": (
            change_points,
            2 * (z + float(stats.norm.ppf(power))) ** 2,
            f"change between two waves, power {power:g}",
        ),
    }
    tables = [
        _needed(expected, kind, targets, factor, design_effect, population).assign(method=method)
        for kind, (targets, factor, method) in kinds.items()
        if targets is not None
    ]
    if not tables:
        raise ParameterError.because(
            "Neither margin_points nor change_points is given.",
            "Expected at least one of them.",
            "Pass margin_points=5 for an interval of five points to either side.",
        )
    table = pd.concat(tables, ignore_index=True).assign(conf_level=conf_level)
    return arrange(table, keys=["measure", "promoter_share", "detractor_share", "target_points"])


def _needed(
    expected: pd.DataFrame,
    kind: str,
    targets: ArrayLike,
    factor: float,
    design_effect: float,
    population: float | None,
) -> pd.DataFrame:
    """Every target for every pair of shares, the target varying fastest."""
    name = "margin_points" if kind == "score" else "change_points"
    wanted = laid_out(target_points=targets).rename(columns={"target_points": name})
    require_inside(wanted, {name: positive}, "points above 0")
    table = expected.merge(wanted.rename(columns={name: "target_points"}), how="cross")
    net = table["promoter_share"] - table["detractor_share"]
    spread = table["promoter_share"] + table["detractor_share"] - net**2
    needed = factor * spread * design_effect / (table["target_points"] / POINTS) ** 2
    if population is not None:
        needed = needed / (1 + (needed - 1) / population)
    none = spread.to_numpy() <= 0
    table["estimate"] = np.where(none, np.nan, np.ceil(needed * (1 - SLACK)))
    table["note"] = np.where(none, "the expected answers all count alike: no spread", "")
    return table.assign(measure=kind)


def _require_plan(expected: pd.DataFrame, population: float | None, design_effect: float) -> None:
    require_inside(expected, {"promoter_share": share, "detractor_share": share}, "shares, 0–1")
    over = expected[expected.sum(axis=1) > 1 + SLACK]
    if len(over):
        first = over.iloc[0]
        raise ParameterError.because(
            f"Promoters {first.iloc[0]:g} and detractors {first.iloc[1]:g} are more than all.",
            "Expected shares whose sum is at most 1.",
            "Pass shares from 0 to 1, not per cents, and leave room for the passives.",
        )
    for name, value in (("population", population), ("design_effect", design_effect)):
        if value is not None and not (value > 0 and np.isfinite(value)):
            raise ParameterError.because(
                f"{name} is {value!r}.", "Expected a number above 0.", f"Correct {name}."
            )
