"""Arithmetic of the ladder's value: what stages are worth, and what a change of a share adds."""

from dataclasses import dataclass

import numpy as np

from custlib.errors import DataError, ParameterError
from custlib.loyalty.ladder.chain import Ladder, reachable

Array = np.ndarray


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
            return self.path(matrices, margins)[-1]
        inside = np.flatnonzero(~self.ends) if self.discount == 0 else np.arange(len(self.ends))
        part = np.eye(len(inside)) - self.shrunk(matrices)[..., inside[:, None], inside]
        paid = np.broadcast_to(margins[..., inside], part.shape[:-1])
        found = np.zeros((*matrices.shape[:-2], len(self.ends)))
        found[..., inside] = np.linalg.solve(part, paid[..., None])[..., 0]
        return found

    def path(self, matrices: Array, margins: Array | None = None) -> list[Array]:
        """Values with 0, 1, … up to `horizon` periods to come."""
        margins = self.margins if margins is None else margins
        value = np.broadcast_to(margins, matrices.shape[:-1])
        found, step = [value], self.shrunk(matrices)
        for _ in range(self.horizon or 0):
            value = margins + (step @ value[..., None])[..., 0]
            found.append(value)
        return found

    def shrunk(self, matrices: Array) -> Array:
        """One period on, discounted."""
        return matrices / (1 + self.discount)

    def changed(
        self, matrices: Array, after: Array, lasting: int | None, margins: Array | None = None
    ) -> Array:
        """Value where the next `lasting` periods go by the matrices `after`, all for None."""
        margins = self.margins if margins is None else margins
        if self.horizon is not None:
            lasting = self.horizon if lasting is None else min(lasting, self.horizon)
            rest = Worth(margins, self.discount, self.horizon - lasting, self.ends)
            value = rest.values(matrices, margins)
        elif lasting is None:
            return self.values(after, margins)
        else:
            value = self.values(matrices, margins)
        for _ in range(lasting):
            value = margins + (self.shrunk(after) @ value[..., None])[..., 0]
        return value

    def slopes(self, matrices: Array, lasting: int | None, margins: Array | None = None) -> Array:
        """How the value of each stage grows with the share i → j, shape (…, stage, i, j).

        A share that grows while another of its row shrinks adds the difference of two of these.
        """
        margins = self.margins if margins is None else margins
        step = self.shrunk(matrices)
        k = step.shape[-1]
        if self.horizon is None:
            visits = self._visits(step, lasting)
            ahead = self.values(matrices, margins) / (1 + self.discount)
            return visits[..., :, :, None] * ahead[..., None, None, :]
        lasting = self.horizon if lasting is None else min(lasting, self.horizon)
        path = self.path(matrices, margins)
        now = np.broadcast_to(np.eye(k), step.shape)
        total = np.zeros((*step.shape, k))
        for at in range(lasting):
            ahead = path[self.horizon - 1 - at] / (1 + self.discount)
            total += now[..., :, :, None] * ahead[..., None, None, :]
            now = now @ step
        return total

    def _visits(self, step: Array, lasting: int | None) -> Array:
        """Discounted periods spent on each stage while the change lasts."""
        k = step.shape[-1]
        if lasting is not None:
            now = total = np.broadcast_to(np.eye(k), step.shape)
            for _ in range(lasting - 1):
                now = now @ step
                total = total + now
            return total
        inside = np.flatnonzero(~self.ends) if self.discount == 0 else np.arange(k)
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
    if horizon is not None and not (horizon >= 0 and horizon == int(horizon)):
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
    if lasting is not None and not (lasting >= 1 and lasting == int(lasting)):
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
        found = (
            f"no way out was seen from {', '.join(map(str, stays))}"
            if stays
            else f"{', '.join(map(str, paying))} brings a margin for ever"
        )
        raise DataError.because(
            f"discount is 0 and there is no horizon, but {found}.",
            "Expected that every customer leaves some day and then brings nothing: otherwise the"
            " value is infinite.",
            "Pass a discount above 0, a horizon, or name the absorbing stage.",
        )
