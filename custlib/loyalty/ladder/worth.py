"""Arithmetic of the ladder's value: what stages are worth, and what a change of a share adds."""

from dataclasses import dataclass, replace

import numpy as np

from custlib.errors import DataError, ParameterError
from custlib.loyalty.ladder.chain import Ladder, reachable

Array = np.ndarray
OUTER, FROM, TO = "...si,...j->...sij", "...st,...tij->...sij", "...jm,...sim->...sij"


@dataclass(frozen=True, slots=True)
class Span:
    """What adds up over n periods under one discounted matrix S, shape (…, k, k)."""

    power: Array  # Sⁿ
    visits: Array  # I + S + … + Sⁿ⁻¹
    value: Array  # of the n periods, and of what comes after them
    slopes: Array  # sum over t of Sᵗ (from, i) times the value of n − t periods from j, if wanted


def span_of(
    step: Array, periods: int, margins: Array, after: Array | None = None, *, slopes: bool = False
) -> Span:
    """So many periods, and stages worth `after` behind them (which slopes take for nothing)."""
    eye = np.broadcast_to(np.eye(step.shape[-1]), step.shape)
    power, visits = eye, np.zeros(step.shape)
    value = np.zeros(step.shape[:-1]) if after is None else after
    sums = np.zeros((*step.shape, step.shape[-1] if slopes else 0))
    # Up to 15 periods are added one by one, like the plain sum to the last digit; then doubled.
    doublings = max(periods.bit_length() - 4, 0)
    acts = ["add"] * (periods >> doublings)
    for at in reversed(range(doublings)):
        acts += ["double"] + ["add"] * (periods >> at & 1)
    for act in acts:
        if act == "add":  # one period in front
            value = margins + _led(step, value)
            if slopes:
                sums = np.einsum(OUTER, eye, value) + np.einsum(FROM, step, sums)
            visits, power = visits + power, power @ step
        else:
            if slopes:
                ahead = np.einsum(OUTER, visits, value) + np.einsum(TO, power, sums)
                sums = ahead + np.einsum(FROM, power, sums)
            value = _led(visits, margins) + _led(power, value)
            visits, power = visits + power @ visits, power @ power
    return Span(power, visits, value, sums)


def _led(matrices: Array, values: Array) -> Array:
    """Values of the stages to which the matrices lead."""
    return np.asarray((matrices @ values[..., None])[..., 0])


