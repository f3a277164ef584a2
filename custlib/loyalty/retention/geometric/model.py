"""The shifted beta-geometric law: customers leave with chances that differ and do not change."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_at_least, require_conf_level, require_one_of
from custlib.columns import arrange
from custlib.errors import ParameterError
from custlib.loyalty.retention.geometric.curves import (
    count_ends,
    delta_error,
    periods_left,
    renewed,
    share_ends,
    still_there,
)
from custlib.loyalty.retention.geometric.likelihood import Peak
from custlib.loyalty.retention.geometric.renewals import Renewals

Array = np.ndarray
FIRST_MARGINS = {"now": 0, "next": 1}


@dataclass(frozen=True, slots=True)
class ShiftedBetaGeometric:
    """Tables of a fitted law of contracts, and what it says of ages not yet seen.

    `estimates` has the parameters, `fit` the likelihood beside that of rival laws; `peak` and
    `renewals` are the numbers behind them, `period` is the length of one in the unit of durations.
    """

    estimates: pd.DataFrame
    fit: pd.DataFrame
    peak: Peak
    renewals: Renewals
    period: float
    conf_level: float

    def retention(self, ages: Sequence[int]) -> pd.DataFrame:
        """Share still there, and share of those still there who renew, at whole ages.

        Parameters
        ----------
        ages : list of int, at least 0
            In periods since the start.

        Returns
        -------
        DataFrame
            time (age in the unit of the durations), measure, estimate (shares, 0–1), std_error,
            ci_low, ci_high, conf_level, n, method, note. "survival": share of all who are there
            after `age` renewals; "retention_rate" and "churn_rate": of those there before it, who
            pass the renewal at `age`, and who do not (not at age 0).

        Raises
        ------
        ParameterError
            An age below 0 or not whole.

        Notes
        -----
        S(t) = B(a, b + t)/B(a, b); r(t) = (b + t − 1)/(a + b + t − 1). Errors by the delta method,
        intervals even in the logit. Ages beyond those seen are a projection, and the note says so.

        Examples
        --------
        >>> from custlib.loyalty import shifted_beta_geometric
        >>> lost = pd.DataFrame({"year": [*range(1, 8), 7], "left": [1] * 7 + [0],
        ...                      "customers": [369, 163, 86, 56, 37, 27, 21, 241]})
        >>> law = shifted_beta_geometric(lost, duration="year", event="left", count="customers")
        >>> law.retention([12]).loc[0, "estimate"].round(2).item()
        0.17
        """
        at = _whole_ages(ages)
        seen, late = len(self.renewals.lost), at[at > 0]
        parts = [("survival", at, still_there), ("retention_rate", late, renewed)]
        rows = []
        for measure, where, law in parts:
            error = delta_error(partial(law, ages=where), self.peak)
            rows += self._share_rows(measure, where, law(self.peak.logs, where), error)
        gone = [
            row | {"measure": "churn_rate", "estimate": 1 - row["estimate"],
                   "ci_low": 1 - row["ci_high"], "ci_high": 1 - row["ci_low"]}
            for row in rows[len(at) :]
        ]  # fmt: skip
        table = pd.DataFrame(rows + gone).assign(conf_level=self.conf_level, n=self.renewals.n)
        table["note"] = np.where(table["time"] > seen * self.period, "beyond the ages seen", "")
        table["method"] = "delta, logit"
        return arrange(table, keys=["time", "measure"])

    def forecast(
        self, active: int, *, age: int, ahead: Sequence[int], conf_level: float | None = None
    ) -> pd.DataFrame:
        """How many of `active` customers of one age will still be there: a prediction interval.

        Parameters
        ----------
        active : int, at least 1
            Customers who have passed `age` renewals.
        age : int, at least 0
        ahead : list of int, at least 1
            Periods from now.
        conf_level : float in (0, 1), optional
            By default that of the fit.

        Returns
        -------
        DataFrame
            time (age then, in the unit of the durations), measure ("still_there"), estimate
            (customers), std_error, ci_low, ci_high, conf_level, n, method, note.

        Raises
        ------
        ParameterError
            A number below its least, or not whole.

        Notes
        -----
        Who has stayed longer stays on more surely: the share is S(age + h)/S(age). The interval
        holds the number itself: chance of the customers and error of the parameters, by a
        beta-binomial law with the variance of both. Intervals of several h do not hold jointly.

        Examples
        --------
        >>> from custlib.loyalty import shifted_beta_geometric
        >>> lost = pd.DataFrame({"year": [*range(1, 8), 7], "left": [1] * 7 + [0],
        ...                      "customers": [369, 163, 86, 56, 37, 27, 21, 241]})
        >>> law = shifted_beta_geometric(lost, duration="year", event="left", count="customers")
        >>> ahead = law.forecast(241, age=7, ahead=[1])
        >>> ahead[["estimate", "ci_low", "ci_high"]].round().values.tolist()
        [[222.0, 213.0, 230.0]]
        """
        conf_level = self.conf_level if conf_level is None else conf_level
        require_conf_level(conf_level)
        steps, start = _whole_ages(ahead, least=1), _whole_ages([age])
        require_at_least("active", active, 1)

        def share(logs: Array) -> Array:
            return still_there(logs, start + steps) / still_there(logs, start)

        kept = share(self.peak.logs)
        error, low, high = count_ends(
            kept, delta_error(share, self.peak), np.full(len(steps), active), conf_level
        )
        table = pd.DataFrame(
            {"time": (start + steps) * self.period, "measure": "still_there",
             "estimate": active * kept, "std_error": error, "ci_low": low, "ci_high": high,
             "conf_level": conf_level, "n": active, "method": "prediction, beta-binomial"}
        )  # fmt: skip
        late = start + steps > len(self.renewals.lost)
        return arrange(
            table.assign(note=np.where(late, "beyond the ages seen", "")), keys=["time", "measure"]
        )

    def lifetime(
        self,
        ages: Sequence[int],
        *,
        discount: float,
        horizon: int | None = None,
        first_margin: str = "next",
    ) -> pd.DataFrame:
        """Periods a customer of each age is still expected to stay, later ones worth less.

        Parameters
        ----------
        ages : list of int, at least 0
            Renewals passed; 0 is a customer just won.
        discount : float, at least 0
            Per period; 0 counts all periods alike.
        horizon : int, optional
            Counts that many periods at the most; without it, all to come.
        first_margin : {"next", "now"}
            Counts periods after the next renewal alone, or the one now beginning as well.

        Returns
        -------
        DataFrame
            time (age, in the unit of the durations), measure ("periods_left"), estimate, std_error,
            ci_low, ci_high, conf_level, n, method, note. Times the margin of a period this is the
            worth of the customer. Infinite, with a note, where discount is 0 and a at most 1.

        Raises
        ------
        ParameterError
            A negative discount, an age or horizon below its least.

        Notes
        -----
        All to come, with v = 1/(1 + d): 2F1(1, b + n; a + b + n; v) from the period now beginning,
        less 1 from the next. Fader and Hardie's residual lifetime, seen just before a renewal, is
        1 + d times "next". Most of a far horizon is projection: give one where it matters.

        References
        ----------
        Fader, P. & Hardie, B. (2010). Marketing Science 29:85–93. doi:10.1287/mksc.1080.0482

        Examples
        --------
        >>> from custlib.loyalty import shifted_beta_geometric
        >>> lost = pd.DataFrame({"year": [*range(1, 8), 7], "left": [1] * 7 + [0],
        ...                      "customers": [369, 163, 86, 56, 37, 27, 21, 241]})
        >>> law = shifted_beta_geometric(lost, duration="year", event="left", count="customers")
        >>> law.lifetime([0, 7], discount=0.1)["estimate"].round(1).tolist()
        [2.7, 6.2]
        """
        require_at_least("discount", discount, 0)
        require_one_of("first_margin", first_margin, FIRST_MARGINS)
        if horizon is not None:
            horizon = int(_whole_ages([horizon], least=1)[0])
        at, first = _whole_ages(ages), FIRST_MARGINS[first_margin]

        def expected(logs: Array) -> Array:
            asked = {"discount": discount, "horizon": horizon, "first": first}
            return periods_left(logs, at, **asked)  # type: ignore[arg-type]

        best = expected(self.peak.logs)
        with np.errstate(invalid="ignore"):
            error = delta_error(expected, self.peak)
            half = stats.norm.ppf((1 + self.conf_level) / 2) * error / best
        endless = np.isinf(best)
        table = pd.DataFrame({"time": at * self.period, "measure": "periods_left"}).assign(
            estimate=best, std_error=error, ci_low=best * np.exp(-half),
            ci_high=best * np.exp(half), conf_level=self.conf_level, n=self.renewals.n,
            method="delta, log", note=np.where(endless, "infinite: a is at most 1", ""),
        )  # fmt: skip
        return arrange(table, keys=["time", "measure"])

    def _share_rows(self, measure: str, ages: Array, share: Array, error: Array) -> list[dict]:
        low, high = share_ends(share, error, self.conf_level)
        columns = {"time": ages * self.period, "estimate": share, "std_error": error,
                   "ci_low": low, "ci_high": high}  # fmt: skip
        return pd.DataFrame(columns).assign(measure=measure).to_dict("records")


def _whole_ages(ages: Sequence[int], *, least: int = 0) -> Array:
    """Ages as an array, each a whole number from `least` up."""
    values = np.asarray(list(ages), float)
    wrong = values[~((values >= least) & (values == np.floor(values)) & np.isfinite(values))]
    if len(wrong):
        raise ParameterError.because(
            f"Ages or steps such as {wrong[0]:g}.",
            f"Expected whole numbers of periods, from {least} up.",
            "Count in periods, not in the unit of the durations.",
        )
    return values.astype(int)
