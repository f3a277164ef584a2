"""What a file tells about importance: places, best-worst tasks, an outcome; and do they agree?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from custlib.checks import require_columns, require_distinct, require_one_of, require_rows
from custlib.columns import arrange
from custlib.survey.codebook.book import Codebook
from custlib.survey.drivers.decompositions import MOST_EXACT
from custlib.survey.plan import Plan
from custlib.survey.ranking.agreement import RankAgreement, rank_agreement

OVERALL = "overall"  # the outcome where none is named


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a study of priorities can use of a file.

    Attributes
    ----------
    items : list of str
        Items that may come first: declared, and answered in more than one way.
    ranked : dict of str
        Column of places of each item that customers were asked to rank; empty, or at least two.
    outcome : str or None
        Item that importance is derived from.
    rankings : DataFrame
        The answers with places under the names of the items.
    tasks : DataFrame or None
        Best-worst tasks beside the answers of those who did them.
    sets : dict
        Arguments of `best_worst_counts` and `best_worst_worths` for these tasks.
    attributes : DataFrame
        item, n (answers), method ("rated and ranked", "rated only").
    gaps : DataFrame
        measure (what is lacking), note (what follows).
    """

    items: list[str]
    ranked: dict[str, str]
    outcome: str | None
    rankings: pd.DataFrame
    tasks: pd.DataFrame | None
    sets: dict = field(repr=False)
    limits: dict = field(repr=False)
    attributes: pd.DataFrame
    gaps: pd.DataFrame

    def importance(self, kind: str = "both") -> dict[str, dict]:
        """Arguments of `importance_performance` for "derived", "stated" or both, as far as known.

        More items than LMG can take apart exactly are weighted by Johnson's method.
        """
        known: dict[str, dict] = {}
        if self.outcome is not None and kind != "stated" and len(self.items) > 1:
            method = "lmg" if len(self.items) <= MOST_EXACT else "relative_weights"
            known["derived"] = {"items": self.items, "outcome": self.outcome, "method": method}
        if self.ranked and kind != "derived":
            stated = {"items": list(self.ranked), "stated": self.ranked, "stated_best": "low"}
            known["stated"] = stated | {
                "stated_scale": self.limits[next(iter(self.ranked.values()))]
            }
        return {name: asked | {"scale": self.limits} for name, asked in known.items()}


