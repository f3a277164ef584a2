"""Tables of a latent class model: its parameters, its cases, its fit."""

import numpy as np
import pandas as pd
from scipy import special, stats

from custlib.columns import arrange
from custlib.segmentation.latent.curvature import Errors
from custlib.segmentation.latent.solution import Solution, chi_square_p

Array = np.ndarray

FEW_A_CELL = 5  # rows per possible pattern below which chi-square is no guide
NO_ANSWERS, LEFT_OUT = "no answer: shares of the classes", "left out: an answer is missing"
NOT_CONVERGED = "not converged: no maximum was reached"
BOUNDARY = "at the boundary, 0 or 1: no standard error"


def estimate_table(
    solution: Solution, errors: Errors, conf_level: float, method: str
) -> pd.DataFrame:
    """Share of each class, then the probability of each answer in each class."""
    patterns, k = solution.patterns, solution.k
    names = [(scale.item, answer) for scale in patterns.scales for answer in scale.answers]
    labels = [str(at + 1) for at in range(k)]
    answered = patterns.rows @ (patterns.codes >= 0)
    n = np.concatenate([np.full(k, patterns.n), np.tile(answered[patterns.item_of_answer], k)])
    table = pd.DataFrame(
        {
            "segment": [*labels, *np.repeat(labels, len(names)).tolist()],
            "measure": ["share"] * k + ["probability"] * (k * len(names)),
            "item": [""] * k + [item for item, _ in names] * k,
            "answer": pd.Series([""] * k + [answer for _, answer in names] * k, dtype=object),
            "estimate": np.concatenate([solution.shares, solution.answers.ravel()]),
            "std_error": np.concatenate([errors.shares, errors.answers.ravel()]),
            "conf_level": conf_level,
            "n": n,
            "n_missing": patterns.n - n,
            "method": method,
        }
    )
    table["ci_low"], table["ci_high"] = logit_interval(
        table["estimate"].to_numpy(), table["std_error"].to_numpy(), conf_level
    )
    lacking = errors.note or (BOUNDARY if k > 1 else "")
    table["note"] = np.where(table["std_error"].isna(), lacking, "")
    if k == 1:
        table.loc[0, "note"] = "one class: its share is 1"
    return arrange(table, keys=["segment", "measure", "item", "answer"])


def logit_interval(share: Array, std_error: Array, conf_level: float) -> tuple[Array, Array]:
    """Interval of a share between 0 and 1, symmetric in its logit; NaN without standard error."""
    half = stats.norm.ppf((1 + conf_level) / 2) * std_error
    with np.errstate(divide="ignore", invalid="ignore"):
        half = half / (share * (1 - share))
        return special.expit(special.logit(share) - half), special.expit(
            special.logit(share) + half
        )


def case_table(
    customers: pd.DataFrame,
    posterior: Array,
    of_row: Array,
    *,
    otherwise: Array,
    note: str,
    segment: str,
) -> pd.DataFrame:
    """The rows with class and posterior; a row without pattern gets `otherwise` and the note."""
    rows = np.vstack([posterior, otherwise])[of_row]
    labels = np.array([str(at + 1) for at in range(posterior.shape[1])], object)
    # A row about which nothing is known belongs to no class.
    known = (of_row >= 0) & ~np.isnan(rows).any(axis=1)
    columns = case_columns(segment, posterior.shape[1])
    added = {
        segment: pd.array(np.where(known, labels[rows.argmax(axis=1)], None), dtype="str"),
        **{name: rows[:, at] for at, name in enumerate(columns[1:-1])},
        columns[-1]: pd.array(np.where(of_row < 0, note, ""), dtype="str"),
    }
    return customers.assign(**added)


def case_columns(segment: str, k: int) -> list[str]:
    """Columns that `case_table` adds."""
    posteriors = [f"{segment}_probability_{at + 1}" for at in range(k)]
    return [segment, *posteriors, f"{segment}_note"]


def fit_table(
    solution: Solution, posterior: Array, errors: Errors, *, weighted: bool, method: str
) -> pd.DataFrame:
    """Likelihood, criteria, separation of the classes, starts, goodness of fit."""
    patterns = solution.patterns
    note = "" if solution.converged else NOT_CONVERGED
    pseudo = "weights scaled to mean 1" if weighted else ""
    rows = [
        {"measure": "log_likelihood", "estimate": solution.loglik, "note": note or pseudo},
        {"measure": "n_parameters", "estimate": solution.n_parameters, "note": errors.note},
        {"measure": "aic", "estimate": solution.aic, "note": note or pseudo},
        {"measure": "bic", "estimate": solution.bic, "note": note or pseudo},
        {"measure": "entropy_r2", "estimate": solution.entropy_r2(posterior)}
        | {"note": note or ("one class" if solution.k == 1 else "")},
        {"measure": "classification_error", "estimate": solution.classification_error(posterior)}
        | {"note": note},
        {"measure": "n_starts", "estimate": solution.n_starts, "note": ""},
        {"measure": "starts_at_best", "estimate": solution.at_best, "note": lone(solution)},
        {"measure": "rounds", "estimate": solution.rounds, "note": note},
        {"measure": "n_patterns", "estimate": len(patterns.codes), "note": ""},
        *_goodness_rows(solution, errors, weighted),
    ]
    unused = len(patterns.of_row) - patterns.n
    n_effective = patterns.n**2 / patterns.squares.sum()
    common = {"n": patterns.n, "n_effective": n_effective, "n_missing": unused, "method": method}
    return arrange([row | common for row in rows], keys=["measure"])


def lone(solution: Solution) -> str:
    """What the number of starts at the best maximum says of it."""
    if not solution.converged:
        return NOT_CONVERGED
    if solution.at_best == 1 and solution.k > 1:
        return "one start alone found this maximum: a higher one may be unseen, raise n_starts"
    return ""


def _goodness_rows(solution: Solution, errors: Errors, weighted: bool) -> list[dict]:
    """G² and X²; degrees of freedom are counted only where all parameters are identified."""
    patterns = solution.patterns
    why = "answers are missing" if not patterns.complete else "weights" if weighted else ""
    if why:
        note = f"{why}: no chi-square"
        return [{"measure": name, "estimate": np.nan, "note": note} for name in ("g2", "x2")]
    *values, df = solution.goodness()
    few = f"fewer than {FEW_A_CELL} rows a cell: no p value"
    note = errors.note or (few if patterns.n < FEW_A_CELL * patterns.cells else "")
    return [
        {"measure": name, "estimate": value, "df": np.nan if errors.note else df, "note": note}
        | {"p_value": np.nan if note else chi_square_p(value, df)}
        for name, value in zip(("g2", "x2"), values, strict=True)
    ]
