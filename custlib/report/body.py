"""The notebook as the body of a page: code folded, links printed, nothing in it can act."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, count
from typing import Any

import bleach
import nbformat
import pandas as pd
from bs4 import BeautifulSoup
from jinja2 import PackageLoader, pass_context
from nbconvert.exporters.html import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from custlib.report.page import filled
from custlib.report.tables import show
from custlib.report.words import catalogue
from custlib.study.manifest import FIGURE, FINDING, TABLE

PICTURES = ("image/png", "image/jpeg")
# The parameters stand among the checks, with their defaults and what was changed.
TOLD_ELSEWHERE = {"parameters", "injected-parameters"}
DROPPED = ["script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math"]
OPENS_DROPPED = re.compile("<(?:" + "|".join(DROPPED) + ")", flags=re.IGNORECASE)
TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del"),
    *("details", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5"),
    *("h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp"),
    *("small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th"),
    *("thead", "tr", "u", "ul", "var"),
}
ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}, "a": {"href"}}
DATA_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
TITLE = re.compile(r"^# +(?!#).*$", flags=re.MULTILINE)
OWN_ID = re.compile(r"(finding|figure)-[\w-]+")


@dataclass(frozen=True, slots=True)
class Body:
    """A notebook ready to stand in a page: its HTML, its headings, the methods its tables name."""

    html: str
    contents: tuple[tuple[str, str], ...]
    methods: dict[str, tuple[str, ...]]
    findings: frozenset[str]


def notebook_body(notebook: Mapping[str, Any], *, language: str = "en") -> Body:
    """Body of the page of an executed notebook.

    Parameters
    ----------
    notebook : nbformat notebook of version 4, as a mapping
    language : {"en", "ru", "sl"}, default "en"
        Of all that is not the notebook's own prose and code.

    Returns
    -------
    Body
        `html`, without scripts, styles, handlers or links out of the page; `contents`, anchor
        and text of each section; `methods`, tables by method; `findings`, keys that have an
        anchor `finding-<key>` in the HTML.

    Notes
    -----
    nbconvert's `basic` template makes the HTML. All of it, whatever cell it came from, then
    passes an allow-list of tags and attributes, so that hostile labels in the data, raw HTML in
    the prose and rich outputs are treated alike.

    Examples
    --------
    >>> prose = nbformat.v4.new_markdown_cell("## The data<script>alert(1)</script>")
    >>> body = notebook_body(nbformat.v4.new_notebook(cells=[prose]))
    >>> body.contents, "script" in body.html
    ((('The-data', 'The data'),), False)
    """
    # Read anew from its text: a copy, with the lines of each source joined.
    source = nbformat.reads(json.dumps(notebook), as_version=4)
    source.metadata = nbformat.NotebookNode()
    source.cells = list(_shown_cells(source.cells))
    findings = frozenset(content["key"] for content in recorded(source, FINDING))
    methods = _methods(recorded(source, TABLE))
    for cell in source.cells:
        if cell.cell_type == "code":
            cell.outputs = _shown_outputs(cell.outputs, language)
    say = catalogue(language)
    html, _ = exporter().from_notebook_node(source, {"code": say("Code"), "language": language})
    soup = BeautifulSoup(cleaned(html), "html.parser")
    contents = tuple(_anchored_sections(soup))
    _print_links(soup)
    return Body(str(soup), contents, methods, findings)


@cache
def exporter() -> "PageExporter":
    """The exporter, with its templates compiled once."""
    return PageExporter(
        template_name="basic",
        extra_loaders=[PackageLoader("custlib.report")],
        template_file="notebook.html",
        exclude_raw=True,
        exclude_output_prompt=True,
    )


class PageExporter(HTMLExporter):
    """nbconvert's HTML, its formulas set as text: a page without network has no MathJax."""

    @property
    def default_config(self) -> Any:
        config = super().default_config
        config.NbConvertBase.display_data_priority = [
            "text/html",
            "text/markdown",
            "image/svg+xml",
            *PICTURES,
            "text/latex",
            "text/plain",
        ]
        return config

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Markdown to HTML, pictures taken from the cell's attachments and from nowhere else."""
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = TextRenderer(
            escape=False, attachments=attachments, exclude_anchor_links=True, path=""
        )
        return MarkdownWithMath(renderer=renderer).render(source)


class TextRenderer(IPythonRenderer):
    """Formulas as their own source, set apart from the words around them."""

    def inline_math(self, body: str) -> str:
        return f'<code class="math">{self.escape_html(body.strip())}</code>'

    def block_math(self, body: str) -> str:
        return f'<pre class="math">{self.escape_html(body.strip())}</pre>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"{name}: {body.strip()}")


