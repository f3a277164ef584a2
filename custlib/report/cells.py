"""What stands in the cells of a shown table: the words and numbers of one column."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_numeric
from custlib.columns import VOCABULARY
from custlib.report import numbers
from custlib.report.digits import MINUS, MISSING, are_whole_percents, common_decimals
from custlib.report.words import catalogue

Label = Callable[..., str]
# Which column of the row says whose answer, or whose category, a value is.
OWNERS = {"answer": "item", "group": "margin"}
FRACTIONAL = {"df", "df_denominator"}
KINDS = {"estimate": "measure", "effect": "effect_kind"}
BOUNDS = {"estimate": ("ci_low", "ci_high"), "effect": ("effect_low", "effect_high")}
# What stands beside an estimate in the estimate's own unit.
OF_THE_ESTIMATE = {"limit", "observed", "bound_low", "bound_high"}
# Columns of names that the codebook or the library made up, not of values from the data.
NAMED = {"item", "dimension", "term", "measure", "statement", "margin"}
# Columns whose values the library makes up; those of any other column are the data's own words.
MADE = {
    *("measure", "method", "effect_kind", "quadrant", "verdict", "category", "note"),
    *("importance", "lines"),
}
ALL, BETWEEN = "(all)", " - "
SHORT = {
    "item": "Item",
    "dimension": "Block",
    "segment": "Segment",
    "period": "Period",
    "term": "Term",
    "contrast": "Comparison",
    "answer": "Answer",
    "measure": "Measure",
    "statement": "Statement",
    "margin": "Margin",
    "group": "Group",
    "abc": "ABC",
    "xyz": "XYZ",
    "class_before": "From",
    "class_after": "To",
    "cohort": "First order in",
    "age": "Periods later",
    "decile": "Tenth",
    "criterion": "Criterion",
    "strategy": "Strategy",
    "policy": "Policy",
    "rule": "Rule",
    "action": "Done",
    "clusters": "k",
    "customer_share": "Customers",
    "amount_share": "Revenue share",
    "amount_before": "Before",
    "amount_after": "After",
    "profit_share": "Profit share",
    "median_recency_days": "Median days since",
    "median_orders": "Median orders",
    "median_amount": "Median revenue",
    "ci_low": "Interval from",
    "ci_high": "Interval to",
    "conf_level": "Level",
    "target_share": "Population",
    "start_share": "Before raking",
    "weight_cv": "Variation of weights",
    "deff_w": "Design effect",
    "quadrant": "Quadrant",
    "category": "Class",
    "outcome": "Outcome",
    "monte_carlo_error": "Sampling error",
    "statistic": "Statistic",
    "df": "df",
    "df_denominator": "Denominator df",
    "p_value": "p",
    "p_adjusted": "p, adjusted",
    "effect_kind": "Kind of effect",
    "effect_low": "Effect from",
    "effect_high": "Effect to",
    "n": "n",
    "n_effective": "Effective n",
    "n_missing": "Missing",
    "denominator": "Count",
    "verdict": "Verdict",
    "limit": "Limit",
    "probability_best": "Probability",
    "regret": "Regret",
    "bic": "BIC",
    "classification_error": "Classification error",
    "smallest_share": "Smallest class",
    "largest_gap": "Largest gap",
    "trimmed_share": "Trimmed",
    "note": "Note",
}
# Words that are written in capitals.
INITIALS = {"abc": "ABC", "xyz": "XYZ", "aic": "AIC", "bic": "BIC", "hhi": "HHI"}
# Names that the library gives to methods and measures, as they are written in print; a word that
# may be one of the data's own, as ward, is told by what follows it.
PRINTED = {"lmg": "LMG", "kmeans": "k-means", "wilson": "Wilson", "ward, scale": "Ward, scale",
           "calinski_harabasz": "Caliński–Harabasz", "adjusted_rand": "Adjusted Rand",
           "krippendorff_alpha": "Krippendorff's alpha"}  # fmt: skip
PRINTED_NAME = re.compile(rf"\b({'|'.join(PRINTED)})\b")
# How a path model writes a term, and how a reader sees it; the longer sign first.
TERMS = {" =~ ": ": ", " -> ": " → ", " ~ ": " and ", ": ": ": "}


def labeller(labels: Any, language: str) -> Label:
    """Function that names a value of a column: by a codebook, by a mapping, else in plain words.

    A codebook is anything that has what `survey.Codebook` has; a mapping goes from names to
    texts, or from columns to such mappings. The owner of an answer is its item, that of a group
    of a margin its variable.
    """

    say = catalogue(language)

    def name(column: str, value: Any, owner: Any = None) -> str:
        found: Any = None
        for written, shown in TERMS.items() if column == "term" else ():
            if written in str(value):
                return say(shown).join(name("item", part) for part in str(value).split(written))
        if isinstance(labels, Mapping):
            own = labels.get(column)
            found = own.get(value) if isinstance(own, Mapping) else labels.get(value)
            groups = str(value).split(BETWEEN)
            if column == "contrast" and found is None and {*groups} <= {*labels}:
                found = f" {MINUS} ".join(labels[group] for group in groups)
        elif labels is not None:
            found = _from_codebook(labels, column, value, owner, language)
        if found is not None:
            return str(found)
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        if column in MADE or text == ALL:
            text = in_print(column, say.name(text))
        if column == "contrast" and text.count(BETWEEN) == 1:
            return text.replace(BETWEEN, f" {MINUS} ")
        return plain_words(text) if column in NAMED else text

    return name


def in_print(column: str, text: str) -> str:
    """A name that the library made as it is written in print: lmg becomes LMG."""
    printed = column in ("measure", "method", "verdict")
    return PRINTED_NAME.sub(lambda name: PRINTED[name[0]], text) if printed else text


def plain_words(name: str) -> str:
    """A name as words: top_box becomes Top box, abc_share becomes ABC share."""
    words = " ".join(INITIALS.get(word, word) for word in name.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def _from_codebook(book: Any, column: str, value: Any, owner: Any, language: str) -> str | None:
    """The codebook's text for a value, or None where the codebook does not know it."""
    variable = owner if column == "group" else column
    if variable in book.groups:
        if value in book.groups[variable].values:
            return book.value_label(variable, value, language)
        if BETWEEN in str(value):
            return _contrast(book, str(value), language)
        return book.label(column, language) if value == column else None
    if column == "answer":
        return book.answer_labels(owner, language).get(value) if owner in book.items else None
    if column == "contrast":
        return _contrast(book, str(value), language)
    if column == "statement" and value in book.statements:
        return book.texts(language)[value]
    known = any(value in part for part in (book.items, book.blocks, book.groups))
    return book.label(value, language) if known else None


