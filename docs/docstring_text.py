"""Texts of docstrings as Markdown: links, sources, and formulas on lines of their own."""

import re
import textwrap
from itertools import groupby
from urllib.parse import quote

# Equality, or an operator between numbers or letters.
OPERATOR = r" (=|<-|≥|≤) |[\w)²³⁻] ?[+−·×/] ?[\w(]"
BEGUN = r"^([a-z](?=[a-z]+ )|a (?=[a-z]{4}))"  # a word, and no symbol
WIDTH = 92  # characters of a line in a block of code that GitHub shows without scrolling


def prose(text: str, links: dict[str, str]) -> str:
    """A paragraph of a docstring as Markdown: names become links, signs stay signs."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    signs = r"((?<!\w)\*\w[\w ]*\*)|([\\*\[\]<>~$|]|\b_(?!\w)|(?<!\w)_)"
    plain = [re.sub(signs, lambda m: m[1] or "\\" + m[2], one) for one in parts[::2]]
    linked = [f"[{one}]({links[one[1:-1]]})" if one[1:-1] in links else one for one in parts[1::2]]
    return "".join(a + b for a, b in zip(plain, [*linked, ""], strict=True))


def sources(text: str) -> str:
    """References, their DOIs as links."""
    parts = re.split(r"doi:(10\.\S+?)(?=[.,;)]?(?:\s|$))", " ".join(text.split()))
    after = [re.sub(r"^ (?=[^ (])", ". ", one) for one in parts[::2]]  # a line that ends with a DOI
    plain = [" " * one.startswith(" (") + prose(one, {}) for one in after]
    places = [quote(one, safe="/:;") for one in parts[1::2]]
    linked = [
        f" [{prose(f'doi:{one}', {})}](https://doi.org/{place})"
        for one, place in zip(parts[1::2], places, strict=True)
    ]
    return "".join(a.rstrip() + b for a, b in zip(plain, [*linked, ""], strict=True))


def sentences(text: str) -> list[str]:
    ends = r"(?<!\bal)(?<!\bEq)(?<!\bed)(?<!\bvs)(?<![ (][A-Z])(?<=[\w)²\]’'`”%])\.\s+(?=\S)"
    return [one.strip().removesuffix(".") for one in re.split(ends, " ".join(text.split()))]


def is_formula(sentence: str) -> bool:
    """Whether a sentence states a formula: equality near its start, not with a bare number."""
    equals = r"[^`=]{1,45} (=|<-) (?![\d.]+(,| [a-z]{2,}|$))"
    return bool(re.match(equals + r"|\(.*\)²?/|\d+ \(", sentence))


def notes(text: str, links: dict[str, str]) -> str:
    """Notes with their formulas on lines of their own."""
    made = []
    for paragraph in text.split("\n\n"):
        for stated, group in groupby(_clauses(paragraph), key=lambda one: one[0]):
            said = [clause for _, clause in group]
            made.append(_formulas(said) if stated else _plain(said, links))
    return "\n\n".join(made)


def _clauses(paragraph: str) -> list[tuple[bool, str]]:
    """What a paragraph says piece by piece, and whether it is a formula."""
    found = []
    for sentence in sentences(paragraph):
        if is_formula(sentence):
            first, *others = re.split(r"; (?![^(]*\))", sentence)
            found.append((True, first))
            found += [(bool(re.search(OPERATOR, one)), one) for one in others]
        else:
            found.append((False, sentence))
    return found


def _formulas(lines: list[str]) -> str:
    return fenced(
        "\n".join(textwrap.fill(one, WIDTH, subsequent_indent="    ") for one in lines), "text"
    )


def _plain(said: list[str], links: dict[str, str]) -> str:
    begun = [re.sub(BEGUN, lambda m: m[0].upper(), one) for one in said]
    return prose(". ".join(begun) + ".", links)


def fenced(text: str, language: str) -> str:
    return f"```{language}\n{text}\n```"


def described(section: str, links: dict[str, str]) -> str:
    """A section of names and what they are, as a list."""
    made: list[str] = []
    for entry in re.split(r"(?<!,)\n(?=\S)", section):
        head, *said = re.split(r"(?<!,)\n", entry, maxsplit=1)
        names, _, kind = " ".join(head.split()).partition(" : ")
        named = re.fullmatch(r"[\w*]+(, [\w*]+)*", names)
        start = f"`{names}`" if named else prose(names, links)
        start += f", {prose(kind, links)}" if kind else ""
        made.append(": ".join([f"- {start}", *(prose(one, links) for one in said)]))
    return "\n".join(made)