@dataclass(frozen=True, slots=True)
class Worth:
    """Margins by stage, the discount of a period, and periods counted (None: without end)."""

    margins: Array
    discount: float
    horizon: int | None
    ends: Array  # absorbing stages, worth nothing where nothing is discounted

    def values(self, matrices: Array, margins: Array | None = None) -> Array:
        """Value of each stage, shape (…, k), the present margin in full."""
        margins = self.margins if margins is None else margins
        if self.horizon is not None:
            return span_of(self.shrunk(matrices), self.horizon + 1, margins).value
        inside = np.flatnonzero(~self.ends) if self.discount == 0 else np.arange(len(self.ends))
        part = np.eye(len(inside)) - self.shrunk(matrices)[..., inside[:, None], inside]
        paid = np.broadcast_to(margins[..., inside], part.shape[:-1])
        found = np.zeros((*matrices.shape[:-2], len(self.ends)))
        found[..., inside] = np.linalg.solve(part, paid[..., None])[..., 0]
        return found

    def shrunk(self, matrices: Array) -> Array:
        """One period on, discounted."""
        return matrices / (1 + self.discount)

    def changed(
        self, matrices: Array, after: Array, lasting: int | None, margins: Array | None = None
    ) -> Array:
        """Value where the next `lasting` periods go by the matrices `after`, all for None."""
        margins = self.margins if margins is None else margins
        lasting, rest = self._parted(lasting)
        if lasting is None:
            return self.values(after, margins)
        value = replace(self, horizon=rest).values(matrices, margins)
        return span_of(self.shrunk(after), lasting, margins, value).value

    def slopes(self, matrices: Array, lasting: int | None, margins: Array | None = None) -> Array:
        """How the value of each stage grows with the share i → j, shape (…, stage, i, j).

        A share that grows while another of its row shrinks adds the difference of two of these.
        """
        margins = self.margins if margins is None else margins
        step = self.shrunk(matrices)
        lasting, rest = self._parted(lasting)
        if lasting is None or rest is None:
            visits = self._visits(step, lasting)
            ahead = self.values(matrices, margins) / (1 + self.discount)
            return np.asarray(np.einsum(OUTER, visits, ahead))
        first = span_of(step, lasting, margins, slopes=True)
        then = span_of(step, rest, margins)
        ahead = np.einsum(OUTER, first.visits, then.value)
        ahead = ahead + np.einsum(TO, then.power, first.slopes)
        return ahead / (1 + self.discount)

    def _parted(self, lasting: int | None) -> tuple[int | None, int | None]:
        """Periods in which a change lasts, and those to come after it; None without end."""
        if self.horizon is None:
            return None if lasting is None else int(lasting), None
        lasting = self.horizon if lasting is None else min(int(lasting), self.horizon)
        return lasting, self.horizon - lasting

    def _visits(self, step: Array, lasting: int | None) -> Array:
        """Discounted periods spent on each stage while the change lasts."""
        if lasting is not None:
            return span_of(step, lasting, self.margins).visits
        inside = np.flatnonzero(~self.ends) if self.discount == 0 else np.arange(step.shape[-1])
        part = np.eye(len(inside)) - step[..., inside[:, None], inside]
        total = np.zeros(step.shape)
        total[..., inside[:, None], inside] = np.linalg.inv(part)
        return total


def require_worth(ladder: Ladder, margins: Array, discount: float, horizon: int | None) -> Worth:
    """Margins, discount and horizon that give a value."""
    if not 0 <= discount <= 1:
        raise ParameterError.because(
            f"discount is {discount!r}.",
            "Expected the rate of one period, from 0 to 1.",
            "For 3 % a period pass 0.03.",
        )
    if horizon is not None and not (horizon >= 0 and horizon % 1 == 0):
        raise ParameterError.because(
            f"horizon is {horizon!r}.",
            "Expected a whole number of periods to come from 0, or None for no end.",
            "Correct it.",
        )
    if discount == 0 and horizon is None:
        _require_finite(ladder, margins)
    ends = ladder.chain.absorbing
    return Worth(margins, float(discount), None if horizon is None else int(horizon), ends)


def require_lasting(lasting: int | None) -> None:
    """The change lasts a whole number of periods, or for ever."""
    if lasting is not None and not (lasting >= 1 and lasting % 1 == 0):
        raise ParameterError.because(
            f"lasting is {lasting!r}.",
            "Expected a whole number of periods from 1, or None for a change that stays.",
            "Correct it.",
        )


def _require_finite(ladder: Ladder, margins: Array) -> None:
    """Without a discount everybody must leave some day, and bring nothing then."""
    chain = ladder.chain
    out = reachable(chain.matrix)[:, chain.absorbing].any(axis=1)
    paying = [chain.names[at] for at in np.flatnonzero(chain.absorbing) if margins[at] != 0]
    stays = [chain.names[at] for at in np.flatnonzero(~out)]
    if stays or paying:
        lasts = f"{', '.join(map(str, paying))} brings a margin for ever"
        found = f"no way out was seen from {', '.join(map(str, stays))}" if stays else lasts
        raise DataError.because(
            f"discount is 0 and there is no horizon, but {found}.",
            "Expected that every customer leaves some day and then brings nothing: otherwise the"
            " value is infinite.",
            "Pass a discount above 0, a horizon, or name the absorbing stage.",
        )
