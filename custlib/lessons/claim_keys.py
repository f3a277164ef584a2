"""Right answers and wrong turns of the lesson on cited numbers."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from custlib import loyalty, segmentation
from custlib.lessons.exercise import Given

RIVALS = 0.15  # share of negative reviews said of the rivals


def staff_shares(given: Given) -> dict[str, float]:
    """Leavers who named the staff, as a share of three bases."""
    counts = given.exits["reason"].value_counts()
    bases = {"reasons": counts.sum(), "leavers": len(given.exits), "customers": given.base}
    return {name: float(counts["staff"] / size) for name, size in bases.items()}


def share_ends(given: Given, row: int = -1, method: str = "wilson") -> tuple[float, float, float]:
    """Share published in a row, and its interval by Wilson or another as scipy has it."""
    count, n = given.published[["satisfied", "asked"]].iloc[row].astype(int)
    found = stats.binomtest(int(count), int(n)).proportion_ci(method=method)
    return count / n, float(found.low), float(found.high)


def ends(low: float, high: float) -> dict[str, float]:
    return {"low": low, "high": high}


def share_interval(given: Given, row: int = -1, method: str = "wilson") -> dict[str, float]:
    return ends(*share_ends(given, row, method)[1:])


def around(given: Given, *rows: int) -> dict[str, float]:
    """Share of the last of these rows, less that of one before, ± 1.96 standard errors."""
    used = given.published.iloc[list(rows)]
    shares = used["satisfied"] / used["asked"]
    half = stats.norm.ppf(0.975) * (shares * (1 - shares) / used["asked"]).sum() ** 0.5
    found = shares.iloc[-1] - shares.iloc[:-1].sum()
    return ends(found - half, found + half)


def difference(given: Given, rows: tuple[int, int] = (0, -1)) -> dict[str, float]:
    """Newcombe's interval of the share in the second of two rows less that in the first."""
    (first, low_1, high_1), (last, low_2, high_2) = (share_ends(given, row) for row in rows)
    down, up = np.hypot(last - low_2, high_1 - first), np.hypot(high_2 - last, first - low_1)
    return ends(last - first - down, last - first + up)


def chance_of_so_few(given: Given, rivals: float = RIVALS) -> float:
    """P(X <= negative) at the rivals' share, by the identity with the beta law."""
    count, n = given.reviews["negative"], given.reviews["n"]
    return float(stats.beta.sf(rivals, count + 1, n - count))


def worth(given: Given, less: float = 0.0) -> float:
    """Lifetime value in euro at so much less churn, before the cost of winning."""
    churn, discount, margin = given.firm[["churn", "discount", "margin"]]
    return float(margin * (1 + discount) / (churn - less + discount))


def rises(given: Given) -> dict[str, float]:
    """Rise of profit in euro under both readings; what a customer cost does not change it."""
    falls = 0.05 * given.firm["churn"], 0.05
    relative, points = (worth(given, fall) - worth(given) for fall in falls)
    return {"relative": relative, "points": points, "after_cost": relative}


def lifts(given: Given) -> dict[str, float]:
    """Rise of profit under both readings, and of the relative one after the cost of winning."""
    spent = {"relative": 0, "points": 0, "after_cost": given.firm["cost"]}
    return {name: one / (worth(given) - spent[name]) for name, one in rises(given).items()}


def lifts_undiscounted(given: Given) -> dict[str, float]:
    return lifts(Given(firm=given.firm.mask(given.firm.index == "discount", 0.0)))


def concentrated(given: Given, measure: str = "top_share") -> pd.Series:
    """Share of profit of the largest fifth, or another measure, with its interval."""
    found = segmentation.concentration(given.profits.to_frame("amount"), customer=None)
    return found.set_index("measure").loc[measure]


def visits(given: Given, measure: str) -> float:
    found = loyalty.search_rates(given.searches).set_index("measure")["estimate"]
    return float(found[measure])


def claim_readings(**given: Any) -> pd.DataFrame:
    """Each claim of the lesson in every way it can be read, and whether these data bear it."""
    one = Given(**given)
    top, lift, said = concentrated(one), lifts(one), share_ends(one)
    naive, success = visits(one, "success_naive"), visits(one, "success")
    rows = [
        ("satisfied", "the share found is above one half", said[0] > 0.5),
        ("satisfied", "the lower end of its interval is", said[1] > 0.5),
        ("churn_lift", "5 per cent of churn", lift["relative"] >= 0.25),
        ("churn_lift", "5 points of churn", lift["points"] >= 0.25),
        ("twenty_eighty", "80 % lies in the interval", top["ci_low"] <= 0.8 <= top["ci_high"]),
        ("twenty_eighty", "at least 80 %: the interval is not below it", top["ci_high"] >= 0.8),
        ("reviews", "those who write are a fair sample", chance_of_so_few(one) <= 0.025),
        ("reviews", "most of the unhappy keep silent", False),
        ("search", "of the visits of those who found", 0.25 <= naive <= 1 / 3),
        ("search", "of all visits", 0.25 <= success <= 1 / 3),
        ("exit_reasons", "the three shares are all there is", False),
    ]
    return pd.DataFrame(rows, columns=["statement", "reading", "holds"]).astype({"holds": bool})


def claims_with(given: Given, *verdicts: str) -> list[str]:
    found = loyalty.claim_verdicts(claim_readings(**vars(given)))
    return found.loc[found["verdict"].isin(verdicts), "statement"].tolist()