def _contrast(book: Any, value: str, language: str) -> str | None:
    """ "first - second" in the words of the one variable that has both groups."""
    groups = value.split(BETWEEN)
    for variable, group in book.groups.items():
        if all(name in group.values for name in groups):
            return f" {MINUS} ".join(book.value_label(variable, name, language) for name in groups)
    return None


def column_texts(
    table: pd.DataFrame, name: str, label: Label, language: str, unit: str = ""
) -> list[str]:
    """Cells of one column as a reader sees them; of the unit "share" all in per cent."""
    column = table[name]
    if name in OWNERS:
        return _texts(table, name, label, language)
    if name in BOUNDS:
        return _estimates(table, name, language, unit)
    if name == "denominator" and "numerator" in table:
        return _parts_of_wholes(table["numerator"], column, language)
    if name in ("p_value", "p_adjusted"):
        return [numbers.p_value(value, language=language) for value in column]
    if is_numeric(column):
        shares = np.full(len(table), unit == "share")
        shares |= name in OF_THE_ESTIMATE and "estimate" in table and _are_shares(table)
        parts = [_numbers(column[shares == one], name, language, one) for one in (False, True)]
        turns = list(map(iter, parts))
        return [next(turns[int(one)]) for one in shares]
    if pd.api.types.is_datetime64_any_dtype(column):
        return [MISSING if pd.isna(day) else str(day.date()) for day in column]
    return _texts(table, name, label, language)


