"""Standard errors of latent classes, from the curvature of the likelihood in the logits."""

from dataclasses import dataclass

import numpy as np

from custlib.segmentation.latent.solution import Solution

Array = np.ndarray

AT_BOUNDARY = 1e-6  # a probability below is taken for 0: its logit has no finite value
FLAT = 1e-7  # least share of the complete data's information that the answers must hold


@dataclass(frozen=True, slots=True)
class Errors:
    """Standard errors of shares (classes,) and answers (classes, answers), and why some lack."""

    shares: Array
    answers: Array
    note: str


def standard_errors(solution: Solution, *, sandwich: bool) -> Errors:
    """Delta-method errors from the observed information, or from the sandwich under weights.

    Parameters at the boundary are held there and have NaN. The information is that of Louis
    (1982): complete-data information less the covariance of complete-data scores given the answers.
    """
    blocks, scale = _blocks(solution)
    free = _free(solution)
    complete = (blocks * scale[:, None])[np.ix_(free, free)]
    scores = _scores(solution)[:, free]
    information = complete - _lost_information(solution)[np.ix_(free, free)]
    information += scores.T @ (scores * solution.patterns.weights[:, None])
    flat = _flat_directions(information, complete)
    if flat:
        return no_errors(solution, flat)
    covariance = np.linalg.inv(information)
    if sandwich:
        n = solution.patterns.n
        middle = scores.T @ (scores * solution.patterns.squares[:, None])
        covariance = covariance @ middle @ covariance * n / (n - 1)
    slopes = blocks[:, free]
    variance = np.einsum("ij,jk,ik->i", slopes, covariance, slopes)
    moving = np.concatenate([solution.shares, solution.answers.ravel()])
    inside = (moving > AT_BOUNDARY) & (moving < 1 - AT_BOUNDARY)
    inside[solution.k :] &= np.repeat(solution.shares > AT_BOUNDARY, solution.answers.shape[1])
    errors = np.where(inside, np.sqrt(np.maximum(variance, 0)), np.nan)
    return Errors(errors[: solution.k], errors[solution.k :].reshape(solution.answers.shape), "")


def no_errors(solution: Solution, note: str) -> Errors:
    """NaN for every parameter, and why."""
    shape = solution.answers.shape
    return Errors(np.full(shape[0], np.nan), np.full(shape, np.nan), note)


def _blocks(solution: Solution) -> tuple[Array, Array]:
    """Slopes of all probabilities in their logits, and how much weight stands behind each row.

    diag(p) − pp' for the shares and for each item within each class; times the weight behind it
    this is the information of data in which classes are seen.
    """
    patterns, k = solution.patterns, solution.k
    posterior = solution.memberships() * patterns.weights[:, None]
    same_item = patterns.item_of_answer[:, None] == patterns.item_of_answer
    width = len(patterns.item_of_answer)
    blocks = np.zeros((k + k * width,) * 2)
    blocks[:k, :k] = np.diag(solution.shares) - np.outer(solution.shares, solution.shares)
    for at, answers in enumerate(solution.answers):
        place = slice(k + at * width, k + (at + 1) * width)
        blocks[place, place] = np.diag(answers) - np.outer(answers, answers) * same_item
    answered = (patterns.codes >= 0).astype(float)
    behind = (posterior.T @ answered)[:, patterns.item_of_answer]
    return blocks, np.concatenate([np.full(k, patterns.weights.sum()), behind.ravel()])


def _free(solution: Solution) -> Array:
    """Logits that can move: not the reference (the most probable), and not at the boundary."""
    patterns = solution.patterns
    free = [solution.shares > AT_BOUNDARY]
    free[0][np.argmax(solution.shares)] = False
    for share, answers in zip(solution.shares, solution.answers, strict=True):
        inside = (answers > AT_BOUNDARY) & (share > AT_BOUNDARY)
        for start, scale in zip(patterns.starts, patterns.scales, strict=True):
            inside[start + np.argmax(answers[start : start + len(scale.answers)])] = False
        free.append(inside)
    return np.flatnonzero(np.concatenate(free))


def _residuals(solution: Solution, at: int) -> Array:
    """Answers less their probabilities in a class, 0 where the item is not answered."""
    patterns = solution.patterns
    answered = (patterns.codes >= 0)[:, patterns.item_of_answer]
    return patterns.indicators - answered * solution.answers[at]


def _scores(solution: Solution) -> Array:
    """Slope of each pattern's log-likelihood in all logits."""
    posterior = solution.memberships()
    parts = [posterior - solution.shares]
    parts += [posterior[:, [at]] * _residuals(solution, at) for at in range(solution.k)]
    return np.hstack(parts)


def _lost_information(solution: Solution) -> Array:
    """Sum over patterns and classes of posterior × outer product of the complete-data score."""
    k, width = solution.answers.shape
    posterior = solution.memberships() * solution.patterns.weights[:, None]
    lost = np.zeros((k + k * width,) * 2)
    for at in range(k):
        own = np.eye(k)[at] - solution.shares
        residuals = _residuals(solution, at)
        weighted = residuals * posterior[:, [at]]
        place = slice(k + at * width, k + (at + 1) * width)
        lost[:k, :k] += posterior[:, at].sum() * np.outer(own, own)
        lost[place, place] = residuals.T @ weighted
        lost[:k, place] = np.outer(own, weighted.sum(axis=0))
        lost[place, :k] = lost[:k, place].T
    return lost


def _flat_directions(information: Array, complete: Array) -> str:
    """Why the information has no inverse; empty if it has one."""
    if not len(information):
        return ""
    root = 1 / np.sqrt(np.diag(complete))
    kept = np.linalg.eigvalsh(information * np.outer(root, root))
    flat = int((kept < FLAT).sum())
    if not flat:
        return ""
    where = "1 direction" if flat == 1 else f"{flat} directions"
    return f"not identified: the likelihood is flat in {where} at its maximum"
