"""What a table of customers allows a study of churn: what is lacking becomes a gap."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_list, require_numeric
from custlib.errors import DataError, FitError, ParameterError
from custlib.groups import MISSING
from custlib.loyalty.retention.comparison import SurvivalComparison, compare_survival
from custlib.loyalty.retention.durations import read_spells
from custlib.loyalty.retention.geometric import (
    ShiftedBetaGeometric,
    retention_holdout,
    shifted_beta_geometric,
)
from custlib.loyalty.retention.gray import compare_incidence
from custlib.loyalty.retention.hazards import ChurnHazards, churn_hazards
from custlib.loyalty.retention.incidence import cumulative_incidence
from custlib.loyalty.retention.reasons import reason_fit

MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class ChurnPlan:
    """How a study of churn will use a table: its columns, groups large enough, gaps to own up to.

    Attributes
    ----------
    customers, grouped : DataFrame
        All rows; and those of groups with enough customers, the same rows where no group is named.
    spell : dict
        duration, event and event_value, as the functions of retention take them.
    by, reason : str or None
    terms : list of str
    margin : float or None
        Mean contribution of a customer a unit of time.
    min_base : int
    counts : DataFrame
        Rows by what they can say: left, still there, not yet under watch, without a duration.
    gaps : list of str
        What is lacking, in words; the methods add to it.
    """

    customers: pd.DataFrame
    grouped: pd.DataFrame
    spell: dict[str, Any]
    by: str | None
    reason: str | None
    terms: list[str]
    margin: float | None
    min_base: int
    counts: pd.DataFrame
    gaps: list[str] = field(default_factory=list)

    @property
    def no_reasons(self) -> str:
        """Why nothing can be said of reasons, or of the cited ones; empty where it can."""
        of = "cited reasons: " if self.reason else ("reasons: ", "nobody left: ")
        told = [gap for gap in self.gaps if gap.startswith(of)]
        return told[0].removeprefix("reasons: ") if told else ""

    def compared(self, *, horizon: float, conf_level: float = 0.95) -> SurvivalComparison | None:
        """Comparison of the groups; None where there are fewer than two."""
        if self.by is None:
            return None
        known = self.grouped[self.by].dropna().unique()
        if len(known) < 2:
            self._gap(f"fewer than two groups of {self.by} are large enough to compare")
            return None
        asked: dict[str, Any] = {"by": self.by, "horizon": horizon, "conf_level": conf_level}
        return compare_survival(self.grouped, **self.spell, **asked)

    def hazards(self, *, conf_level: float = 0.95) -> ChurnHazards | None:
        """Cox's model of the terms; None, and a gap, where it cannot be fitted."""
        if not self.terms:
            self._gap("what makes customers leave sooner: no terms are named")
            return None
        require_columns(self.customers, self.terms)
        return self._or_gap(
            "hazard ratios",
            lambda: churn_hazards(
                self.customers, **self.spell, terms=self.terms, conf_level=conf_level
            ),
        )

    def law(
        self, *, period: float, up_to: int | None = None, conf_level: float = 0.95
    ) -> ShiftedBetaGeometric | None:
        """Shifted beta-geometric law; None, and a gap, where the data have no peak for it."""
        asked: dict[str, Any] = {"period": period, "up_to": up_to, "conf_level": conf_level}
        return self._or_gap(
            "law of renewal" + (f" fitted to {up_to} renewals" if up_to else ""),
            lambda: shifted_beta_geometric(self.customers, **self.spell, **asked),
        )

    def holdout(
        self, *, period: float, up_to: int, conf_level: float = 0.95
    ) -> pd.DataFrame | None:
        """Share kept of those there after `up_to` renewals: forecast, and what came.

        Ages that too few have reached are left out; None, and a gap, where that leaves none.
        """
        asked: dict[str, Any] = {"period": period, "up_to": up_to, "conf_level": conf_level}
        held = self._or_gap(
            "forecast of later renewals",
            lambda: retention_holdout(self.customers, **self.spell, **asked),
        )
        if held is None:
            return None
        held = held[held["measure"].eq("survival") & held["n"].ge(self.min_base)]
        if not len(held):
            self._gap(f"forecast: fewer than {self.min_base} customers at later renewals")
            return None
        return held.reset_index(drop=True)

    def incidence(
        self, *, times: Sequence[float] | None = None, conf_level: float = 0.95
    ) -> pd.DataFrame | None:
        """Share gone for each reason; None where there are no reasons."""
        if self.reason is None:
            return None
        asked: dict[str, Any] = {"times": times, "conf_level": conf_level}
        return cumulative_incidence(self.customers, **self.spell, reason=self.reason, **asked)

    def incidence_compared(self) -> pd.DataFrame | None:
        """Gray's test of each reason between the groups; None without reasons or groups."""
        if self.reason is None or self.by is None or self.grouped[self.by].nunique() < 2:
            return None
        return compare_incidence(self.grouped, **self.spell, reason=self.reason, by=self.by)

    def cited_reasons(
        self, reasons: Sequence[str], shares: Sequence[float], *, conf_level: float = 0.95
    ) -> pd.DataFrame | None:
        """Reasons of those who left beside their cited shares; None where there are no reasons.

        A reason that nobody gave may only be called something else there: None then, and a gap.
        """
        if len(reasons) != len(shares):
            raise ParameterError.because(
                f"{len(reasons)} reasons ({', '.join(reasons)}) and {len(shares)} cited shares.",
                "Expected a share for each reason.",
                "Give both lists one length.",
            )
        if self.reason is None:
            return None
        here = self.customers[self.reason].dropna().unique().tolist()
        if absent := [name for name in reasons if name not in here]:
            known = ", ".join(map(str, here[:MOST_NAMED]))
            self._gap(f"cited reasons: none here is called {', '.join(absent)}; here is {known}")
            return None
        asked: dict[str, Any] = {name: self.spell[name] for name in ("event", "event_value")}
        asked |= {"cited": dict(zip(reasons, shares, strict=True)), "conf_level": conf_level}
        return reason_fit(self.customers, **asked, reason=self.reason)

    def _or_gap(self, what: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except (DataError, FitError) as problem:
            # One cause is one gap, however many parts of the study it takes away.
            if not any(gap.endswith(problem.found) for gap in self.gaps):
                self._gap(f"{what}: {problem.found}")
            return None

    def _gap(self, text: str) -> None:
        """Own up to a gap, once, in the place of what it takes away."""
        if text not in self.gaps:
            self.gaps.append(text)


def churn_plan(
    customers: pd.DataFrame,
    *,
    duration: str,
    event: str,
    event_value: object = None,
    reason: str | None = None,
    by: str | None = None,
    terms: Sequence[str] | None = None,
    margin: str | None = None,
    min_base: int = 30,
) -> ChurnPlan:
    """What of a study of churn a table can answer.

    Parameters
    ----------
    customers : DataFrame, one row a customer or contract
    duration, event, event_value
        As in `survival_curve`.
    reason, by, margin : str, optional
        Columns of the reason of leaving, of groups, and of the contribution a unit of time.
    terms : list of str, optional
        Columns that may make customers leave sooner.
    min_base : int, default 30
        Customers with a duration and an event that a group needs to be compared.

    Returns
    -------
    ChurnPlan

    Raises
    ------
    DataError
        A column that is named is absent, a duration negative, an event not 0 or 1, a margin not a
        number, or no customer has a duration and an event.

    Notes
    -----
    Customers at 0 units of time who are still there have not been under watch yet: they are counted
    and change no estimate. Those who left at 0 count as leaving in the first unit.

    Examples
    --------
    >>> seen = pd.DataFrame({"months": [3, 0, 5], "left": ["yes", "no", "no"]})
    >>> plan = churn_plan(seen, duration="months", event="left", event_value="yes")
    >>> plan.gaps[0]
    '1 customers at 0 units of time, who say nothing yet'
    """
    require_list("terms", terms)
    require_columns(customers, [reason, by, margin, *(terms or [])])
    spell = {"duration": duration, "event": event, "event_value": event_value}
    spells = read_spells(customers, **spell)  # type: ignore[arg-type]
    if not len(spells):
        raise DataError.because(
            f"None of {len(customers)} rows has both {duration!r} and {event!r}.",
            "Expected customers with a duration, of whom it is known whether they left.",
            "Look at the names of the columns, and at how missing values are written.",
        )
    begun = int(((spells.time == 0) & ~spells.event).sum())
    left = int(spells.event.sum())
    sizes = {"left": left, "still there": len(spells) - left - begun, "at 0 units of time": begun}
    sizes |= {"without a duration or an event": spells.n_missing}
    grouped, small = _large_groups(customers, spells.rows, by, min_base)
    on_record = bool(reason and customers[reason].iloc[spells.rows][spells.event].notna().any())
    told = {
        f"{begun:,} customers at 0 units of time, who say nothing yet": begun,
        f"{spells.n_missing:,} customers without a duration or an event": spells.n_missing,
        "nobody left: no reasons, no law, no ratios": not left,
        "reasons: no column of reasons": reason is None,
        "reasons: none on record of those who left": reason and left and not on_record,
        "groups: none are named": by is None,
        f"groups of {by} with fewer than {min_base} customers: {small}": small,
    }
    paid = None if margin is None else float(pd.Series(require_numeric(customers, margin)).mean())
    return ChurnPlan(
        customers=customers,
        grouped=grouped,
        spell=spell,
        by=by if by is not None and len(grouped) else None,
        reason=reason if on_record else None,
        terms=list(terms or []),
        margin=paid,
        min_base=min_base,
        counts=pd.DataFrame({"customers": sizes.keys(), "n": sizes.values()}),
        gaps=[text for text, holds in told.items() if holds],
    )


def _large_groups(
    customers: pd.DataFrame, known: np.ndarray, by: str | None, min_base: int
) -> tuple[pd.DataFrame, int]:
    """Rows of groups with enough customers whose time is known, and how many are too small."""
    if by is None:
        return customers, 0
    names = customers[by].astype(object).where(customers[by].notna(), MISSING)
    sizes = names.iloc[known].value_counts().reindex(names.unique(), fill_value=0)
    large = customers[names.map(sizes).to_numpy(int) >= min_base]
    return large, int((sizes < min_base).sum())
