"""What a table of customers allows a study of segments: which column plays which part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_columns, require_distinct, require_list
from custlib.errors import ParameterError
from custlib.segmentation.customer_checks import is_number
from custlib.segmentation.variables import VariableAudit, audit_variables
from custlib.segmentation.variables.shared_variation import LONG_TAIL
from custlib.texts.numbers import read_numbers

PARTS = ("variables", "relationship", "behaviour", "needs", "answers")
USUAL = {
    "value": "profit",
    "revenue": "revenue",
    "potential": "potential",
    "risk": "risk",
    "cost_to_serve": "cost_to_serve",
}
VERDICTS = ["item", "criterion", "term", "measure", "estimate", "limit", "verdict"]


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """How a study of segments will use a table: numbers as numbers, parts, and gaps to own up to.

    Attributes
    ----------
    customers : DataFrame
        The columns that play a part; numbers that came as text are numbers.
    parts : dict of str to list of str
        Columns of variables, relationship, behaviour, needs and answers.
    repeated : dict of str to str
        Second measurement by candidate.
    nominal, logged : list of str
        Numbers that are names; behaviour whose logarithm is taken.
    money : dict of str to str
        Column of value, revenue, potential, risk, cost_to_serve; empty where one is lacking.
    gaps : list of str
        What is lacking, in words.
    """

    customers: pd.DataFrame
    parts: dict[str, list[str]]
    repeated: dict[str, str]
    nominal: list[str]
    logged: list[str]
    money: dict[str, str]
    gaps: list[str]

    @property
    def overview(self) -> pd.DataFrame:
        """What plays which part, in a table for readers."""
        parts = {name: columns for name, columns in self.parts.items() if columns}
        parts |= {"logarithm of": self.logged} if self.logged else {}
        parts |= {"money": list(self.money.values())} if self.money else {}
        columns = [", ".join(map(str, names)) for names in parts.values()]
        return pd.DataFrame({"part": [name.capitalize() for name in parts], "columns": columns})

    def drawn(self, most: int, *, seed: int) -> pd.DataFrame:
        """The customers, or so many of them drawn at random where there are more."""
        if len(self.customers) <= most:
            return self.customers
        return self.customers.sample(most, random_state=seed).sort_index()

    def audited(self, *, seed: int, conf_level: float = 0.95) -> VariableAudit:
        """The audit of the candidates; tables without rows where there are none."""
        if not self.parts["variables"]:
            return VariableAudit(pd.DataFrame(columns=VERDICTS), pd.DataFrame(columns=VERDICTS))
        logs = {name: np.log(self.customers[name]) for name in self.logged}
        return audit_variables(
            self.customers.assign(**logs),
            variables=self.parts["variables"],
            relationship=self.parts["relationship"],
            behaviour=self.parts["behaviour"],
            repeated=self.repeated,
            nominal=self.nominal,
            seed=seed,
            conf_level=conf_level,
        )

    def not_failing(self, verdicts: pd.DataFrame) -> list[str]:
        """Candidates that fail no criterion of the audit."""
        failing = set(verdicts.loc[verdicts["verdict"] == "fails", "item"])
        return [name for name in self.parts["variables"] if name not in failing]

    def basis(self, verdicts: pd.DataFrame) -> list[str]:
        """Needs to look for segments in; without them the numeric candidates that fail nothing."""
        able = [name for name in self.not_failing(verdicts) if name not in self.nominal]
        numeric = [name for name in able if is_number(self.customers[name])]
        found = self.parts["needs"] or numeric
        texts = [str(name) for name in found if not is_number(self.customers[name])]
        if texts:
            raise ParameterError.because(
                f"Needs that are no numbers: {', '.join(texts)}.",
                "Expected numbers in which customers of a segment are alike, such as scores.",
                "Name them among variables, or categorical answers in answers.",
            )
        if not found:
            raise ParameterError.because(
                "There are no needs, and no numeric candidate that fails nothing.",
                "Expected numbers in which customers of a segment are alike.",
                "Name such columns in needs.",
            )
        return found


def segment_plan(
    customers: pd.DataFrame,
    *,
    variables: Sequence[str] | None = None,
    relationship: Sequence[str] | None = None,
    behaviour: Sequence[str] | None = None,
    needs: Sequence[str] | None = None,
    answers: Sequence[str] | None = None,
    value: str | None = None,
    revenue: str | None = None,
    potential: str | None = None,
    risk: str | None = None,
    cost_to_serve: str | None = None,
    repeated: Sequence[str] | None = None,
    nominal: Sequence[str] | None = None,
    logarithms: Sequence[str] | None = None,
    customer: str | None = None,
    known: Mapping[str, Any] | None = None,
) -> SegmentPlan:
    """Parts that the columns of a table of customers play, and what is lacking.

    Parameters
    ----------
    customers : DataFrame, one row per customer
    variables, relationship, behaviour, needs, answers : list of str, optional
        Columns by part; one that is not named is filled from `known`, or else lacking.
    value, revenue, potential, risk, cost_to_serve : str, optional
        Columns as in `assign_strategies`; by default those of these names, the value's is profit.
    repeated : list of str, optional
        Pairs "candidate=second measurement".
    nominal : list of str, optional
        Candidates whose numbers are names.
    logarithms : list of str, optional
        Behaviour whose logarithm is taken; by default what is above zero with a long tail.
    customer : str, optional
        Column that names the customer, to count those that stand twice.
    known : mapping, optional
        Truth of a simulated data set: good, decoys, roles, segments.

    Returns
    -------
    SegmentPlan
        What is not named is never an error: it becomes one of the gaps.

    Raises
    ------
    ParameterError
        Neither needs nor variables; a column twice in a part; a pair without "=".
    DataError
        A column that is named is absent; numbers whose decimal mark is unclear.

    Notes
    -----
    A text column is read as numbers if all its entries are numbers and it is neither an answer
    nor declared nominal.

    Examples
    --------
    >>> firms = pd.DataFrame({"size": ["1,5", "2,5"], "branch": ["a", "b"]})
    >>> plan = segment_plan(firms, variables=["size", "branch"])
    >>> plan.customers["size"].tolist(), plan.gaps[0]
    ([1.5, 2.5], 'nothing is named as relationship')
    """
    parts = dict(zip(PARTS, (variables, relationship, behaviour, needs, answers), strict=True))
    lists = {"repeated": repeated, "nominal": nominal, "logarithms": logarithms}
    for part, columns in (parts | lists).items():
        require_list(part, columns)
        require_distinct(columns or [], at_least=0)
    filled = _filled(parts, known or {})
    twice = _pairs(repeated, filled["variables"], known or {})
    if not (filled["needs"] or filled["variables"]):
        raise ParameterError.because(
            "Neither needs nor variables are named.",
            f"Expected columns to divide customers by; there are: {_list(customers)}.",
            "Name candidates in variables, or numbers such as scores of needs in needs.",
        )
    money = dict(zip(USUAL, (value, revenue, potential, risk, cost_to_serve), strict=True))
    own = [name for name in money.values() if name]
    used = [*chain.from_iterable(filled.values()), *twice.values(), *own]
    require_columns(customers, [*used, *(nominal or []), *(logarithms or []), customer])
    paid = {role: money.get(role) or name for role, name in USUAL.items()}
    absent = [role for role, name in paid.items() if name not in customers]
    used = list(dict.fromkeys([*used, *(name for name in paid.values() if name in customers)]))
    table = _as_numbers(customers[used], {*(nominal or []), *filled["answers"]})
    gaps = [f"nothing is named as {part}" for part in PARTS if not filled[part]]
    gaps += [f"no strategies, since there is no {', no '.join(absent)}"] * bool(absent)
    gaps += _repeats(customers, customer or "customer")
    logged = _long_tailed(table[filled["behaviour"]]) if logarithms is None else [*logarithms]
    names = [*(nominal or [])]
    return SegmentPlan(table, filled, twice, names, logged, {} if absent else paid, gaps)


def _filled(parts: Mapping[str, Sequence[str] | None], known: Mapping) -> dict[str, list[str]]:
    """The parts as named, else as the data set has planted them."""
    roles, segments = known.get("roles", {}), list(known.get("segments", {}).values())
    planted = {"variables": [*known.get("good", []), *known.get("decoys", {})], **roles}
    planted |= {name: [*segments[0].get(name, [])] for name in PARTS[3:] if segments}
    return {name: [*(parts.get(name) or planted.get(name, []))] for name in PARTS}


def _pairs(repeated: Sequence[str] | None, variables: list[str], known: Mapping) -> dict[str, str]:
    """Second measurement by candidate."""
    if not repeated:
        planted = known.get("roles", {}).get("repeated", {})
        return {first: second for first, second in planted.items() if first in variables}
    sides = [text.partition("=") for text in repeated]
    cut = {first.strip(): second.strip() for first, _, second in sides}
    if not all([*cut, *cut.values()]):
        raise ParameterError.because(
            f"repeated is {', '.join(map(repr, repeated))}.",
            "Expected pairs of a candidate and its second measurement, joined by =.",
            'Write "branch=branch_second".',
        )
    return cut


def _as_numbers(table: pd.DataFrame, names: set[str]) -> pd.DataFrame:
    """The table with numbers where a column of text or of objects holds nothing else."""
    table = table.copy()
    for column in table.columns.difference(list(names), sort=False):
        if table[column].dtype == object and is_number(table[column]):
            table[column] = pd.to_numeric(table[column])
        given = table[column].dropna()
        if not len(given) or not pd.api.types.is_string_dtype(given):
            continue
        found, known = read_numbers(given.tolist(), column=str(column))
        if known.all():
            table[column] = pd.Series(found, given.index).reindex(table.index)
    return table


def _long_tailed(behaviour: pd.DataFrame) -> list[str]:
    """Numbers above zero with a tail that a few large customers make."""
    numeric = behaviour.select_dtypes("number")
    return [n for n in numeric if numeric[n].min() > 0 and numeric[n].kurt() + 3 > LONG_TAIL]


def _repeats(customers: pd.DataFrame, customer: str) -> list[str]:
    twice = int(customers[customer].duplicated().sum()) if customer in customers else 0
    return [f"{twice:,} rows repeat a customer and were not put together"] * bool(twice)


def _list(customers: pd.DataFrame) -> str:
    names = [str(name) for name in customers]
    return ", ".join(names[:30]) + (" …" if len(names) > 30 else "")
