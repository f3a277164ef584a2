"""Right answers and wrong turns of the lesson on retention, from contracts of which many go on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from custlib import loyalty
from custlib.lessons.exercise import Given

FIRST, AGES, HORIZON = (1, 2, 3), (1, 13, 25), 24  # months
POINT = 0.01
SPELL: dict[str, Any] = {"duration": "months", "event": "left"}
Counted = Callable[[pd.DataFrame, int], pd.Series]


def months_of_leavers(given: Given) -> pd.Series:
    return given.contracts.loc[given.contracts["left"] == 1, "months"]


def still_there(given: Given, ages: range | tuple[int, ...]) -> pd.Series:
    """Kaplan and Meier's share still there after each age."""
    found = loyalty.survival_curve(given.contracts, times=ages, **SPELL)
    return pd.Series(found["estimate"].to_numpy(), index=list(ages))


def still_there_of(given: Given, at_risk: Counted) -> dict[int, float]:
    """The same after the first months, over others than those who were at risk."""
    rows = given.contracts
    gone = [((rows["months"] == month) & (rows["left"] == 1)).sum() for month in FIRST]
    stay = [1 - one / at_risk(rows, month).sum() for one, month in zip(gone, FIRST, strict=True)]
    return dict(zip(FIRST, np.cumprod(stay), strict=True))


def there(rows: pd.DataFrame, month: int) -> pd.Series:
    return rows["months"].ge(month)


def leavers_there(rows: pd.DataFrame, month: int) -> pd.Series:
    return there(rows, month) & rows["left"].eq(1)


def kept_by_month(given: Given) -> pd.Series:
    """Share of those at risk in each of the first months who did not leave in it."""
    share = still_there(given, (0, *FIRST))
    return (share / share.shift()).loc[list(FIRST)]


def median_stay(given: Given) -> float:
    """First month at whose end no more than half are still there."""
    found = loyalty.survival_curve(given.contracts, **SPELL)
    return float(found.loc[found["estimate"] <= 0.5, "time"].min())


def mean_stay(given: Given) -> float:
    """Mean of the first 24 months that a customer is there."""
    found = loyalty.restricted_mean(given.contracts, horizon=HORIZON, **SPELL)
    return float(found["estimate"].item())


def monthly_churn(given: Given) -> float:
    """Share that leaves in an average month under watch."""
    return float(loyalty.churn_rate(given.contracts, over=1, **SPELL)["estimate"].item())


def own_churn(given: Given, counted: Counted = there) -> dict[int, float]:
    """Mean own churn of those there when each age begins, or of others counted."""
    rows = given.contracts
    return {age: rows.loc[counted(rows, age), "own_churn"].mean() for age in AGES}


def discounted(given: Given, *, from_age: int = 0, late: int = 0) -> float:
    """Worth on the first day of the margins of 24 months, each with the share who pay it."""
    share = still_there(given, range(from_age, from_age + HORIZON)).to_numpy()
    power = np.arange(late, late + HORIZON)
    return float(given.margin * (share / (1 + given.discount) ** power).sum())


def worth(given: Given, *, less: float = 0.0) -> float:
    """Lifetime value at the churn found, or at so much less of it, first margin now."""
    churn = monthly_churn(given) - less
    found = loyalty.lifetime_value(churn=churn, margin=given.margin, discount=given.discount)
    return float(found["estimate"].item())


def gain(given: Given, *, less: float = POINT) -> float:
    return worth(given, less=less) - worth(given)
