"""Plans side by side: the same target under several readings of the rates."""

from collections.abc import Mapping, Sequence

import pandas as pd
from numpy.typing import ArrayLike

from custlib.checks import require_at_least
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.funnel.plan import funnel_plan

REACH = 1.2  # curves go on beyond the largest number of calls by a fifth
KEYS = ["scenario", "measure", "calls"]


def funnel_scenarios(
    scenarios: Mapping[str, pd.DataFrame | ArrayLike],
    *,
    target: int,
    probability: float | Sequence[float] = (0.8, 0.9, 0.95),
    calls: int | Sequence[int] = (),
    capacity: int | None = None,
    points: int = 60,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Chance (0–1) of at least `target` sales under several readings of the rates, with curves.

    Parameters
    ----------
    scenarios : dict of DataFrame or list of float
        By name: rows of `funnel_rates`, which are taken as uncertain, or rates taken as known.
    target, probability, calls, capacity, conf_level
        As for `funnel_plan`.
    points : int, default 60
        Numbers of calls from 0 on along each curve, at least 2.

    Returns
    -------
    DataFrame
        The rows of `funnel_plan` of each scenario under its name, and rows "curve" of the chance
        along numbers of calls that are the same for all: scenario, measure, calls, estimate,
        ci_low, ci_high, conf_level, limit, verdict, method, note.

    Raises
    ------
    ParameterError, DataError
        As for `funnel_plan`; no scenario.

    Notes
    -----
    Curves end a fifth beyond the largest number of calls asked for or needed.

    Assumes: as `funnel_plan` in each scenario: calls succeed independently at the rates named.

    Not for: a mean over scenarios, which have no probabilities here; rates that fall as more calls
    are made, since the easy leads were called first.

    Examples
    --------
    >>> found = funnel_scenarios({"cited": [0.1]}, target=1, probability=0.9, points=3)
    >>> found[["measure", "calls"]].values.tolist()  # 0.9 ** 22 < 0.1
    [['calls_needed', 22], ['curve', 0], ['curve', 13], ['curve', 26]]
    >>> # R: 1 + qgeom(.9, .1)
    """
    require_at_least("points", points, 2)
    if not scenarios:
        raise ParameterError.because(
            "There is no scenario.", "Expected at least one.", "Pass {'as cited': [0.5, 0.1]}."
        )
    wanted = {"target": target, "capacity": capacity, "conf_level": conf_level}
    plans = {
        name: funnel_plan(one, probability=probability, calls=calls, **wanted)  # type: ignore[arg-type]
        for name, one in scenarios.items()
    }
    found = pd.concat(plans, names=["scenario"]).reset_index("scenario")
    most = found["calls"].max()
    top = int(REACH * (target if pd.isna(most) else most))
    along = sorted({top * at // (points - 1) for at in range(points)})
    curves = {
        name: funnel_plan(one, probability=(), calls=along, **wanted)  # type: ignore[arg-type]
        for name, one in scenarios.items()
    }
    drawn = pd.concat(curves, names=["scenario"]).reset_index("scenario")
    drawn = drawn[drawn["measure"] == "probability"].assign(measure="curve")
    both = pd.concat([found, drawn], ignore_index=True)
    order = both["scenario"].map({name: at for at, name in enumerate(scenarios)})
    return arrange(both.loc[order.sort_values(kind="stable").index], keys=KEYS)
