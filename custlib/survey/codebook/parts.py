"""The parts of a codebook: texts in several languages, scales, items, groups, statements."""

import re
import unicodedata
from collections.abc import Mapping
from numbers import Number
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator

NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
LANGUAGE = re.compile(r"[a-z]{2,3}([-_][A-Za-z]{2,4})?")
DASHES = str.maketrans("‐‑‒–—−ё", "------е")


def canonical(value: object) -> str:
    """One spelling for what a person takes as one value: 1, 1.0, "1" and " 1 "; "Yes" and "yes"."""
    if value is None or value != value:
        return ""
    if isinstance(value, Number) and not isinstance(value, bool):
        number = float(value)  # type: ignore[arg-type]
    else:
        text = unicodedata.normalize("NFKC", str(value)).casefold().translate(DASHES)
        text = " ".join(text.split())
        if not NUMBER.fullmatch(text):
            return text
        number = float(text.replace(",", "."))
    return str(int(number)) if number.is_integer() else repr(number)


def as_text(value: object) -> object:
    """A plain string is the text of every language: English is what each falls back to."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        strange = [str(name) for name in value if not LANGUAGE.fullmatch(str(name))]
        if strange:
            # {en: on rail, in port} is two keys to YAML, and half of the label would be lost.
            raise ValueError(
                f"{strange[0]!r} is no language code; put a text with commas in quotes"
            )
        return {str(language): text for language, text in value.items() if text is not None}
    return value if isinstance(value, list) else {"en": str(value)}


def as_mapping(value: object) -> object:
    """A bare list of codes is a mapping of codes without labels."""
    if isinstance(value, list):
        return {str(code): None for code in value}
    return {} if value is None else value


def as_number_or_name(value: object) -> object:
    """One number, the name of a column, or a number per stratum."""
    if isinstance(value, Mapping):
        return {str(name): as_number_or_name(number) for name, number in value.items()}
    if isinstance(value, str) and value.strip().replace("_", "").isdigit():
        return int(value)
    return value


def as_items(value: object) -> list[str] | str:
    """Names of items, or the word all."""
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        return value
    if value == "all":
        return value
    raise ValueError("give a list of item names, or the word: all")


Text = Annotated[dict[str, str], BeforeValidator(as_text)]
Labels = Annotated[dict[str, Text], BeforeValidator(as_mapping)]
AnswerLabels = Annotated[dict[int, Text], BeforeValidator(as_mapping)]
Items = Annotated[list[str] | str, PlainValidator(as_items)]
Targets = Annotated[dict[str, dict[str, float]], BeforeValidator(as_mapping)]
Population = Annotated[Any, BeforeValidator(as_number_or_name)]


def text_in(text: Mapping[str, str], language: str, fallback: str) -> str:
    """The text in a language, else in English, else in the first language there is."""
    return text.get(language) or text.get("en") or next(filter(None, text.values()), fallback)


class Part(BaseModel):
    """A part of a codebook: it cannot change, and a key that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Scale(Part):
    """Whole-number answers from low to high, and the codes that mean no answer."""

    low: int
    high: int
    labels: AnswerLabels = {}
    missing: Labels = {}


class Item(Part):
    """A question answered on a scale."""

    label: Text = {}
    wording: Text = {}
    scale: str
    block: str | None = None
    reversed: bool = False
    column: str | None = None


class Block(Part):
    """A set of items about one thing."""

    label: Text = {}


class Group(Part):
    """A categorical variable; its values keep the order they are written in."""

    label: Text = {}
    values: Labels
    missing: Labels = {}
    column: str | None = None


class Condition(Part):
    """A bound that a quantity must keep for a statement to hold."""

    measure: Literal["mean", "top_box", "difference", "deviation"]
    items: Items
    excluded: list[str] = Field(default=[], alias="except")
    by: str | None = None
    group: str | None = None
    contrast: list[str] | None = Field(default=None, min_length=2, max_length=2)
    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def one_bound_and_its_groups(self) -> "Condition":
        if (self.above is None) == (self.below is None):
            raise ValueError("give exactly one of 'above' and 'below'")
        if self.measure == "difference" and not (self.by and self.contrast):
            raise ValueError("a difference needs 'by' and 'contrast: [first, second]'")
        if self.measure != "difference" and self.contrast:
            raise ValueError("'contrast' belongs to the measure 'difference' only")
        if self.measure == "difference" and self.group:
            raise ValueError("a difference takes 'contrast', not 'group'")
        if bool(self.by) != bool(self.group or self.contrast):
            raise ValueError("'by' and 'group' go together: the variable, and which of its values")
        return self


class Statement(Part):
    """A statement put to the test: it holds if every condition does."""

    text: Text = {}
    holds_if: list[Condition] = Field(min_length=1)


class SurveyFacts(Part):
    """What a codebook says about the survey as a whole."""

    title: Text = {}
    weight: str | None = None
    stratum: str | None = None
    cluster: str | None = None
    population: Population = None
    cluster_population: str | None = None
    targets: Targets = {}
    missing: Labels = {}
    duration: str | None = None
    submitted: str | None = None
