"""The rows of a study's tables that answer its questions."""

import numpy as np
import pandas as pd

from custlib.columns import arrange
from custlib.loyalty.ladder.plan import LadderPlan


def ladder_answers(
    plan: LadderPlan,
    *,
    rungs: pd.DataFrame | None = None,
    climb: pd.DataFrame | None = None,
    value: pd.DataFrame | None = None,
    gains: pd.DataFrame | None = None,
    budget: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Rows of the tables of a study that answer its questions, one below the other.

    Parameters
    ----------
    plan : LadderPlan
    rungs, climb, value, gains, budget : DataFrame, optional
        As its methods gave them; what is absent has no answer.

    Returns
    -------
    DataFrame
        measure (narrowest_rung, chance_to_climb, time_to_climb, value, equity, best_point,
        first_money, most_money, gain, gain_even), stage, next_stage, estimate, std_error,
        ci_low, ci_high, conf_level, probability_first, n.

    Notes
    -----
    Only stages with `min_base` moves take part; where nothing is spent, no step gets money. The
    climb is that from the lowest of them to the highest. The narrowest rung is that of `compared`.

    Examples
    --------
    >>> from custlib.loyalty import ladder_plan
    >>> days = ["2024-01-01", "2024-04-01", "2024-05-01"]
    >>> events = pd.DataFrame({"who": [1, 1, 2], "date": days})
    >>> plan = ladder_plan(events, rules=["buyer: order >= 1", "idle: otherwise"], seed=1,
    ...                    roles={"customer": "who", "date": "date"})
    >>> len(ladder_answers(plan))
    0
    """
    rows: list[pd.Series] = []
    if rungs is not None:
        rows += _extreme(plan.compared(rungs), "narrowest_rung", -1)
    if climb is not None:
        rows += _climbed(plan.readable(climb))
    if value is not None:
        rows += [row for _, row in plan.readable(value).iterrows()]
    if gains is not None:
        rows += _extreme(plan.readable(gains[gains["measure"] == "base"]), "best_point", 1)
    spend = pd.DataFrame({"estimate": []})
    if budget is not None:
        spend = budget[(budget["measure"] == "spend") & (budget["stage"] != "all")]
    if budget is not None and spend["estimate"].sum() > 0:
        rows += _extreme(spend, "first_money", 1, by="probability_first")
        rows += _extreme(spend, "most_money", 1)
        whole = budget[(budget["stage"] == "all") & budget["measure"].isin(["gain", "gain_even"])]
        rows += [row for _, row in whole.iterrows()]
    columns = ["measure", "stage", "next_stage", "estimate", "std_error", "ci_low", "ci_high"]
    columns += ["conf_level", "probability_first", "n"]
    table = pd.DataFrame([dict(row) for row in rows], columns=columns)
    table["next_stage"] = table["next_stage"].fillna("")
    return arrange(table, keys=["measure", "stage", "next_stage"])


def _extreme(rows: pd.DataFrame, name: str, way: int, *, by: str = "estimate") -> list[pd.Series]:
    """The row with the largest number, or with the smallest for way −1, under its new name."""
    known = rows.dropna(subset=[by])
    if not len(known):
        return []
    at = int(np.argmax(way * known[by].to_numpy(float)))
    row = known.iloc[at].copy()
    row["measure"] = name
    return [row]


def _climbed(rows: pd.DataFrame) -> list[pd.Series]:
    """From the lowest rung with moves enough to the highest that has a number."""
    if not len(rows):
        return []
    names = {"ever": "chance_to_climb", "periods": "time_to_climb"}
    start, goal = rows["stage"].iloc[0], rows["next_stage"].iloc[-1]
    found = []
    for measure, name in names.items():
        own = rows[(rows["measure"] == measure) & (rows["stage"] == start)]
        found += _extreme(own[own["next_stage"] == goal], name, 1)
    return found
