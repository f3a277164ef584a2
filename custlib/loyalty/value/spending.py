"""What a customer spends on an average order, from few orders and from everybody else's."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from custlib.checks import (
    require_columns,
    require_conf_level,
    require_new_columns,
    require_numeric,
    require_one_of,
)
from custlib.columns import arrange
from custlib.errors import FitError
from custlib.loyalty.value.fit_tables import fit_table, parameter_rows
from custlib.loyalty.value.maximum import Edges, Maximum, climb, profile_ends
from custlib.loyalty.value.records import refuse_rows

Array = np.ndarray
NONPOSITIVE = ("refuse", "leave_out")
EDGES: Edges = (
    ({"p to infinity"}, "all orders of a customer were of one amount"),
    ({"q to infinity"}, "all customers spent the same in the mean"),
)
FEWEST = 10  # customers with a mean; three parameters ask for no fewer
UNDEFINED = "q is at most 1: the mean over all customers is infinite"
NOT_POSITIVE = "mean not above 0: taken as unknown"
BLOCK = 8192  # customers whose terms are held at once, so that they stay in the cache


@dataclass(frozen=True, slots=True)
class SpendModel:
    """A fitted gamma–gamma model; `estimates` and `fit` are its tables.

    `top` holds the logarithms of p, q, v with their information, `columns` the names of the
    number of orders and of their mean, `nonpositive` the rule for means not above 0.
    """

    estimates: pd.DataFrame
    fit: pd.DataFrame
    top: Maximum
    columns: tuple[str, str]
    nonpositive: str

    def predict(self, customers: pd.DataFrame) -> pd.DataFrame:
        """Expected amount of a later order of each customer, in the unit of the amounts.

        Parameters
        ----------
        customers : DataFrame
            Has the two columns the model was fitted on; those without an order have 0.

        Returns
        -------
        DataFrame
            The rows as they are, spend_expected and spend_note.

        Raises
        ------
        DataError
            As `spend_model`, or a new column is taken.

        Notes
        -----
        p(v + x z)/(p x + q − 1): a mean of the customer's own and of everybody's, the closer to
        the own the more orders it has. Without an order that is the mean of all, which does not
        exist where q is at most 1.

        Examples
        --------
        >>> customers = pd.DataFrame({"x": [1, 2, 3, 4] * 15,
        ...                           "z": [20.0, 35.0, 28.0, 60.0, 12.0, 33.0] * 10})
        >>> model = spend_model(customers, frequency="x", spend="z")
        >>> model.predict(customers.head(2))["spend_expected"].round(1).tolist()
        [28.3, 33.9]
        """
        require_new_columns(customers, ["spend_expected", "spend_note"])
        x, z, known = read_spend(customers, *self.columns, self.nonpositive)
        p, q, v = self.top.parameters
        mean, note = np.full(len(x), np.nan), np.full(len(x), "", object)
        below = p * x + q - 1
        defined = below > 0
        mean[defined] = p * (v + x[defined] * z[defined]) / below[defined]
        note[~defined] = UNDEFINED
        note[defined & ~known & (require_numeric(customers, self.columns[0]) > 0)] = NOT_POSITIVE
        return customers.assign(spend_expected=mean, spend_note=note)


def spend_model(
    customers: pd.DataFrame,
    *,
    frequency: str,
    spend: str,
    nonpositive: str = "refuse",
    conf_level: float = 0.95,
) -> SpendModel:
    """How mean spending an order varies over customers, in the unit of the amounts (above 0).

    Parameters
    ----------
    customers : DataFrame, one row a customer
    frequency, spend : str
        Columns of the number of orders (x; customers with 0 are not used) and of their mean
        amount (z). Fader and Hardie count repeat orders and leave the first out of both.
    nonpositive : {"refuse", "leave_out"}
        Customers with orders whose mean is zero or negative: an error, or counted as customers of
        whose spending nothing is known.
    conf_level : float in (0, 1), default 0.95

    Returns
    -------
    SpendModel
        `estimates`: measure (parameter, mean), term (p, q, v; population_mean), estimate,
        std_error, ci_low, ci_high, conf_level, n, method, note. `fit`: measure (log_likelihood,
        n_parameters, aic, bic, gradient, iterations, correlation, correlation_p_value,
        left_out), estimate, n, method, note.

    Raises
    ------
    DataError
        A column is absent or incomplete, or a mean is not above 0 and `nonpositive` refuses.
    FitError
        Fewer than ten customers with orders, no maximum was reached, or parameters run away.

    Notes
    -----
    L = [x z/(x z + v)]^(p x) [v/(x z + v)]^q/(z B(p x, q)); population_mean = p v/(q − 1). Orders
    of a customer are Gamma(p, n), with n over customers Gamma(q, v): z given n is Gamma(p x, n x).
    Newton's method in the logarithms, exact gradient and Hessian, errors by the observed
    information, intervals by profile likelihood. `fit` has the correlation (Pearson) of spending
    and number of orders with its p value: far from 0, forecasts of revenue are too low or too high
    for those who order most. Where q is at most 1 the population mean is infinite: NaN.

    Assumes: a customer's mean spending stays the same, orders about it are gamma, and it has
    nothing to do with how often one orders.

    Not for: a correlation clearly off 0 in `fit`, net amounts below zero or with few huge ones,
    prices that rise, fewer than 10 customers (refused). How many orders come is `purchase_model`'s,
    both together `customer_value`.

    References
    ----------
    Fader, P., Hardie, B. & Lee, K. (2005). J. Marketing Research 42:415–430.
    doi:10.1509/jmkr.2005.42.4.415. Fader, P. & Hardie, B. (2013). The gamma-gamma model of
    monetary value, brucehardie.com/notes/025.

    Examples
    --------
    >>> customers = pd.DataFrame({"x": [1, 2, 3, 4] * 15,
    ...                           "z": [20.0, 35.0, 28.0, 60.0, 12.0, 33.0] * 10})
    >>> model = spend_model(customers, frequency="x", spend="z")  # R: optim of the likelihood
    >>> model.estimates.query("measure == 'mean'")["estimate"].round(1).tolist()
    [32.7]
    """
    require_conf_level(conf_level)
    require_one_of("nonpositive", nonpositive, NONPOSITIVE)
    x, z, known = read_spend(customers, frequency, spend, nonpositive)
    left_out = int((require_numeric(customers, frequency) > 0).sum() - known.sum())
    x, z = x[known], z[known]
    if len(x) < FEWEST:
        raise FitError.because(
            f"{len(x)} customers have orders with a mean above 0.",
            f"Expected at least {FEWEST}, for three parameters.",
            "Take in more customers, or a longer time.",
        )
    if np.ptp(z) == 0:
        raise FitError.because(
            f"All {len(z)} customers spend {z[0]:g} an order.",
            "Expected spending that differs, from which its spread is learned.",
            "Use that amount itself.",
        )
    likelihood = Spending(x, z)
    centre = np.array([0.0, 0.0, np.log(z.mean())])
    top = climb(likelihood, np.log([2.0, 3.0, z.mean()]), centre, ("p", "q", "v"), EDGES)
    ends = [profile_ends(likelihood, top, at, conf_level=conf_level) for at in range(3)]
    rows = parameter_rows(top, ends, len(x), conf_level, {"v": "unit of the amounts"})
    rows.append(_population_mean(top, len(x), conf_level))
    related = stats.pearsonr(x, z) if np.ptp(x) > 0 else (np.nan, np.nan)
    counted = {"correlation": float(related[0]), "correlation_p_value": float(related[1])}
    fit = fit_table(top, len(x), "gamma_gamma", counted | {"left_out": left_out})
    table = arrange(rows, keys=["measure", "term"])
    return SpendModel(table, fit, top, (frequency, spend), nonpositive)


class Spending:
    """Log-likelihood, gradient and Hessian in the logarithms of p, q, v, as one callable."""

    def __init__(self, x: Array, z: Array) -> None:
        at, self.x = pd.factorize(x)
        self.count = np.bincount(at).astype(float)
        self.weights = np.column_stack([x, np.ones(len(x))])
        self.total = x * z
        self.log_total = np.log(self.total)
        self.constant = -np.log(z).sum()

    def __call__(self, theta: Array) -> tuple[float, Array, Array]:
        p, q, v = params = np.exp(theta)
        (own, _), (_, prior), (x_first, first), (x_second, second) = self._sums(v)
        x, m, n = self.x, self.count, self.count.sum()
        shape, size = p * x + q, p * x
        psi, curve = special.digamma, lambda value: special.polygamma(1, value)
        # Terms of the size of their sum, which would drown in the rounding of larger ones.
        value = p * own + q * prior - m @ special.betaln(size, q) + self.constant
        gradient = np.array(
            [
                (m * x) @ (psi(shape) - psi(size)) + own,
                m @ psi(shape) - n * psi(q) + prior,
                n * q / v - p * x_first - q * first,
            ]
        )
        hessian = np.empty((3, 3))
        hessian[0, 0] = (m * x**2) @ (curve(shape) - curve(size))
        hessian[0, 1] = hessian[1, 0] = (m * x) @ curve(shape)
        hessian[1, 1] = m @ curve(shape) - n * curve(q)
        hessian[0, 2] = hessian[2, 0] = -x_first
        hessian[1, 2] = hessian[2, 1] = n / v - first
        hessian[2, 2] = p * x_second + q * second - n * q / v**2
        gradient = params * gradient
        return float(value), gradient, np.outer(params, params) * hessian + np.diag(gradient)

    def _sums(self, v: float) -> Array:
        """Four sums over customers, each times x and plain, with x z + v as the whole.

        Of log(x z/whole), log(v/whole), 1/whole and 1/whole².
        """
        sums = np.zeros((4, 2))
        for first in range(0, len(self.total), BLOCK):
            rows = slice(first, first + BLOCK)
            whole = self.total[rows] + v
            logs, inverse = np.log(whole), 1 / whole
            terms = [self.log_total[rows] - logs, np.log(v) - logs, inverse, inverse**2]
            sums += np.array(terms) @ self.weights[rows]
        return sums


def read_spend(
    customers: pd.DataFrame, frequency: str, spend: str, nonpositive: str
) -> tuple[Array, Array, Array]:
    """Number of orders and their mean, both 0 where nothing is known, and where it is known."""
    require_columns(customers, [frequency, spend])
    x, z = (require_numeric(customers, name, finite=False) for name in (frequency, spend))
    wrong = ~np.isfinite(x) | (x < 0) | ((x > 0) & ~np.isfinite(z))
    refuse_rows(
        customers,
        wrong,
        f"negative or missing numbers in {frequency!r} or {spend!r}",
        "Expected counts of orders from 0 up, and a mean for every customer with orders.",
        "Correct them, or leave those customers out.",
    )
    below = (x > 0) & (z <= 0)
    if nonpositive == "refuse":
        refuse_rows(
            customers,
            below,
            f"customers whose mean in {spend!r} is zero or negative",
            "Expected a mean above 0 of every customer with orders.",
            'Correct it, or pass nonpositive="leave_out", which takes their spending as unknown.',
        )
    known = (x > 0) & ~below
    return np.where(known, x, 0.0), np.where(known, z, 0.0), known


def _population_mean(top: Maximum, n: int, conf_level: float) -> dict:
    """p v/(q − 1), with its interval in the logarithm; none where q is at most 1."""
    p, q, v = top.parameters
    row = {"measure": "mean", "term": "population_mean", "n": n, "conf_level": conf_level}
    row |= {"method": "delta, log"} | dict.fromkeys(
        ("estimate", "std_error", "ci_low", "ci_high"), np.nan
    )
    if q <= 1:
        return row | {"note": UNDEFINED}
    slopes = np.array([1, -q / (q - 1), 1])
    error = float(np.sqrt(slopes @ top.covariance @ slopes))
    mean, z = p * v / (q - 1), stats.norm.ppf((1 + conf_level) / 2)
    row |= {"estimate": mean, "std_error": error * mean, "ci_low": mean * np.exp(-z * error)}
    return row | {"ci_high": mean * np.exp(z * error), "note": "unit of the amounts"}
