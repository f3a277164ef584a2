"""Which platform's header rows stand above the answers, by what they hold."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from custlib.survey.reading.headings import limesurvey, plain, qualtrics, surveymonkey
from custlib.survey.reading.headings.heading import Head, Heading, Rows
from custlib.texts.headers import clean_name, header_position

LAYOUTS = (surveymonkey.layout, qualtrics.layout, limesurvey.layout)
# Platforms write their header at the very top; a person may have put a title above it.
WITHIN = 8


def heading_of(top: Rows, wanted: Collection[str], merged: plain.Merged | None = None) -> Heading:
    """The heading above the answers, under the names that the wanted columns have, if any.

    A codebook may name the columns by their short names, or by any one of the header rows.
    """
    found = next((one for layout in LAYOUTS if (one := layout(top[:WITHIN]))), None)
    if found is None:
        return plain.layout(top, wanted, merged or {})
    at = header_position(top, wanted)
    names = [clean_name(cell) for cell in top[at]]
    if len(set(names) & set(wanted)) <= len(set(found.names) & set(wanted)):
        return found
    if at > found.last:
        return plain.layout(top, wanted, merged or {})
    names += [""] * (len(found.heads) - len(names))
    heads = tuple(replace(head, name=name) for head, name in zip(found.heads, names, strict=False))
    return replace(found, heads=heads)


def heads_of_variables(
    names: Sequence[str], labels: Mapping[str, str]
) -> tuple[str, tuple[Head, ...]]:
    """The platform, and one head a variable of a file that has names, and labels beside them."""
    texts = [labels.get(name) or "" for name in names]
    for platform in (qualtrics, limesurvey):
        if platform.is_evident(names):
            return platform.PLATFORM, platform.heads(names, texts)
    found = zip(plain.heads(names), texts, strict=True)
    return "plain", tuple(replace(head, question=text) for head, text in found)