def importance_evidence(
    plan: Plan,
    codebook: Codebook,
    *,
    outcome: str | None,
    drivers: Sequence[str] | None = None,
    ranks: str = "rank_",
    tasks: pd.DataFrame | None = None,
) -> Evidence:
    """Items, places, tasks and outcome that a file has to tell importance by, and what it lacks.

    Parameters
    ----------
    plan : Plan
        As `analysis_plan` gives it.
    codebook : Codebook
    outcome : str or None
        Item that importance is derived from; None takes "overall" where there is such an item.
    drivers : list of str, optional
        Items that may come first; by default the attributes of the codebook.
    ranks : str, default "rank_"
        An item's place, 1 the most important, is in the column named by this and the item.
    tasks : DataFrame, optional
        Best-worst tasks; the first column names the respondent as the answers do, then
        shown_1, shown_2, …, best, worst.

    Returns
    -------
    Evidence
        What the file lacks is never an error: it becomes a row of `gaps`.

    Raises
    ------
    CodebookError, ParameterError
        A driver, or the outcome named, is no item of the codebook.

    Examples
    --------
    >>> from custlib.survey.plan import analysis_plan
    >>> codebook = Codebook.from_mapping({"scales": {"s": {"low": 1, "high": 5}},
    ...     "items": {"price": {"scale": "s"}, "speed": {"scale": "s"}}})
    >>> plan = analysis_plan(pd.DataFrame({"price": [1, 2], "speed": [3, 3]}), codebook)
    >>> evidence = importance_evidence(plan, codebook, outcome=None)
    >>> evidence.items, evidence.gaps["measure"].tolist()
    (['price'], ['speed', 'outcome', 'ranks', 'best-worst tasks'])
    """
    answers, gaps = plan.responses, {}
    if outcome is None:
        outcome = OVERALL if OVERALL in codebook.items else None
    else:
        require_one_of("outcome", outcome, codebook.items)
    limits = {name: codebook.scale_of(name) for name in [*(drivers or []), *codebook.items]}
    items = [item for item in drivers or codebook.attributes if item != outcome]
    require_columns(answers, items)
    for item in items:
        if answers[item].nunique() < 2:
            gaps[item] = f"{item}: all answers are equal, or there are none"
    items = [item for item in items if item not in gaps]
    if outcome is None:
        gaps["outcome"] = (
            f"no outcome was named (outcome=), nor is there {OVERALL}: importance not derived"
        )
    ranked = {item: ranks + item for item in items if ranks + item in codebook.items}
    if len(ranked) < 2:
        gaps["ranks"] = f"no items {ranks}… with places: importance was not stated"
        ranked = {}
    rankings = answers.drop(columns=list(ranked)).rename(
        columns={column: item for item, column in ranked.items()}
    )
    kinds = ["rated and ranked" if item in ranked else "rated only" for item in items]
    counts = answers[items].count().to_list()
    attributes = pd.DataFrame({"item": items, "n": counts, "method": kinds})
    joined, sets = _joined(plan, tasks, items, gaps)
    rows = [{"measure": name, "note": note} for name, note in gaps.items()]
    return Evidence(
        items=items,
        ranked=ranked,
        outcome=None if "outcome" in gaps else outcome,
        rankings=rankings,
        tasks=joined,
        sets=sets,
        limits={name: (scale.low, scale.high) for name, scale in limits.items()},
        attributes=arrange(attributes, keys=["item"]),
        gaps=arrange(pd.DataFrame(rows, columns=["measure", "note"]), keys=["measure"]),
    )


def method_agreement(orders: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, RankAgreement]:
    """Place of each item (1 = most important) by each method, and how far the methods agree.

    Parameters
    ----------
    orders : mapping from method to a table with item and estimate, more being more important
        One row an item; items that a method lacks are left out, with a note.

    Returns
    -------
    tuple of a DataFrame (item, method, estimate) and a RankAgreement
        Items from the highest mean place to the lowest. W takes a method for a judge.

    Notes
    -----
    place = rank of the estimate from the top, ties at their mean place; W = 12 S/(m²(k³ − k) − m
    ΣT). This is the W of `rank_agreement`, with the m methods for judges of the k items.

    Assumes: each method orders the same items, and places are what is to be compared, not sizes.

    Not for: truth: methods that use the same answers agree in their errors too. With two or three
    methods W is seldom surely above none, and a high W hides one item on which they differ.

    Examples
    --------
    >>> said = pd.DataFrame({"item": ["price", "speed", "staff"], "estimate": [0.5, 0.3, 0.2]})
    >>> derived = pd.DataFrame({"item": ["speed", "price", "staff"], "estimate": [0.6, 0.4, 0]})
    >>> places, agreement = method_agreement({"ranks": said, "LMG": derived})
    >>> places["estimate"].tolist(), float(agreement.fit.loc[0, "estimate"])
    ([1.0, 2.0, 2.0, 1.0, 3.0, 3.0], 0.75)
    >>> # R: friedman.test(...)$statistic / 4
    """
    for one in orders.values():
        require_distinct(list(one["item"]))
    wide = pd.DataFrame({name: one.set_index("item")["estimate"] for name, one in orders.items()})
    places = wide.dropna().rank(ascending=False).T
    agreement = rank_agreement(places, items=list(places))
    if len(places.columns) < len(wide):
        gone = ", ".join(str(item) for item in wide.index if item not in places.columns)
        lacking = f"left out, as a method lacks them: {gone}"
        notes = [f"{note}; {lacking}" if note else lacking for note in agreement.fit["note"]]
        agreement = replace(agreement, fit=agreement.fit.assign(note=notes))
    inward = agreement.estimates.sort_values("estimate", kind="stable")["item"]
    rows = [
        {"item": item, "method": method, "estimate": places.loc[method, item]}
        for item in inward
        for method in places.index
    ]
    return arrange(rows, keys=["item"]), agreement


