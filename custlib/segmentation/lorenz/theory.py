"""What top share a law of sizes implies, and how uneven a law must be for a claim such as 20/80."""

import numpy as np
from scipy import stats

from custlib.checks import require_one_of
from custlib.errors import ParameterError

LAWS = ("lognormal", "pareto")


def theoretical_top_share(
    *, top: float, sigma: float | None = None, alpha: float | None = None
) -> float:
    """Share (0–1) of the value held by the share `top` of largest customers under a law of sizes.

    Parameters
    ----------
    top : share in (0, 1)
    sigma : float, at least 0
        Standard deviation of the logarithm: sizes are lognormal.
    alpha : float above 1
        Tail index: sizes are Pareto. Exactly one of the two is given.

    Returns
    -------
    float

    Raises
    ------
    ParameterError
        Neither or both laws, or a value outside its range.

    Notes
    -----
    Lognormal = Φ(σ − Φ⁻¹(1 − top)); Pareto = top^(1 − 1/α).

    Assumes: sizes follow the law exactly, in a base without end: no sampling, no zeros, no losses.

    Not for: the share in a base of customers, which `concentration` measures with its interval; few
    customers hold less or more than the law by chance alone.

    References
    ----------
    Arnold, B. & Sarabia, J. (2018). Majorization and the Lorenz Order with Applications. Springer.

    Examples
    --------
    >>> round(theoretical_top_share(top=0.2, sigma=1), 3)  # R: integrate(x dlnorm(x))
    0.563
    """
    _require_inside("top", top, 0, 1)
    if sigma is not None and alpha is None:
        if not 0 <= sigma < np.inf:
            _refuse("sigma", sigma, "at least 0")
        return float(stats.norm.cdf(sigma - stats.norm.ppf(1 - top)))
    if alpha is None or sigma is not None:
        raise ParameterError.because(
            f"sigma is {sigma}, alpha is {alpha}.",
            "Expected exactly one: sigma of a lognormal, or alpha of a Pareto law.",
            "Pass sigma=1.0 or alpha=1.5, say.",
        )
    if not 1 < alpha < np.inf:
        _refuse("alpha", alpha, "above 1, as the mean is infinite otherwise")
    return float(top ** (1 - 1 / alpha))


def shape_for_top_share(*, top: float, share: float, law: str = "lognormal") -> float:
    """Sigma of the lognormal, or alpha of the Pareto law, that gives `share` to `top` customers.

    Parameters
    ----------
    top, share : shares in (0, 1)
        Who and how much, 0.2 and 0.8 for 20/80; `share` is not below `top`.
    law : {"lognormal", "pareto"}

    Returns
    -------
    float
        Sigma (no unit, at least 0) or alpha (above 1; infinite where share = top).

    Raises
    ------
    ParameterError
        A share outside its range, or an unknown law.

    Notes
    -----
    σ = Φ⁻¹(share) + Φ⁻¹(1 − top); α = 1/(1 − ln share / ln top).

    Assumes: the whole base follows one law, known up to this one number, and is endless.

    Not for: the shape of a law from one rounded saying as if measured: fit it to values, or read
    `concentration`. Pareto laws here have a mean (alpha above 1).

    References
    ----------
    Arnold & Sarabia (2018), as in `theoretical_top_share`.

    Examples
    --------
    >>> round(shape_for_top_share(top=0.2, share=0.8), 3)
    1.683
    >>> round(shape_for_top_share(top=0.2, share=0.8, law="pareto"), 3)  # R: uniroot
    1.161
    """
    require_one_of("law", law, LAWS)
    _require_inside("top", top, 0, 1)
    if not top <= share < 1:
        _refuse("share", share, f"at least top, {top:g}, and below 1")
    if law == "lognormal":
        return max(float(stats.norm.ppf(share) + stats.norm.ppf(1 - top)), 0.0)
    equality = float(np.log(share) / np.log(top))
    return 1 / (1 - equality) if equality < 1 else np.inf


def _require_inside(name: str, value: float, low: float, high: float) -> None:
    if not low < value < high:
        _refuse(name, value, f"strictly between {low:g} and {high:g}")


def _refuse(name: str, value: float | None, expected: str) -> None:
    raise ParameterError.because(
        f"{name} is {value!r}.", f"Expected a number {expected}.", "Correct the argument."
    )
