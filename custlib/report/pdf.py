"""The report of a run as PDF: tagged for screen readers, with bookmarks, the same at each writing.

weasyprint and the pango library of the system are loaded here and nowhere else.
"""

import contextlib
import io
import sys
import threading
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from custlib.errors import StudyError
from custlib.places import put_file
from custlib.report.printed import language_of, printed_page
from custlib.report.words import catalogue
from custlib.study.manifest import REPORT, Manifest

PDF = "report.pdf"
STYLE = Path(__file__).parent / "templates" / "print.css"
# The letters come with matplotlib, so that a report looks the same on a machine without fonts.
FONTS = {
    "Report Serif": ("STIXGeneral.ttf", "STIXGeneralBol.ttf", "STIXGeneralItalic.ttf"),
    "Report Sans": ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf"),
    "Report Mono": ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
}
# Threads of a sweep would set their pages by the same libraries of the system.
ONE_AT_A_TIME = threading.Lock()
CUTS = ("", "font-weight: bold;", "font-style: italic;")


def require_printer() -> None:
    """Make sure that this machine can write PDF, before anything is computed.

    Raises
    ------
    StudyError
        weasyprint is not installed, or does not find the library pango.
    """
    if sys.modules.get("weasyprint"):
        return
    try:
        # Where a library is missing weasyprint prints its advice; and it warns where the machine
        # has no fonts, of which a report needs none.
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No fonts configured")
            import weasyprint  # noqa: F401
    except ImportError as problem:
        raise StudyError.because(
            f"A PDF cannot be written: the package {problem.name or 'weasyprint'} is not there.",
            "Expected weasyprint, which custlib needs for PDF only.",
            "Install it with `pip install 'custlib[pdf]'`, or leave pdf out of --to.",
        ) from None
    except OSError as problem:
        raise StudyError.because(
            f"A PDF cannot be written: weasyprint lacks a library of the system"
            f" ({str(problem).splitlines()[0].split(':')[0]}).",
            "Expected pango 1.44 or later, with harfbuzz.",
            "Install it with `apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`,"
            " `dnf install pango` or `brew install pango`, or leave pdf out of --to.",
        ) from None


def write_pdf(folder: Path, manifest: Manifest, _notebook: Mapping[str, Any]) -> Path:
    """Write the report of a run as PDF beside its page.

    Parameters
    ----------
    folder : Path
        Folder of the run; `report.html` and the figures lie there already.
    manifest : Manifest
        Record of the run; its figures name their vectors.

    Returns
    -------
    Path of the PDF.

    Raises
    ------
    StudyError
        weasyprint or pango is missing, or cannot set this page.
    OSError
        The folder cannot be read, or not be written to.

    Notes
    -----
    PDF/UA-1: tagged, with the language and the title of the page, bookmarks from its headings and
    the words that stand for each figure. What is printed is the page, without its code. Equal
    pages and figures give equal bytes on the same weasyprint and pango. Nothing is fetched: the
    page holds its pictures, and any other address is refused.
    """
    require_printer()
    vectors = {
        figure.key: (folder / figure.vector).read_text(encoding="utf-8")
        for figure in manifest.figures
        if figure.vector and (folder / figure.vector).is_file()
    }
    html = (folder / REPORT).read_text(encoding="utf-8")
    page = printed_page(html, vectors=vectors, written=manifest.runtime.started)
    path = folder / PDF
    put_file(path, _written(page))
    return path


def _written(page: str) -> bytes:
    """Bytes of the PDF; a page that weasyprint cannot set is told as such."""
    try:
        with ONE_AT_A_TIME:
            return bytes(laid_out(page).write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True))
    except Exception as problem:
        raise StudyError.because(
            f"weasyprint could not set the report as PDF: {type(problem).__name__}: {problem}.",
            "Expected a page that can be printed.",
            "Leave pdf out of --to: the same report as HTML is not affected.",
        ) from problem


def laid_out(page: str) -> Any:
    """The pages of a printed report, as weasyprint's Document."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    style = CSS(
        string=font_faces() + STYLE.read_text(encoding="utf-8") + page_numbers(language_of(page)),
        font_config=fonts,
        url_fetcher=_fetcher(frozenset(map(Path.as_uri, font_files()))),
    )
    source = HTML(string=page, url_fetcher=_fetcher(frozenset()))
    return source.render(stylesheets=[style], font_config=fonts)


def page_numbers(language: str) -> str:
    """Rule that writes "3 of 21" at the foot of each page, in the words of the language."""
    say = catalogue(language)
    words = say("{part} of {whole}")
    text = words.replace("{part}", '" counter(page) "').replace("{whole}", '" counter(pages) "')
    return f'@page {{ @bottom-right {{ content: "{text}"; }} }}\n'


def font_faces() -> str:
    """Rules that name the letters of a report; empty where matplotlib is not installed."""
    present = {path.name: path.as_uri() for path in font_files()}
    return "".join(
        f'@font-face {{ font-family: "{family}"; src: url("{present[name]}"); {cut} }}\n'
        for family, names in FONTS.items()
        for name, cut in zip(names, CUTS, strict=False)
        if name in present
    )


@cache
def font_files() -> tuple[Path, ...]:
    """Files of the letters, found without loading the library that brings them."""
    spec = find_spec("matplotlib")
    homes = spec.submodule_search_locations if spec else None
    folder = Path(next(iter(homes or [""]))) / "mpl-data" / "fonts" / "ttf"
    files = (folder / name for names in FONTS.values() for name in names)
    return tuple(path for path in files if path.is_file())


def _fetcher(allowed: frozenset[str]) -> Any:
    """What weasyprint asks for an address: the page's own data and these files, else a refusal."""
    from weasyprint.urls import URLFetcher

    class OwnContent(URLFetcher):
        """Gives what is inside the report."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url not in allowed and not url.lower().startswith("data:"):
                raise ValueError(f"A report fetches nothing: {url[:80]}")
            return super().fetch(url, headers)

    return OwnContent(allowed_protocols=("data", "file"), allow_redirects=False)
