"""The codebook: everything a survey's author writes once, and every table is labelled from."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import mode
from typing import Self

from pydantic import Field

from custlib.errors import CodebookError
from custlib.survey.codebook.complaints import SECTIONS, validated
from custlib.survey.codebook.parts import (
    Block,
    Group,
    Item,
    Scale,
    Statement,
    SurveyFacts,
    text_in,
)
from custlib.survey.codebook.problems import contradictions
from custlib.survey.codebook.source import CodebookSource, near

MOST_ANSWERS = 11  # a scale of 0–10; beyond that a share per answer says nothing


class Codebook(SurveyFacts):
    """Items, scales, blocks, groups, design and statements of one survey; it cannot be changed.

    Build one with `Codebook.read` (a YAML file) or `Codebook.from_mapping`; both find every
    problem before anything is read from the data.

    Attributes
    ----------
    title : dict of str
        Text by language, as every text here; a plain string serves every language.
    scales, items, blocks, groups, statements : dict
        Parts by name, in the order written.
    weight, stratum, cluster, duration, submitted : str or None
        Column of the weight, the stratum, the firm or household, the seconds spent, the time of
        submission. A group's name may stand for its column.
    population : int, str, dict or None
        Clusters (or respondents) in the population: one number, a column, or one per stratum.
    cluster_population : str or None
        Column with the people in each cluster, where not all of them were asked.
    targets : dict of dict
        Known population shares or totals, by group and value.
    missing : dict
        Codes that mean no answer on every scale.

    Examples
    --------
    >>> codebook = Codebook.from_mapping({
    ...     "scales": {"agreement": {"low": 1, "high": 5, "labels": {1: "no", 5: "yes"}}},
    ...     "items": {"slow": {"label": {"en": "Delivery is slow", "sl": "Dostava je počasna"},
    ...                        "reversed": True}},
    ... })
    >>> codebook.label("slow", "sl")
    'Dostava je počasna'
    >>> codebook.answer_labels("slow")
    {1: 'yes', 2: '4', 3: '3', 4: '2', 5: 'no'}
    """

    scales: dict[str, Scale] = Field(default={})
    items: dict[str, Item] = Field(default={})
    blocks: dict[str, Block] = Field(default={})
    groups: dict[str, Group] = Field(default={})
    statements: dict[str, Statement] = Field(default={})

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Codebook from a YAML file; raises CodebookError with every problem and its line."""
        return cls.from_source(CodebookSource.read(path))

    @classmethod
    def from_mapping(cls, mapping: Mapping) -> Self:
        """Codebook from a mapping of the same form as the YAML."""
        return cls.from_source(CodebookSource.from_mapping(mapping))

    @classmethod
    def from_source(cls, source: CodebookSource) -> Self:
        """Codebook from parsed YAML, once nothing is left to complain of."""
        parts, problems = validated(source.data)
        source.refuse([*source.repeated, *problems, *contradictions(parts)])
        sections = {name: parts[name] for name in SECTIONS}
        return cls.model_construct(**dict(parts["facts"]), **sections)

    @property
    def columns(self) -> dict[str, str]:
        """Column of the data file that each variable is read from, by the codebook's name."""
        variables: dict[str, Item | Group] = {**self.items, **self.groups}
        columns = {name: part.column or name for name, part in variables.items()}
        design = [self.weight, self.stratum, self.cluster, self.duration, self.submitted]
        design += [self.cluster_population]
        design += [self.population] if isinstance(self.population, str) else []
        return columns | {name: name for name in design if name and name not in columns}

    def label(self, name: str, language: str = "en") -> str:
        """Label of an item, a group or a block; the name itself where none is written."""
        for section in (self.items, self.groups, self.blocks):
            if name in section:
                return text_in(section[name].label, language, name)
        raise unknown("item, group or block", name, [*self.items, *self.groups, *self.blocks])

    def value_label(self, group: str, value: str, language: str = "en") -> str:
        """Label of a group's value."""
        if group not in self.groups:
            raise unknown("group", group, self.groups)
        values = self.groups[group].values
        if value not in values:
            raise unknown(f"value of {group!r}", value, values)
        return text_in(values[value], language, value)

    def answer_labels(self, item: str, language: str = "en") -> dict[int, str]:
        """Label of every code of an item's scale, as answers stand after reading.

        Reading turns a reversed item round, so its labels are turned round here as well.
        """
        scale = self.scale_of(item)
        codes = range(scale.low, scale.high + 1)
        texts = [text_in(scale.labels.get(code, {}), language, str(code)) for code in codes]
        if self.items[item].reversed:
            texts.reverse()
        return dict(zip(codes, texts, strict=True))

    @property
    def attributes(self) -> list[str]:
        """Items that lie in a block; all items of a codebook without blocks."""
        inside = [name for name, item in self.items.items() if item.block]
        return inside or list(self.items)

    @property
    def block_items(self) -> dict[str, list[str]]:
        """Items of each block, by its name."""
        members = self.items.items()
        return {name: [item for item, one in members if one.block == name] for name in self.blocks}

    @property
    def assessed(self) -> list[str]:
        """Attributes, then the other items that statements speak of."""
        conditions = [one for each in self.statements.values() for one in each.holds_if]
        spoken_of = [item for one in conditions if one.items != "all" for item in one.items]
        return list(dict.fromkeys([*self.attributes, *spoken_of]))

    @property
    def comparable(self) -> list[str]:
        """Attributes on the scale that most of them share, so that their means can be compared."""
        scales = [self.items[name].scale for name in self.attributes]
        shared = mode(scales) if scales else None
        return [name for name in self.attributes if self.items[name].scale == shared]

    @property
    def likert(self) -> list[str]:
        """Comparable attributes, if their scale is short enough to look at answer by answer."""
        low, high = self.limits()[self.comparable[0]] if self.comparable else (0, 0)
        return self.comparable if high - low < MOST_ANSWERS else []

    def texts(self, language: str = "en") -> dict[str, str]:
        """Text of every statement, value, group, block and item, by name."""
        texts = {key: text_in(one.text, language, key) for key, one in self.statements.items()}
        values = [(group, value) for group, part in self.groups.items() for value in part.values]
        texts |= {value: self.value_label(group, value, language) for group, value in values}
        names = [*self.groups, *self.blocks, *self.items]
        return texts | {name: self.label(name, language) for name in names}

    def limits(self) -> dict[str, tuple[int, int]]:
        """Lowest and highest answer of every item."""
        scales = {name: self.scale_of(name) for name in self.items}
        return {name: (scale.low, scale.high) for name, scale in scales.items()}

    def scale_of(self, item: str) -> Scale:
        """Scale an item is answered on."""
        if item not in self.items:
            raise unknown("item", item, self.items)
        return self.scales[self.items[item].scale]


def unknown(kind: str, name: str, known: Iterable[str]) -> CodebookError:
    """The error for a name the codebook does not have."""
    return CodebookError.because(
        f"{name!r} is no {kind} of the codebook.",
        f"Expected the name of a declared {kind}.",
        f"Check the name: {near(name, known)}",
    )
