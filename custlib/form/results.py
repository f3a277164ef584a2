"""What came of a run, as the page shows it: findings and links, or what went wrong."""

import html
from pathlib import Path

from custlib.form.addresses import address_of
from custlib.form.fields import NONE, text_of
from custlib.form.running import Outcome
from custlib.study.manifest import Manifest
from custlib.study.run.failures import failure_text
from custlib.study.run.runner import Run

SHOWN = 8
STOPPED_LATE = "The run itself was done by then and is kept; no further formats were written."
KEPT = """<p class="custlib-note">The same run is kept from {}: this is it.
Tick “compute anew” to make it again.</p>"""
NAMES = {"report.html": "Open the report", "report.pdf": "PDF", "report.xlsx": "XLSX"}


def outcome_html(outcome: Outcome) -> str:
    """The end of a run as HTML."""
    parts = []
    if outcome.stopped:
        kept = STOPPED_LATE if outcome.run else "Nothing was kept of this run."
        parts.append(f'<p class="custlib-note">Stopped. {kept}</p>')
    if outcome.run is not None:
        parts.append(_run(outcome.run))
    if outcome.problem:
        parts.append(problem_html(outcome.problem))
    return "".join(parts)


def problem_html(message: str) -> str:
    """A message of three parts, and below it, folded, what else it says."""
    head, _, rest = message.partition("\n\n")
    found, *others = (html.escape(line) for line in head.splitlines())
    lines = "".join(f"<p>{line}</p>" for line in others)
    more = f"<details><summary>More</summary><pre>{html.escape(rest)}</pre></details>"
    found = f"<p><strong>{found}</strong></p>"
    return f'<div class="custlib-failure" role="alert">{found}{lines}{more if rest else ""}</div>'


def _run(run: Run) -> str:
    manifest, head = run.manifest, _head(run.manifest)
    if manifest.failure is not None:
        return head + problem_html(failure_text(manifest.failure)) + _links(run.folder, manifest)
    kept = KEPT.format(manifest.runtime.started[:10]) if run.cached else ""
    return head + kept + _links(run.folder, manifest) + _findings(manifest)


def _head(manifest: Manifest) -> str:
    """The values of the run, for those in the fields may be others by now."""
    values = manifest.parameters
    told = [f"{name} = {text_of(values[name]) or NONE}" for name in manifest.changed]
    shown = f"with {', '.join(told)}" if told else "with the notebook’s own values"
    return f'<p class="custlib-of">Run {html.escape(shown)}</p>'


def _findings(manifest: Manifest) -> str:
    if not manifest.findings:
        return "<p>The study recorded no findings.</p>"
    shown = "".join(f"<li>{html.escape(one.sentence)}</li>" for one in manifest.findings[:SHOWN])
    left = len(manifest.findings) - SHOWN
    more = f"<p>{left} more are in the report.</p>" if left > 0 else ""
    return f"<h4>What was found</h4><ul>{shown}</ul>{more}"


def _links(folder: Path, manifest: Manifest) -> str:
    """A link to each file of the report, in a tab of its own; the path where no link reaches it."""
    paths = {name: folder / name for name in manifest.exports}
    links = [
        f'<a href="{html.escape(address)}" target="_blank" rel="noopener">{NAMES[name]}</a>'
        for name, path in paths.items()
        if path.is_file() and (address := address_of(path))
    ]
    where = f"<code>{html.escape(str(folder))}</code>"
    return f'<p class="custlib-links">{" ".join(links)}</p><p class="custlib-note">{where}</p>'