def recorded(notebook: Any, kind: str) -> list[dict]:
    """Contents of every output of one of custlib's own kinds, in the order of the notebook."""
    return [
        output["data"][kind]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


def cleaned(html: str) -> str:
    """The HTML without anything that could act or fetch: no scripts, handlers, styles, forms."""
    # bleach would leave the text of these elements standing as prose.
    if OPENS_DROPPED.search(html):
        soup = BeautifulSoup(html, "html.parser")
        for element in soup(DROPPED):
            element.decompose()
        html = str(soup)
    return bleach.clean(
        html,
        tags=TAGS,
        attributes=_is_allowed,
        protocols={"http", "https", "mailto", "data"},
        strip=True,
    )


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img":
        return name in {"alt", "width", "height"} or (
            name == "src" and DATA_IMAGE.fullmatch(value) is not None
        )
    if name == "id":
        return OWN_ID.fullmatch(value) is not None
    return name in {"class", "title", "lang"} or name in ATTRIBUTES.get(tag, set())


def _shown_cells(cells: list) -> Iterator[Any]:
    """Cells that stand in the body; the title of the notebook is the title of the page."""
    titled = False
    for cell in cells:
        tags = set(cell.metadata.get("tags", []))
        # Tags and widget state would reach the HTML as class names and scripts.
        cell.metadata = nbformat.NotebookNode()
        if cell.cell_type == "markdown" and not titled:
            cell.source, titles = TITLE.subn("", cell.source, count=1)
            titled = titles > 0
        if not tags & TOLD_ELSEWHERE and (cell.source.strip() or cell.get("outputs")):
            yield cell


def _shown_outputs(outputs: list, language: str) -> list:
    """Outputs of a cell as HTML; a table that is recorded and displayed stands once.

    What `tables.show` made is kept; pandas' own display, with all its digits, is not. A table
    recorded beside a figure waits behind its name, for the figure is what the cell shows.
    """
    kinds = [_kind(output) for output in outputs]
    left_out = {TABLE} if "shown" in kinds else {"pandas"} if TABLE in kinds else set()
    folded = FIGURE in kinds
    pairs = zip(outputs, kinds, strict=True)
    return [_replaced(output, folded, language) for output, kind in pairs if kind not in left_out]


def _kind(output: Any) -> str:
    data = output.get("data", {})
    for kind in (TABLE, FIGURE):
        if kind in data:
            return kind
    html = "".join(data.get("text/html", ""))
    return "pandas" if 'class="dataframe"' in html else "shown" if html else "other"


def _replaced(output: Any, folded: bool, language: str) -> Any:
    """custlib's own kinds and pictures by their templates, anything else as it is."""
    data = output.get("data", {})
    html = None
    spoken: dict[str, Any] = {"language": language}
    if FINDING in data:
        html = filled("finding.html", **spoken, finding=data[FINDING])
    elif TABLE in data:
        content = data[TABLE]
        rows = pd.DataFrame(content["data"], columns=content["columns"])
        table = show(rows, labels=content.get("labels"), **spoken)
        html = (
            filled("recorded.html", **spoken, table=table, key=content["key"], rows=len(rows))
            if folded
            else table._repr_html_()
        )
    elif picture := next((kind for kind in PICTURES if kind in data), None):
        own = data.get(FIGURE, {})
        alt = own.get("alt") or output.get("metadata", {}).get(picture, {}).get("alt")
        shown = {"mime": picture, "image": data[picture], "alt": alt, "key": own.get("key")}
        html = filled("figure.html", **spoken, **shown)
    if html is not None:
        output.data = nbformat.NotebookNode({"text/html": html})
    return output


def _methods(tables: list[dict]) -> dict[str, tuple[str, ...]]:
    """Keys of the recorded tables by the method their rows name."""
    found: dict[str, list[str]] = {}
    for content in tables:
        if "method" in content["columns"]:
            at = content["columns"].index("method")
            for name in dict.fromkeys(row[at] for row in content["data"] if row[at]):
                found.setdefault(str(name), []).append(content["key"])
    return {name: tuple(keys) for name, keys in found.items()}


def _anchored_sections(soup: BeautifulSoup) -> Iterator[tuple[str, str]]:
    """Give every heading an anchor, put it one level down, and list those of the second level."""
    taken = {str(element["id"]) for element in soup(id=True)}
    for heading in soup(re.compile("^h[1-6]$")):
        text = " ".join(heading.get_text().split())
        # Anchors of the page itself begin with report-.
        stem = re.sub("^report-", "the-report-", re.sub(r"\s+", "-", text)) or "section"
        copies = (f"{stem}-{number}" for number in count(2))
        anchor = next(one for one in chain([stem], copies) if one not in taken)
        taken.add(anchor)
        heading["id"] = anchor
        level = int(heading.name[1])
        heading.name = f"h{min(max(level, 2) + 1, 6)}"
        if level <= 2 and text:
            yield anchor, text


def _print_links(soup: BeautifulSoup) -> None:
    """Links inside the page stay; any other is printed, so that nothing leads out of it."""
    anchors = {element["id"] for element in soup(id=True)}
    for link in soup("a"):
        target = str(link.get("href", ""))
        if target.startswith("#") and target[1:] in anchors:
            continue
        words = link.get_text()
        if target and not target.startswith("#") and target not in (words, f"mailto:{words}"):
            link.append(f" ({target})")
        link.unwrap()
