"""What a parameters cell declares: names, types, defaults, meanings and limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

KINDS: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
PATHS = ("data", "codebook")
PATH_ENDINGS = ("_path", "_file")

Number = int | float


@dataclass(frozen=True)
class Parameter:
    """One line of the parameters cell."""

    name: str
    kind: str
    many: bool
    optional: bool
    default: Any
    line: int
    meaning: str = ""
    one_of: tuple[Any, ...] | None = None
    low: Number | None = None
    high: Number | None = None

    @property
    def type_name(self) -> str:
        """The type as the cell declares it."""
        name = f"list[{self.kind}]" if self.many else self.kind
        return f"{name} | None" if self.optional else name

    @property
    def limits(self) -> str:
        """The limits in words; empty where there are none."""
        if self.one_of is not None:
            return f"one of: {', '.join(map(str, self.one_of))}"
        low, high = (
            int(bound) if isinstance(bound, float) and bound.is_integer() else bound
            for bound in (self.low, self.high)
        )
        if low is not None and high is not None:
            return f"between {low} and {high}"
        if low is not None:
            return f"at least {low}"
        return f"at most {high}" if high is not None else ""

    @property
    def expected(self) -> str:
        """Type and limits in words."""
        return ", ".join(filter(None, [self.type_name, self.limits]))

    @property
    def is_path(self) -> bool:
        """Whether the value names a file: `data`, `codebook`, `…_path` and `…_file` do."""
        named = self.name in PATHS or self.name.endswith(PATH_ENDINGS)
        return named and self.kind == "str" and not self.many


@dataclass(frozen=True)
class ParameterCell:
    """Every parameter of a study, in the order of its cell."""

    study: str
    parameters: tuple[Parameter, ...]

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)

    @property
    def defaults(self) -> dict[str, Any]:
        """The values the cell itself sets."""
        return {parameter.name: parameter.default for parameter in self}

    @property
    def by_name(self) -> dict[str, Parameter]:
        """The parameters by their names."""
        return {parameter.name: parameter for parameter in self}
