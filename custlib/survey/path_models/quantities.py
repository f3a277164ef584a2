"""What a solved model says, one labelled quantity after the other, for all models at once."""

from collections.abc import Iterator

import numpy as np

from custlib.survey.path_models.effects import inflation
from custlib.survey.path_models.measurement import composite_reliability
from custlib.survey.path_models.solution import Solution

Array = np.ndarray
Quantity = tuple[dict, Array, str]  # keys, value in each model, note
ALONE = "a block of one item"
FORMED = "mode B"
OFF_SCALE = "a negative weight lets the index leave 0–100"


def effects(solution: Solution) -> Iterator[Quantity]:
    """Effects of each construct on those its paths lead to; inflation and f² of the paths."""
    specification, variance = solution.specification, solution.explained
    names, links = specification.names, specification.links
    vif = inflation(solution.correlation, specification)
    routes = links.astype(int) @ specification.reached.astype(int) > 0
    for a, b in np.argwhere(specification.reached):
        term, path, total = f"{names[a]} -> {names[b]}", solution.paths, solution.total
        if links[a, b]:
            yield {"term": term, "measure": "path"}, path[:, a, b], ""
            f2 = path[:, a, b] ** 2 / vif[:, a, b] / (1 - variance[:, b])
            yield {"term": term, "measure": "f_squared"}, f2, ""
            yield {"term": term, "measure": "variance_inflation"}, vif[:, a, b], ""
        if routes[a, b]:
            yield {"term": term, "measure": "indirect_effect"}, total[:, a, b] - path[:, a, b], ""
        yield {"term": term, "measure": "total_effect"}, total[:, a, b], ""


def items(solution: Solution) -> Iterator[Quantity]:
    """Loading, weight and index weight of each item, and its loadings on other constructs."""
    specification = solution.specification
    for at, item in enumerate(specification.items):
        own = specification.block_of[at]
        note = ALONE if specification.sizes[own] == 1 else ""
        for construct, name in enumerate(specification.names):
            term, loading = f"{name} =~ {item}", solution.structure[:, at, construct]
            if construct != own:
                yield {"term": term, "measure": "cross_loading"}, loading, ""
                continue
            yield {"term": term, "measure": "loading"}, loading, note
            yield {"term": term, "measure": "weight"}, solution.weights[:, at], note
            yield {"term": term, "measure": "index_weight"}, solution.index_weights[:, at], note


def constructs(solution: Solution, n: int) -> Iterator[Quantity]:
    """Reliability, explained variance and index of each construct."""
    specification, variance = solution.specification, solution.explained
    rho_c, extracted = composite_reliability(solution.loadings, specification)
    causes = specification.links.sum(axis=0)
    negative = (solution.index_weights[0] < 0) @ specification.member > 0
    spare = np.where(n > causes + 1, n - causes - 1, np.nan)
    measures = {
        "alpha": solution.alpha,
        "standardized_alpha": solution.standardized_alpha,
        "rho_A": solution.rho,
        "rho_c": rho_c,
        "AVE": extracted,
        "r_squared": variance,
        "adjusted_r_squared": 1 - (1 - variance) * (n - 1) / spare,
        "index": solution.index_mean,
        "index_sd": solution.index_sd,
    }
    for at, name in enumerate(specification.names):
        note = FORMED if specification.formative[at] else ""
        note = ALONE if specification.sizes[at] == 1 else note
        for measure, values in measures.items():
            if measure.endswith("r_squared") and not causes[at]:
                continue
            told = note if np.isnan(values[:, at]).all() else ""
            if measure.startswith("index") and negative[at]:
                told = OFF_SCALE
            yield {"dimension": name, "measure": measure}, values[:, at], told


def pairs(solution: Solution) -> Iterator[Quantity]:
    """Correlation and HTMT of each pair of constructs."""
    names = solution.specification.names
    for a, b in zip(*np.triu_indices(len(names), 1), strict=True):
        term = f"{names[a]} ~ {names[b]}"
        yield {"term": term, "measure": "correlation"}, solution.correlation[:, a, b], ""
        yield {"term": term, "measure": "HTMT"}, solution.htmt[:, a, b], ""


def importances(solution: Solution, target: int) -> Iterator[Quantity]:
    """Importance and performance of what reaches the target: constructs, then their items."""
    specification, total = solution.specification, solution.total[:, :, target]
    unit = solution.unit[:, [target]] / solution.unit
    for at in np.flatnonzero(specification.reached[:, target]):
        name, importance = specification.names[at], total[:, at] * unit[:, at]
        measures = {
            "importance": importance,
            "importance_standardized": total[:, at],
            "performance": solution.index_mean[:, at],
        }
        for measure, values in measures.items():
            yield {"dimension": name, "item": "", "measure": measure}, values, ""
        for item in specification.block(at):
            key = {"dimension": name, "item": specification.items[item]}
            share = importance * solution.index_weights[:, item]
            yield key | {"measure": "importance"}, share, ""
            yield key | {"measure": "performance"}, solution.item_mean[:, item], ""
