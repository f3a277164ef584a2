"""Cells that print or show 50 MB: the run ends, the report stays small, and records stay whole."""

import nbformat
import pytest

from custlib.report.publication import publish
from custlib.study.run.cache import cached_run
from custlib.study.run.engine import Excerpt, excerpt
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

MEGABYTE = 1_000_000


def outputs_of(run):
    notebook = nbformat.read(run.folder / "report.ipynb", as_version=4)
    return [out for cell in notebook.cells for out in cell.get("outputs", ())]


@pytest.fixture(scope="module")
def flood(tmp_path_factory):
    """One run of cells that print 50 MB of lines, show 50 MB of HTML, and record a long table."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    place = tmp_path_factory.mktemp("flood")
    cells = [
        "import sys\nimport pandas as pd\nfrom IPython.display import HTML, display\n"
        "from custlib import study",
        "for at in range(0, 500_000, 5_000):\n"
        "    print('\\n'.join(f'{n:099d}' for n in range(at, at + 5_000)))",
        "HTML('<p>' + 'x ' * 25_000_000 + '</p>')",
        "shown = display(HTML('small'), display_id=True)\n"
        "shown.update(HTML('<b>' + 'y' * 11_000_000 + '</b>'))",
        "sys.stderr.write('e' * 99_999)\nNone",
        "study.table('rows', pd.DataFrame({'n': range(100_000)}))\nNone",
        "study.find('text', 'z' * 200_000, sentence='A long text.')",
    ]
    path = place / "flood.ipynb"
    parameters = new_code_cell("size: int = 50  # MB", metadata={"tags": ["parameters"]})
    head = [new_markdown_cell("# How much is kept?"), parameters]
    nbformat.write(new_notebook(cells=[*head, *map(new_code_cell, cells)]), path)
    plan = plan_study(path)
    return plan, run_study(plan, reports=place / "reports", publish=publish)


def test_a_run_that_prints_and_shows_a_flood_ends_well_and_is_found_again(flood):
    plan, run = flood
    assert run.status == "ok"
    assert cached_run(plan, run.folder.parents[1]).manifest == run.manifest


def test_head_and_tail_of_what_was_printed_are_kept_and_what_is_left_out_is_counted(flood):
    printed = "".join(out.text for out in outputs_of(flood[1]) if out.get("name") == "stdout")
    head, told, tail = printed.partition("\n… 49,900,000 characters left out …\n")
    assert told
    assert head == "".join(f"{n:099d}\n" for n in range(500))
    assert tail == "".join(f"{n:099d}\n" for n in range(499_500, 500_000))


def test_a_text_below_the_measure_is_kept_letter_by_letter(flood):
    printed = "".join(out.text for out in outputs_of(flood[1]) if out.get("name") == "stderr")
    assert printed == "e" * 99_999


def test_a_display_of_fifty_megabytes_is_left_out_and_its_place_says_so(flood):
    told = [out.data["text/plain"] for out in outputs_of(flood[1]) if "data" in out]
    assert "characters left out: a cell may show 10,000,000 …" in told[0]
    assert told[0].startswith("… 50,000,0")
    assert "characters left out" in told[1]


def test_the_report_of_a_flood_is_small(flood):
    for name in ("report.html", "report.ipynb"):
        assert (flood[1].folder / name).stat().st_size < 6 * MEGABYTE
    assert "50,000,0" in (flood[1].folder / "report.html").read_text(encoding="utf-8")


def test_what_a_study_records_is_never_cut(flood):
    run = flood[1]
    lines = (run.folder / "tables" / "rows.csv").read_text(encoding="utf-8").splitlines()
    assert lines == ["n", *map(str, range(100_000))]
    assert run.manifest.tables[0].rows == 100_000
    assert run.manifest.findings[0].value == "z" * 200_000


def test_an_error_with_an_endless_message_keeps_its_head_and_tail(study, tmp_path):
    run = run_study(
        plan_study(study("raise ValueError('a' * 9_000_000 + 'b')")),
        reports=tmp_path / "reports",
        publish=publish,
    )
    assert run.status == "error"
    assert run.manifest.failure.error == "ValueError"
    files = [path for path in run.folder.rglob("*") if path.is_file()]
    assert max(path.stat().st_size for path in files) < MEGABYTE
    assert "aaab." in run.manifest.failure.message


def test_printing_after_the_output_is_cleared_starts_a_new_measure(study, tmp_path):
    run = run_study(
        plan_study(
            study(
                "from IPython.display import clear_output\n"
                "print('a' * 300_000, flush=True)\nclear_output()\nprint('b' * 10)"
            )
        ),
        reports=tmp_path / "reports",
    )
    assert [out.text for out in outputs_of(run)] == ["b" * 10 + "\n"]


@pytest.mark.parametrize("step", [1, 7, 50, 1000])
def test_an_excerpt_is_the_same_however_its_text_is_cut_into_parts(step):
    text = "".join(chr(ord("a") + n % 26) for n in range(1000))
    for length in (0, 1, 99, 100, 101, 500, 1000):
        whole, made, head = text[:length], Excerpt(100), ""
        for at in range(0, length, step):
            head += made.add(whole[at : at + step])
        expected = whole
        if length > 100:
            expected = f"{whole[:50]}\n… {length - 100} characters left out …\n{whole[-50:]}"
        assert head + made.rest == expected == excerpt(whole, 100)
