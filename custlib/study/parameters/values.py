"""Values held against the types and limits of a parameters cell, before any kernel starts."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Optional

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model

from custlib.errors import ParameterError, did_you_mean
from custlib.study.parameters.cell import KINDS, Parameter, ParameterCell
from custlib.study.parameters.texts import value_of


@dataclass(frozen=True)
class Problem:
    """One value that cannot be used: what it is, and what was expected in its place."""

    name: str
    found: str
    expected: str
    hint: str = ""


def parameter_model(cell: ParameterCell) -> type[BaseModel]:
    """Pydantic model of the cell: unknown names forbidden, types strict, limits checked."""
    # Aliases carry the names, so that a parameter may be called `copy` or `schema`.
    fields: dict[str, Any] = {
        f"p{at}": (_annotation(one), Field(one.default, alias=one.name, description=one.meaning))
        for at, one in enumerate(cell)
    }
    config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, title=cell.study)
    return create_model("Parameters", __config__=config, **fields)


def parameter_schema(cell: ParameterCell) -> dict[str, Any]:
    """JSON Schema of the parameters of a study."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect} | parameter_model(cell).model_json_schema(by_alias=True)


def validate(
    cell: ParameterCell, values: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    """Every parameter's value, in JSON's types, and what is wrong with those given."""
    try:
        model = parameter_model(cell).model_validate(dict(values))
        # Through JSON, so that a subclass such as numpy's float64 becomes the plain type.
        resolved = json.loads(json.dumps(model.model_dump(by_alias=True), allow_nan=False))
    except ValidationError as wrong:
        places = [(str(error["loc"][0]), error["loc"][1:]) for error in wrong.errors()]
        return {}, [_problem(cell, name, values[name], rest) for name, rest in dict(places).items()]
    except OverflowError:
        huge = [one for one in cell if not _finite(one, values.get(one.name))]
        return {}, [_problem(cell, one.name, values[one.name], ()) for one in huge]
    return resolved, []


def resolve(
    cell: ParameterCell, values: Mapping[str, Any] | None = None, *, texts: Mapping | None = None
) -> dict[str, Any]:
    """Value of every parameter: the cell's own, then those given, as values or as texts.

    Texts are converted by the declared type. Everything that is wrong is listed in one
    ParameterError, so that nothing has to be found out run by run.
    """
    resolved, problems = check_values(cell, values, texts=texts)
    if problems:
        raise refusal(cell, problems)
    return resolved


def check_values(
    cell: ParameterCell, values: Mapping[str, Any] | None = None, *, texts: Mapping | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """What `resolve` gives, and the problems it would raise; values are there if none is."""
    given, problems, known = dict(values or {}), [], cell.by_name
    for name, text in (texts or {}).items():
        one = known.get(name)
        try:
            given[name] = text if one is None else value_of(text, one.kind, one.many, one.optional)
        except ValueError:
            problems.append(_problem(cell, name, text, ()))
    bad = {problem.name for problem in problems}
    resolved, others = validate(cell, {n: v for n, v in given.items() if n not in bad})
    return resolved, problems + others


def refusal(cell: ParameterCell, problems: list[Problem]) -> ParameterError:
    """One error for all that is wrong with the values given to a study."""
    count = f"{len(problems)} parameter{'s' if len(problems) != 1 else ''} of {cell.study!r}"
    hints = dict.fromkeys(problem.hint for problem in problems if problem.hint)
    return ParameterError.because(
        f"{count} cannot be used: {'; '.join(problem.found for problem in problems)}.",
        f"Expected {'; '.join(dict.fromkeys(problem.expected for problem in problems))}.",
        " ".join([*hints, "Nothing was run; `custlib params` shows types and limits."]),
    )


def _annotation(parameter: Parameter) -> Any:
    """The parameter's type with its limits, as pydantic reads it."""
    metadata: list[Any] = [Field(ge=parameter.low, le=parameter.high)]
    if parameter.kind == "str":
        metadata.append(AfterValidator(_writable))
    if parameter.one_of is not None:
        allowed = [*parameter.one_of]
        metadata += [AfterValidator(_one_of(allowed)), Field(json_schema_extra={"enum": allowed})]
    annotation: Any = Annotated[KINDS[parameter.kind], *metadata]
    annotation = list[annotation] if parameter.many else annotation
    return Optional[annotation] if parameter.optional else annotation  # noqa: UP045


def _writable(text: str) -> str:
    text.encode("utf-8")  # a lone surrogate cannot be written to a notebook
    return text


def _one_of(allowed: list[Any]) -> Any:
    def check(value: Any) -> Any:
        if value not in allowed:
            raise ValueError("not one of those allowed")
        return value

    return check


def _finite(parameter: Parameter, value: Any) -> bool:
    """Whether the value is no NaN, no infinity and no int beyond the floats."""
    try:
        return parameter.kind != "float" or math.isfinite(float(value))
    except (TypeError, ValueError):
        return True
    except OverflowError:
        return False


def _problem(cell: ParameterCell, name: str, value: Any, place: tuple[Any, ...]) -> Problem:
    """What is wrong with one value, in the words of the cell."""
    known = cell.by_name
    if name not in known:
        return Problem(
            name,
            f"{name!r} is not a parameter",
            f"the names {', '.join(known)}" if known else "no parameters",
            did_you_mean(name, known),
        )
    one = known[name]
    hint = "" if _finite(one, value) else f"{name} takes a finite number only."
    if one.kind == "float" and isinstance(value, str) and re.fullmatch(r"\s*-?\d+,\d+\s*", value):
        hint = f"Write {value.strip().replace(',', '.')}, with a point."
    if one.one_of is not None and isinstance(value, str):
        hint = did_you_mean(value, one.one_of)
    element = next((at for at in place if isinstance(at, int)), None)
    shown = _shown(value) if element is None else f"{_shown(value)}, wrong at element {element + 1}"
    return Problem(name, f"{name} is {shown}", f"{name}: {one.expected}", hint)


def _shown(value: Any) -> str:
    """The value as Python writes it, its middle left out where it is long."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:50]}…{text[-20:]}"
