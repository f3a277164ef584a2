"""The parameters cell is the schema: its lines say name, type, default, meaning and limits."""

import ast
import io
import re
import tokenize
from dataclasses import replace
from pathlib import Path

from custlib.errors import StudyError
from custlib.study.catalogue import Study, find_study
from custlib.study.parameters.cell import KINDS, Parameter, ParameterCell
from custlib.study.parameters.texts import scalar
from custlib.study.parameters.values import validate

FORM = "name: type = value  # meaning, unit; one of: a, b"
TYPES = "int, float, str, bool, list[int|float|str|bool], each with or without `| None`"
LIMITS = "`one of: a, b`, `between a and b`, `at least a` or `at most b`"


def read_parameters(study: str | Path | Study) -> ParameterCell:
    """Parameters of a study, read from its cell without running it.

    Parameters
    ----------
    study : str, Path or Study
        Name of a study, or path of any notebook with a cell tagged `parameters`.

    Returns
    -------
    ParameterCell
        One Parameter a line: name, kind, many, optional, default, meaning, one_of, low, high.

    Raises
    ------
    StudyError
        No such study, no parameters cell, or a line of it has not the form
        `name: type = value  # meaning, unit; one of: a, b`. Every wrong line is named.

    Notes
    -----
    Types are int, float, str, bool and lists of them, with or without `| None`. Limits stand
    behind the meaning, each after a semicolon, and hold for each element of a list.

    Examples
    --------
    >>> cell = parse_cell("share: float = 0.5  # part of the budget, 0–1; between 0 and 1", "demo")
    >>> cell.by_name["share"].expected
    'float, between 0 and 1'
    """
    study = study if isinstance(study, Study) else find_study(study)
    at = study.tagged("parameters")
    if at is None:
        raise StudyError.because(
            f"{study.path.name!r} has no code cell with the tag `parameters`.",
            f"Expected one, its lines of the form `{FORM}`.",
            "In JupyterLab add the tag in the property inspector of the cell that sets the values.",
        )
    return parse_cell(study.cells[at].source, study.name)


def parse_cell(source: str, study: str) -> ParameterCell:
    """The parameters that this source declares; a StudyError lists every wrong line."""
    try:
        statements = ast.parse(source).body
    except SyntaxError as problem:
        text = f"line {problem.lineno}: {problem.msg}"
        raise _malformed(study, [text], "Write one literal a line.") from None
    comments = _comments(source)
    parameters: dict[str, Parameter] = {}
    problems = []
    for statement in statements:
        try:
            parameter = _parse_statement(statement, comments.get(statement.lineno, ""))
            if parameter.name in parameters:
                raise ValueError(f"{parameter.name} is set a second time")
            parameters[parameter.name] = parameter
        except ValueError as problem:
            problems.append(f"line {statement.lineno}: {problem}")
    if problems:
        raise _malformed(study, problems, "Correct the lines; nothing but literals stands there.")
    return _with_sound_defaults(ParameterCell(study, tuple(parameters.values())))


def _parse_statement(statement: ast.stmt, comment: str) -> Parameter:
    """One statement of the cell; a ValueError says in what it lacks the form."""
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
        raise ValueError(f"not of the form `{FORM}`")
    name = statement.target.id
    if statement.value is None:
        raise ValueError(f"{name} has no value")
    if statement.end_lineno != statement.lineno:
        raise ValueError(f"{name} runs over several lines")
    try:
        default = ast.literal_eval(statement.value)
    except (ValueError, TypeError):
        raise ValueError(f"the value of {name} is not a literal") from None
    kind, many, optional = _declared_type(name, statement.annotation)
    meaning, *clauses = (part.strip() for part in comment.split(";"))
    parameter = Parameter(name, kind, many, optional, default, statement.lineno, meaning)
    for clause in filter(None, clauses):
        parameter = _limited(parameter, clause)
    return parameter


def _declared_type(name: str, annotation: ast.expr) -> tuple[str, bool, bool]:
    """Kind, whether a list, whether None is allowed."""
    sides = re.split(r"\s*\|\s*", ast.unparse(annotation))
    optional = "None" in sides
    rest = [side for side in sides if side != "None"]
    found = re.fullmatch(r"(list)\[(\w+)\]|(\w+)", rest[0]) if len(rest) == 1 else None
    kind = (found[2] or found[3]) if found else ""
    if found is None or kind not in KINDS:
        raise ValueError(f"the type of {name} is `{ast.unparse(annotation)}`, not one of {TYPES}")
    return kind, bool(found[1]), optional


def _limited(parameter: Parameter, clause: str) -> Parameter:
    """The parameter with one more limit."""
    kind, name = parameter.kind, parameter.name
    if listed := re.fullmatch(r"one of:(.+)", clause):
        try:
            values = tuple(scalar(kind, part.strip().strip("'\"")) for part in listed[1].split(","))
        except ValueError:
            raise ValueError(f"`{clause}` lists values that are not {kind}") from None
        return replace(parameter, one_of=values)
    found = re.fullmatch(r"between (\S+) and (\S+)|at least (\S+)|at most (\S+)", clause)
    if found is None:
        raise ValueError(f"`{clause}` is not a limit; expected {LIMITS}")
    if kind not in {"int", "float"}:
        raise ValueError(f"`{clause}` limits {name}, which is {kind}, not a number")
    try:
        low, high = (
            scalar(kind, text) if text else None
            for text in (found[1] or found[3], found[2] or found[4])
        )
    except ValueError:
        raise ValueError(f"`{clause}` has bounds that are not {kind}") from None
    low = parameter.low if low is None else low
    high = parameter.high if high is None else high
    if low is not None and high is not None and low > high:
        raise ValueError(f"`{clause}` leaves no value for {name}")
    return replace(parameter, low=low, high=high)


def _with_sound_defaults(cell: ParameterCell) -> ParameterCell:
    """The cell with its defaults as the declared types hold them; wrong ones name their line."""
    values, problems = validate(cell, cell.defaults)
    if problems:
        lines = cell.by_name
        texts = [
            f"line {lines[one.name].line}: {one.found}, expected {one.expected}" for one in problems
        ]
        raise _malformed(cell.study, texts, "Correct the default, its type or its limits.")
    sound = tuple(replace(one, default=values[one.name]) for one in cell)
    return replace(cell, parameters=sound)


def _comments(source: str) -> dict[int, str]:
    """The comment that ends each line, without its mark."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("# ").rstrip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _malformed(study: str, problems: list[str], do: str) -> StudyError:
    return StudyError.because(
        f"The parameters cell of {study!r} cannot be read: {'; '.join(problems)}.",
        f"Expected lines of the form `{FORM}`.",
        do,
    )