def is_numeric(column: pd.Series) -> bool:
    """Whether a column holds numbers, which are set flush right; yes and no are words."""
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def _texts(table: pd.DataFrame, name: str, label: Label, language: str) -> list[str]:
    """A column of names, each in the words of its label."""
    owner = OWNERS.get(name)
    owners = table[owner] if owner in table else [None] * len(table)
    return [_text(name, *pair, label, language) for pair in zip(table[name], owners, strict=True)]


def _text(name: str, value: Any, owner: Any, label: Label, language: str) -> str:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return MISSING
    if isinstance(value, bool | np.bool_):
        say = catalogue(language)
        return say("yes") if value else say("no")
    return label(name, value, owner)


def _estimates(table: pd.DataFrame, name: str, language: str, unit: str) -> list[str]:
    """Estimates with their intervals; the rows of one quantity share their decimals."""
    ends = [_floats(table, column) for column in (name, *BOUNDS[name])]
    shares = _are_shares(table) if name == "estimate" else np.zeros(len(table), bool)
    rows = pd.DataFrame({"kind": "", "share": shares | (unit == "share")}, range(len(table)))
    if KINDS[name] in table:
        rows["kind"] = table[KINDS[name]].astype(str).to_numpy()
    texts = [""] * len(table)
    for (_, share), at in rows.groupby(["kind", "share"], sort=False).indices.items():
        own = "share" if share else None
        decimals = common_decimals(*(end[at] for end in ends), unit=own)
        for row in at:
            value, low, high = (end[row] for end in ends)
            texts[row] = numbers.estimate_with_interval(
                value, low, high, decimals, unit=own, language=language
            )
    return texts


def _are_shares(table: pd.DataFrame) -> np.ndarray:
    """Whether each estimate is a share: by its counts, by the target beside it, by its measure."""
    shares = np.full(len(table), "target_share" in table and "denominator" not in table)
    if "denominator" in table:
        shares |= table["denominator"].notna().to_numpy()
    if "measure" in table:
        shares |= table["measure"].astype(str).str.fullmatch("(.*_)?share").to_numpy(bool)
    return shares


def _floats(table: pd.DataFrame, name: str) -> np.ndarray:
    """A column as floats; all missing where the table has no such column."""
    if name not in table:
        return np.full(len(table), np.nan)
    return require_numeric(table, name, finite=False)


def _parts_of_wholes(parts: pd.Series, wholes: pd.Series, language: str) -> list[str]:
    """ "47 of 120": a share never travels without its counts."""
    texts = (
        [numbers.count(value, language=language) for value in side] for side in (parts, wholes)
    )
    say, pairs = catalogue(language), zip(*texts, strict=True)
    return [
        MISSING if whole == MISSING else say("{part} of {whole}", part=part, whole=whole)
        for part, whole in pairs
    ]


def _numbers(column: pd.Series, name: str, language: str, share: bool) -> list[str]:
    """A column of numbers in the format its unit asks for, all with the same decimals."""
    unit = VOCABULARY[name].unit if name in VOCABULARY else ""
    values = column.to_numpy(float, na_value=np.nan)
    if share or unit.startswith("share"):
        # What an estimate is held against must not be rounded to another limit.
        decimals = 1 if name in OF_THE_ESTIMATE and not are_whole_percents(values) else None
        return [numbers.percent(value, decimals, language=language) for value in values]
    if unit == "count" and name not in FRACTIONAL:
        return [numbers.count(value, language=language) for value in values]
    finite = values[np.isfinite(values)]
    whole = (finite % 1 == 0).all()
    if name not in VOCABULARY and whole:
        # Years and identifiers are whole numbers too, and take no mark of thousands.
        return [MISSING if np.isnan(value) else str(int(value)) for value in values]
    decimals = 0 if whole else common_decimals(values)
    return [numbers.number(value, decimals, language=language) for value in values]
