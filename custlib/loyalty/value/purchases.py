"""Models of repeat buying without a contract: who is still a customer, and how much they buy."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import stats

from custlib.checks import require_conf_level, require_new_columns, require_one_of
from custlib.columns import arrange
from custlib.errors import FitError
from custlib.loyalty.value.beta_geometric import BetaGeometric
from custlib.loyalty.value.fit_tables import counted, estimate_table, fit_table, log_error
from custlib.loyalty.value.maximum import Edges, Maximum, climb, profile_ends
from custlib.loyalty.value.pareto import Pareto
from custlib.loyalty.value.records import Records, read_records
from custlib.loyalty.value.units import require_horizon, unit_days

Array = np.ndarray
EDGES: Edges = (
    ({"a to infinity", "b to infinity"}, "all left with the same chance"),
    ({"s to infinity", "beta to infinity"}, "all left at the same rate"),
    ({"a to 0"}, "nobody ever left"),
    ({"b to infinity"}, "nobody ever left"),
    ({"s to 0"}, "nobody ever left"),
    ({"beta to infinity"}, "nobody ever left"),
    ({"r to infinity"}, "all bought at the same rate"),
)
FEWEST_REPEAT = 10  # customers with a repeat purchase; four parameters ask for no fewer


class Process(Protocol):
    """What a model of buying and leaving must know."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""

    def start(self, records: Records) -> tuple[Array, Array]:
        """Where the fit begins, and the usual sizes of the logarithms."""

    def likelihood(self, theta: Array, records: Records) -> tuple[float, Array, Array]:
        """Log-likelihood, gradient, Hessian in the logarithms."""

    def alive(self, p: Array, x: Array, recency: Array, age: Array) -> Array:
        """Probability not to have left."""

    def expected(self, p: Array, x: Array, recency: Array, age: Array, time: Array) -> Array:
        """Expected purchases within a time from now."""

    def ahead(self, p: Array, x: Array, age: Array, time: Array) -> Array:
        """The same of a customer who has not left."""

    def expected_new(self, p: Array, time: Array) -> Array:
        """Expected repeat purchases after the first."""

    def purchase_times(
        self,
        p: Array,
        rows: tuple[Array, Array, Array],
        at: Array,
        horizon: float,
        random: np.random.Generator,
    ) -> tuple[Array, Array]:
        """Drawn purchases."""


PROCESSES: dict[str, Process] = {
    "bg_nbd": BetaGeometric(0),
    "mbg_nbd": BetaGeometric(1),
    "pareto_nbd": Pareto(),
}


@dataclass(frozen=True, slots=True)
class PurchaseModel:
    """A fitted model of repeat buying; `estimates` and `fit` are its tables.

    `top` holds the logarithms of the parameters with their information, `columns` the names of
    frequency, recency and age, in `time_unit`.
    """

    estimates: pd.DataFrame
    fit: pd.DataFrame
    process: Process
    top: Maximum
    time_unit: str
    columns: tuple[str, str, str]

    def predict(self, customers: pd.DataFrame, *, horizon: float) -> pd.DataFrame:
        """Probability that each customer is still one (0–1), and expected purchases from now on.

        Parameters
        ----------
        customers : DataFrame
            Has the three columns the model was fitted on; new customers have frequency 0.
        horizon : float, above 0
            Time to look ahead, in the model's unit.

        Returns
        -------
        DataFrame
            The rows as they are, and alive_probability and purchases_expected.

        Raises
        ------
        DataError
            As `purchase_model`, or a new column is taken.

        Notes
        -----
        At the estimates; `purchase_forecast` adds what may happen. In BG/NBD nobody can have left
        before a repeat purchase: alive_probability is 1 for all with frequency 0.

        Examples
        --------
        >>> customers = pd.DataFrame({"x": [0, 0, 0, 0, 0, 1, 1, 2, 3, 9] * 12, "T": [40] * 120,
        ...     "t_x": [0, 0, 0, 0, 0, 5, 12, 20, 6, 36] * 12})
        >>> model = purchase_model(customers, frequency="x", recency="t_x", age="T",
        ...                        time_unit="week")
        >>> model.predict(customers.tail(2), horizon=10)["alive_probability"].round(2).tolist()
        [0.03, 0.84]
        """
        require_horizon(horizon)
        records = self.records(customers)
        require_new_columns(customers, ["alive_probability", "purchases_expected"])
        p, (x, age, pair) = self.top.parameters, records.without_recency
        alive = self.process.alive(p, records.x, records.recency, records.age)
        expected = alive * self.process.ahead(p, x, age, np.asarray(horizon))[pair]
        who = records.of_customer
        return customers.assign(alive_probability=alive[who], purchases_expected=expected[who])

    def records(self, customers: pd.DataFrame) -> Records:
        """The three columns of other customers, checked."""
        frequency, recency, age = self.columns
        return read_records(customers, frequency=frequency, recency=recency, age=age)

    def expected_purchases(
        self, times: Sequence[float], *, conf_level: float = 0.95
    ) -> pd.DataFrame:
        """Expected repeat purchases of a customer in the time after the first purchase.

        Parameters
        ----------
        times : list of float, above 0
            In the model's unit of time.
        conf_level : float in (0, 1), default 0.95

        Returns
        -------
        DataFrame, one row a time
            time, measure, estimate, std_error, ci_low, ci_high, conf_level, n, method, note.

        Raises
        ------
        ParameterError
            A time is not above 0.

        Notes
        -----
        The interval is that of the mean, by the delta method in its logarithm; what a single
        customer does varies far more.

        Examples
        --------
        See `purchase_model`.
        """
        require_conf_level(conf_level)
        for time in times:
            require_horizon(time)
        z = stats.norm.ppf((1 + conf_level) / 2)
        rows = []
        for time in times:
            span = np.asarray(time)
            mean = self._mean_of_new(span, self.top.parameters)
            error = log_error(partial(self._mean_of_new, span), self.top)
            row = {"time": time, "measure": "repeat_purchases", "estimate": mean}
            row |= {"std_error": mean * error, "ci_low": mean * np.exp(-z * error)}
            row |= {"ci_high": mean * np.exp(z * error), "conf_level": conf_level}
            row |= {"n": int(self.fit["n"].iloc[0]), "method": "delta, log", "note": self.unit_note}
            rows.append(row)
        return arrange(rows, keys=["time", "measure"])

    def _mean_of_new(self, time: Array, p: Array) -> float:
        return float(self.process.expected_new(p, time))

    @property
    def unit_note(self) -> str:
        """The unit of time in words."""
        return f"time in {self.time_unit}s"