def first_driver(estimates: pd.DataFrame) -> tuple[pd.Series, str, dict]:
    """Share of the driver that ranks first, its rank in words, and how sure that is.

    Parameters
    ----------
    estimates : DataFrame
        `estimates` of `driver_shares`; without resamples nothing is sure.

    Returns
    -------
    tuple of a Series (row of the share), str and dict (low, high, n, verdict)
        "sure" where the interval of its rank is 1 alone, else "open". Being the largest of many
        makes a share larger than it is; the interval of the rank knows that others may lead.

    Notes
    -----
    Assumes: `estimates` come from one model with resamples; ties in the share are broken by their
    order.

    Not for: what to mend first: the largest share explains and need not cause, and drivers that go
    together take each other's places (`importance_evidence`).

    Examples
    --------
    >>> shares = {"measure": "share", "item": ["price", "speed"], "estimate": [0.4, 0.6]}
    >>> ranks = {"measure": "rank", "item": ["price", "speed"], "estimate": [2.0, 1.0]}
    >>> ends = {"ci_low": [0.2, 0.4, 1, 1], "ci_high": [0.6, 0.8, 2, 2], "n": 90}
    >>> rows = pd.concat([pd.DataFrame(shares), pd.DataFrame(ranks)]).assign(**ends)
    >>> first, place, found = first_driver(rows)
    >>> first["item"], place, found["verdict"]
    ('speed', 'rank 1 (interval 1 to 2)', 'open')
    """
    share = estimates[estimates["measure"] == "share"].sort_values(
        "estimate", ascending=False, kind="stable"
    )
    require_rows(share, "shares of drivers")
    first = share.iloc[0]
    same = (estimates["measure"] == "rank") & (estimates["item"] == first["item"])
    require_rows(estimates[same], f"ranks of {first['item']}")
    rank = estimates[same].iloc[0]
    place = f"rank {rank['estimate']:g}"
    if pd.notna(rank["ci_high"]):
        place += f" (interval {rank['ci_low']:g} to {rank['ci_high']:g})"
    ends = {"low": first["ci_low"], "high": first["ci_high"], "n": int(first["n"])}
    return first, place, ends | {"verdict": "sure" if rank["ci_high"] == 1 else "open"}


def _joined(
    plan: Plan, tasks: pd.DataFrame | None, items: list[str], gaps: dict[str, str]
) -> tuple[pd.DataFrame | None, dict]:
    """Tasks with the answers of those who did them; a person is a cluster where no firm is."""
    if tasks is None:
        gaps["best-worst tasks"] = "no best-worst tasks beside the answers: no worths from choices"
        return None, {}
    respondent = tasks.columns[0]
    if respondent not in plan.responses:
        gaps["best-worst tasks"] = f"their column {respondent} is not in the answers: left out"
        return None, {}
    others = plan.responses.drop(columns=list(tasks.columns[1:]), errors="ignore")
    joined = tasks.merge(others, on=respondent)
    if len(joined) < len(tasks):
        gaps["best-worst tasks"] = f"{len(tasks) - len(joined)} of people not in the answers"
    shown = [name for name in tasks if str(name).startswith("shown")]
    if len(set(tasks[shown].to_numpy().ravel()) & set(items)) < 2:
        gaps["best-worst tasks"] = "they show fewer than two of the items: left out"
        return None, {}
    # The tasks of a person are not a sample of persons: the second stage has no part in them.
    cluster = plan.design.cluster or str(respondent)
    design = replace(plan.design, cluster=cluster, cluster_population=None)
    return joined, {"shown": shown, "best": "best", "worst": "worst", "design": design}