def purchase_model(
    customers: pd.DataFrame,
    *,
    frequency: str,
    recency: str,
    age: str,
    time_unit: str,
    model: str = "bg_nbd",
    conf_level: float = 0.95,
) -> PurchaseModel:
    """Rates (above 0) at which customers buy again and leave unseen, by maximum likelihood.

    Parameters
    ----------
    customers : DataFrame, one row a customer
    frequency, recency, age : str
        Columns of repeat purchases (x, days with an order after the first), time from the first
        to the last purchase (t_x), time since the first (T); `buying_records` makes them.
    time_unit : {"day", "week", "month", "quarter", "year"}
        Unit of these times, and of every time the model speaks of.
    model : {"bg_nbd", "mbg_nbd", "pareto_nbd"}
        Customers may leave after each repeat purchase, after each purchase, or at any moment.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    PurchaseModel
        `estimates`: measure (parameter, mean), term, estimate, std_error, ci_low, ci_high,
        conf_level, n, method, note. `fit`: measure (log_likelihood, n_parameters, aic, bic,
        gradient, iterations, distinct_rows, repeat_buyers, repeat_purchases), estimate, n, note.

    Raises
    ------
    DataError
        A column is absent, incomplete, negative or not whole, or t_x > T; times contradict x.
    FitError
        Hardly anybody bought again, no maximum was reached, or parameters run to 0 or infinity.

    Notes
    -----
    BG: L = Γ(r + x) α^r/Γ(r) [B(a, b + x)/(α + T)^(r + x) + (x > 0) B(a + 1, b + x − 1)/(α +
    t_x)^(r + x)]/B(a, b); Pareto: L = Γ(r + x) α^r β^s/Γ(r) [1/((α + T)^(r + x) (β + T)^s) + s ∫
    dt/((α + t)^(r + x) (β + t)^(s + 1))], T ≥ t ≥ t_x. MBG has x + 1 for x in both B, and no (x >
    0). Newton's method in the logarithms. Errors: observed information; intervals: profile
    likelihood.

    Assumes: no contract; a customer buys at random at a rate of their own (gamma over customers)
    and leaves unseen, after a purchase (beta) or at any moment (gamma); both independent.

    Not for: contracts (`shifted_beta_geometric`); regular or seasonal buying; bg_nbd where many
    bought once, as it takes them for alive (mbg_nbd). Money: `spend_model`.

    References
    ----------
    Fader, P., Hardie, B. & Lee, K. (2005). Marketing Science 24:275–284. doi:10.1287/mksc.1040.0098
    Schmittlein, D., Morrison, D. & Colombo, R. (1987). Management Science 33:1–24.
    doi:10.1287/mnsc.33.1.1. Batislam, E., Denizel, M. & Filiztekin, A. (2007). Int. J. Research in
    Marketing 24:201–209. doi:10.1016/j.ijresmar.2006.12.005

    Examples
    --------
    >>> customers = pd.DataFrame({"x": [0, 0, 0, 0, 0, 1, 1, 2, 3, 9] * 12, "T": [40] * 120,
    ...     "t_x": [0, 0, 0, 0, 0, 5, 12, 20, 6, 36] * 12})
    >>> model = purchase_model(customers, frequency="x", recency="t_x", age="T", time_unit="week")
    >>> model.expected_purchases([40])["estimate"].round(1).tolist()  # the mean of x is 1.6
    [1.6]
    >>> # R: optim of the likelihood
    """
    require_conf_level(conf_level)
    require_one_of("model", model, PROCESSES)
    unit_days(time_unit)
    records = read_records(customers, frequency=frequency, recency=recency, age=age)
    _require_repeats(records, frequency)
    process = PROCESSES[model]

    def objective(theta: Array) -> tuple[float, Array, Array]:
        return process.likelihood(theta, records)

    start, centre = process.start(records)
    top = climb(objective, start, centre, process.names, EDGES)
    ends = [profile_ends(objective, top, at, conf_level=conf_level) for at in range(4)]
    return PurchaseModel(
        estimate_table(top, ends, records.n, conf_level, time_unit),
        fit_table(top, records.n, model, counted(records)),
        process,
        top,
        time_unit,
        (frequency, recency, age),
    )


def _require_repeats(records: Records, frequency: str) -> None:
    buyers = int(records.count @ (records.x > 0))
    if buyers == 0:
        raise FitError.because(
            f"All {records.n} customers have 0 in {frequency!r}: nobody bought again.",
            "Expected repeat purchases, from which the rates of buying and leaving are learned.",
            "Watch the customers for longer, or look whether days or ids were lost.",
        )
    if buyers < FEWEST_REPEAT:
        raise FitError.because(
            f"{buyers} of {records.n} customers bought again.",
            f"Expected at least {FEWEST_REPEAT}, for four parameters.",
            "Watch the customers for longer, or take in more of them.",
        )
