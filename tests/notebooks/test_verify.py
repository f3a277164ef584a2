"""Runs computed again in real kernels: what is the same, what differs, and the named cause."""

import hashlib
import json
import logging
import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from custlib.cli import main
from custlib.errors import ParameterError, StudyError
from custlib.report.publication import add_formats, publish
from custlib.study.manifest import TABLE as TABLE_MIME
from custlib.study.manifest import read_manifest
from custlib.study.proof.verification import verify_run
from custlib.study.run.cache import cached_run
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import Run, run_study

PARAMETERS = "scale: float = 2.0  # factor, share; at most 9\ndata: str | None = None  # numbers"
READ = "from custlib import study\n\nnumbers = [float(line) * scale for line in open(data)]"
TABLE = "import pandas as pd\n\nstudy.table('rows', pd.DataFrame({'x': numbers}))"
FIND = "study.find('total', sum(numbers), n=len(numbers), sentence=f'It is {sum(numbers):.1f}.')"
DRAW = """from matplotlib.figure import Figure

for key, height in (("low", 1), ("high", 2)):
    axes = Figure().subplots()
    axes.plot([0, height])
    study.figure(key, axes, alt=f"A line up to {height}.")"""
SUM = "sum(numbers)"
RANDOM = "import os\n\nstudy.find('draw', os.urandom(8).hex(), sentence='By chance.')"
# Where cells stand in the notebook of the run, which has one more than its study.
ADDED, TABLED, FOUND, SUMMED, DRAWN = 2, 4, 5, 6, 7
SHOWN = "os.urandom(8).hex()"


@pytest.fixture(scope="module", autouse=True)
def a_library_that_nobody_edits_meanwhile():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("custlib.study.run.identity.library_sha256", lambda: "0" * 64)
        yield


def write_notebook(path, *sources, parameters=PARAMETERS):
    new = nbformat.v4
    cells = [new.new_markdown_cell("# What is the total?"), new.new_code_cell(parameters)]
    cells[1].metadata["tags"] = ["parameters"]
    cells += [new.new_code_cell(source) for source in sources]
    nbformat.write(new.new_notebook(cells=cells), path)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A notebook, its data and one run of it, in a folder of their own."""
    place = tmp_path_factory.mktemp("made")
    notebook = write_notebook(place / "totals.ipynb", READ, TABLE, FIND, SUM, DRAW)
    (place / "numbers.csv").write_text("1\n2.5\n", encoding="utf-8")
    plan = plan_study(notebook, {"data": str(place / "numbers.csv")})
    return run_study(plan, reports=place / "reports", publish=publish).folder


@pytest.fixture(scope="module")
def proven(made, tmp_path_factory):
    """The run computed a second time, and what came of it."""
    place = tmp_path_factory.mktemp("again")
    before = bytes_of(made)
    proof = verify_run(made / "manifest.json", place=place)
    assert bytes_of(made) == before
    return proof, next(place.glob("2/totals/*"))


@pytest.fixture
def quick(proven, monkeypatch):
    """A run of the same id is computed once: the third comes out as the second."""
    again = Run(proven[1], read_manifest(proven[1]))
    kept = {again.manifest.id: again}

    def run_or_kept(plan, **options):
        if plan.id not in kept:
            kept[plan.id] = run_study(plan, **options)
        return kept[plan.id]

    monkeypatch.setattr("custlib.study.proof.verification.run_study", run_or_kept)


@pytest.fixture
def kept(made, tmp_path):
    """A copy of the run, its notebook and its data, that a test may spoil."""
    place = tmp_path / "kept"
    shutil.copytree(made.parents[2], place)
    folder = place / made.relative_to(made.parents[2])
    edit_json(folder / "manifest.json", lambda record: move(record, place))
    return folder


def move(record, place):
    record["runtime"]["files"] = {
        "data": str(place / "numbers.csv"),
        "notebook": str(place / "totals.ipynb"),
    }


def edit_json(path, change):
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def forge(folder, name, change):
    """Edit a file of the run, and the hash that the record has of it."""
    edit_json(folder / name, change)
    renew_hash(folder, name)


def renew_hash(folder, name):
    edit_json(
        folder / "manifest.json",
        lambda record: record["hashes"].update({name: sha256_of((folder / name).read_bytes())}),
    )


def place_of(folder):
    return folder.parents[2]


def sha256_of(content):
    return hashlib.sha256(content).hexdigest()


def told(proof):
    return [(one.place, one.part) for one in proof.differences]


def bytes_of(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def command(*words):
    return CliRunner().invoke(main, ["verify", *map(str, words)])


def test_an_untouched_run_comes_out_the_same(proven):
    proof = proven[0]
    assert (proof.same, proof.findings, proof.tables) == (True, 1, 1)
    assert (proof.differences, proof.altered, proof.notes, proof.cause) == ((), (), (), None)
    assert proof.verification.tolerance == 1e-9


def test_what_the_repeated_run_leaves_is_the_same_to_the_byte(made, proven):
    first, second = (
        {p.relative_to(f): b for p, b in bytes_of(f).items()} for f in (made, proven[1])
    )
    for name in ("report.ipynb", "tables/rows.csv"):
        assert first[Path(name)] == second[Path(name)]


def test_an_edited_number_of_the_record_differs_and_the_edit_is_proven(kept, quick):
    edit_json(kept / "manifest.json", lambda record: record["findings"][0].update(value=7.5))
    proof = verify_run(kept)
    assert told(proof) == [("finding total", "value")]
    assert (proof.differences[0].was, proof.differences[0].now) == (7.5, 7.0)
    assert proof.altered == ("the record and report.ipynb disagree on the finding total",)


def test_a_record_that_claims_other_parameters_is_proven_to_be_edited_by_its_id(kept, quick):
    edit_json(kept / "manifest.json", lambda record: record["parameters"].update(scale=3.0))
    proof = verify_run(kept)
    assert told(proof) == [("finding total", "value"), ("table rows", "row 1, x and 1 other cell")]
    assert any("not what its id was made of" in text for text in proof.altered)


def test_an_edit_in_record_and_notebook_alike_is_found_by_a_third_run(kept, quick):
    def falsify(record):
        text = json.dumps(record).replace('"value": 7.0', '"value": 7.5').replace("7.0.", "7.5.")
        record.update(json.loads(text))

    edit_json(kept / "manifest.json", falsify)
    forge(kept, "report.ipynb", falsify)
    proof = verify_run(kept)
    assert told(proof) == [("finding total", "value")]
    assert proof.altered == ()
    assert "the record itself was altered" in proof.cause
    assert "a third run that agrees" in proof.cause


def test_a_record_that_claims_another_processor_hides_neither_words_nor_numbers(kept, quick):
    def falsify(content):
        text = json.dumps(content).replace("It is 7.0.", "It was 7.0.").replace("[5.0]", "[5.001]")
        content.update(json.loads(text.replace(sha256_of(before), sha256_of(after))))

    table = kept / "tables" / "rows.csv"
    before, after = table.read_bytes(), table.read_bytes().replace(b"5.0", b"5.001")
    table.write_bytes(after)
    edit_json(kept / "manifest.json", falsify)
    forge(kept, "report.ipynb", falsify)
    edit_json(kept / "manifest.json", lambda record: record["environment"].update(cpu="other"))
    proof = verify_run(kept)
    assert told(proof) == [("table rows", "row 2, x"), ("finding total", "sentence")]
    assert proof.altered == ()
    assert proof.verification.tolerance == 1e-6


def test_an_edited_display_of_the_notebook_differs_though_every_number_is_the_same(kept, quick):
    def falsify(notebook):
        shown = notebook["cells"][SUMMED]["outputs"][0]["data"]
        assert shown["text/plain"] == ["7.0"]
        shown["text/plain"] = ["8.0"]

    forge(kept, "report.ipynb", falsify)
    proof = verify_run(kept)
    assert told(proof) == [("cell 6", "text/plain")]
    assert "the record itself was altered" in proof.cause


def of_record(change):
    return lambda folder: edit_json(folder / "manifest.json", change)


def of_notebook(change):
    return lambda folder: forge(folder, "report.ipynb", lambda content: change(content["cells"]))


def shown(cell, **data):
    """Add or replace parts of the first display of a cell."""
    parts = {name.replace("_", "/"): text for name, text in data.items()}
    return of_notebook(lambda cells: cells[cell]["outputs"][0]["data"].update(parts))


def printed(cell):
    output = {"output_type": "stream", "name": "stdout", "text": "Satisfaction is 98 %"}
    return of_notebook(lambda cells: cells[cell]["outputs"].append(output))


def inserted(at, **cell):
    tagged = {"metadata": {"tags": ["injected-parameters"]}, "id": "new"} | cell
    return of_notebook(lambda cells: cells.insert(at, tagged))


def exchange_pictures(cells):
    low, high = (output["data"] for output in cells[DRAWN]["outputs"])
    low["image/png"] = high["image/png"]


def edit_page(folder):
    page = folder / "report.html"
    page.write_text(page.read_text(encoding="utf-8").replace("It is 7.0", "It is 1.0"), "utf-8")


def edit_page_and_its_hash(folder):
    edit_page(folder)
    renew_hash(folder, "report.html")


def edit_page_and_take_hashes_away(folder):
    edit_page(folder)
    edit_json(folder / "manifest.json", lambda record: record["hashes"].clear())


def edit_workbook(folder):
    add_formats(folder, ["xlsx"])
    with (folder / "report.xlsx").open("ab") as stream:
        stream.write(b" ")


CODE = {"cell_type": "code", "execution_count": 3, "source": "97", "outputs": []}
PROSE = {"cell_type": "markdown", "source": "Satisfaction is 98 %"}
VERIFIED = {"when": "2026-03-14T00:00:00+00:00", "same": True, "findings": 9, "tables": 1}
VERIFIED |= {"custlib_sha256": "0" * 64, "python": "3.11.7", "platform": "Linux"}
TAMPERED = {
    "page": (edit_page, "altered: report.html is gone or was changed"),
    "page and its hash": (edit_page_and_its_hash, "page report.html  was as it is kept"),
    "workbook": (edit_workbook, "altered: report.xlsx is gone or was changed"),
    "words of a finding": (
        shown(FOUND, text_plain="It is 1.0."),
        "cell 5 text/plain  was It is 1.0.  is It is 7.0.",
    ),
    "HTML beside a table": (
        shown(TABLED, text_html="Satisfaction is 97 %"),
        "cell 4 text/html  was Satisfaction is 97 %  is empty",
    ),
    "labels of a table": (
        of_notebook(
            lambda cells: cells[TABLED]["outputs"][0]["data"][TABLE_MIME].update(labels={"x": "y"})
        ),
        "cell 4 words",
    ),
    "one picture for another": (
        of_notebook(exchange_pictures),
        "altered: the figure low is another picture in report.ipynb",
    ),
    "a picture in the prose": (
        of_notebook(lambda cells: cells[0].update(attachments={"a.png": {"image/png": "iVBO"}})),
        "cell 1 attachments",
    ),
    "widgets that the notebook holds": (
        lambda folder: forge(
            folder, "report.ipynb", lambda content: content["metadata"].update(widgets={"a": 98})
        ),
        "notebook metadata",
    ),
    "a line that was printed": (printed(SUMMED), "cell 6 stdout  was Satisfaction is 98 %"),
    "values of the added cell": (
        of_notebook(lambda cells: cells[ADDED].update(source="scale = 3.0\ndata = None")),
        "altered: report.ipynb does not set the parameters of the record",
    ),
    "the added cell taken away": (
        of_notebook(lambda cells: cells.pop(ADDED)),
        "altered: report.ipynb does not set the parameters of the record",
    ),
    "an output of the added cell": (printed(ADDED), "cell 2 stdout  was Satisfaction is 98 %"),
    "a second added cell": (inserted(3, **CODE), "report.ipynb has other cells than those that"),
    "prose tagged as added": (inserted(3, **PROSE), "report.ipynb has other cells than those that"),
    "rows of a file": (
        of_record(lambda record: record["data"][0].update(rows=99_999)),
        "file numbers.csv rows  was 99999  is None",
    ),
    "size of a file": (
        of_record(lambda record: record["data"][0].update(bytes=5)),
        "file numbers.csv bytes  was 5  is 6",
    ),
    "seed": (of_record(lambda record: record.update(seed=1)), "record tells seed otherwise"),
    "question": (
        of_record(lambda record: record.update(question="Are all happy: yes 100 %?")),
        "altered: the record tells question otherwise than report.ipynb",
    ),
    "study": (of_record(lambda record: record.update(study="other")), "tells study otherwise"),
    "order of figures": (
        of_record(lambda record: record["figures"].reverse()),
        "altered: the record has figures in another order than report.ipynb",
    ),
    "slug": (of_record(lambda record: record.update(slug="other")), "tells slug otherwise"),
    "what was changed": (
        of_record(lambda record: record.update(changed=[])),
        "tells changed other",
    ),
    "meaning of a parameter": (
        of_record(lambda record: record["declared"]["scale"].update(meaning="weights 77 %")),
        "altered: the record tells declared otherwise than report.ipynb",
    ),
    "a verification": (
        of_record(lambda record: record.update(verified=[VERIFIED])),
        "no verification of 2026-03-14T00:00:00+00:00 can have come to what the record says",
    ),
    "a finding twice": (
        of_record(lambda record: record["findings"].append(record["findings"][0] | {"n": 9})),
        "altered: the record and report.ipynb disagree on the finding total",
    ),
}


@pytest.mark.parametrize("tamper, message", TAMPERED.values(), ids=TAMPERED)
def test_whatever_of_a_run_is_edited_it_is_not_the_same_and_the_edit_is_named(
    kept, quick, tamper, message
):
    tamper(kept)
    done = command(kept)
    assert done.exit_code == 1, done.output
    assert message in done.stdout
    assert [one.same for one in read_manifest(kept).verified][-1:] == [False]
    assert "not everything is the same" in (kept / "report.html").read_text(encoding="utf-8")


def test_a_run_that_was_verified_is_still_the_same_in_each_of_its_files(kept, quick):
    add_formats(kept, ["xlsx"])
    for _ in range(2):
        done = command(kept)
        assert (done.exit_code, len(done.stdout.splitlines())) == (0, 1), done.output
    record = read_manifest(kept)
    assert [one.same for one in record.verified] == [True, True]
    assert record.hashes == {
        name: sha256_of((kept / name).read_bytes())
        for name in ("report.ipynb", "report.html", "report.xlsx")
    }


def test_a_run_made_before_exports_had_hashes_is_read_and_told_so(kept, quick):
    edit_json(kept / "manifest.json", lambda record: record.pop("hashes"))
    proof = verify_run(kept)
    assert proof.same
    assert proof.notes == ("report.html was made before exports had hashes, and is not proven.",)
    assert proof.uncovered == ("report.html",)
    done = command(kept)
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 1)
    assert [*read_manifest(kept).hashes] == ["report.html"]


def test_a_page_edited_before_exports_had_hashes_is_another_than_its_record_gives(kept, quick):
    edit_json(kept / "manifest.json", lambda record: record.pop("hashes"))
    edit_page(kept)
    done = command(kept)
    assert done.exit_code == 1
    assert "page report.html  was as it is kept  is as record and notebook give it" in done.stdout


def test_a_file_that_the_record_does_not_know_is_named_on_the_page(kept, quick):
    (kept / "notes.txt").write_text("Satisfaction is 98 %", encoding="utf-8")
    (kept / ".ipynb_checkpoints").mkdir()
    (kept / ".ipynb_checkpoints" / "report.ipynb").write_text("{}", encoding="utf-8")
    done = command(kept)
    assert done.exit_code == 0
    assert "Note: notes.txt is in no record, and not proven." in done.stdout
    page = (kept / "report.html").read_text(encoding="utf-8")
    assert "Not proven.</strong> notes.txt<" in page
    assert "everything came out the same" not in page


@pytest.mark.parametrize(
    "display, cpu, same",
    [("9.0", None, False), ("7.1", None, False), ("9.0", "other", False), ("7.1", "other", True)],
)
def test_after_a_change_of_the_library_no_display_is_certified_that_is_another(
    kept, quick, monkeypatch, display, cpu, same
):
    shown(SUMMED, text_plain=display)(kept)
    if cpu:
        of_record(lambda record: record["environment"].update(cpu=cpu))(kept)
    monkeypatch.setattr("custlib.study.run.identity.library_sha256", lambda: "1" * 64)
    done = command(kept)
    assert done.exit_code == (0 if same else 1), done.output
    page = (kept / "report.html").read_text(encoding="utf-8")
    assert "everything came out the same" not in page
    assert ("cell 6 text/plain" in done.stdout) is not same
    assert ("not all that is shown is proven" in page) is same
    assert ("cell 6 (text/plain)" in page) is same


def test_a_page_that_another_library_wrote_is_not_proven_and_not_called_altered(
    kept, quick, monkeypatch
):
    monkeypatch.setattr("custlib.study.run.identity.library_sha256", lambda: "1" * 64)
    assert command(kept).exit_code == 0
    edit_page_and_its_hash(kept)  # as by a template of its own
    monkeypatch.setattr("custlib.study.run.identity.library_sha256", lambda: "0" * 64)
    done = command(kept)
    assert done.exit_code == 0, done.output
    page = (kept / "report.html").read_text(encoding="utf-8")
    assert "Not proven.</strong> page (report.html)<" in page
    assert command(kept).exit_code == 0
    assert "everything came out the same" in (kept / "report.html").read_text(encoding="utf-8")


def test_changed_data_are_named_where_the_repeated_run_fails_because_of_them(kept):
    (place_of(kept) / "numbers.csv").write_text("1\nmany\n", encoding="utf-8")
    done = command(kept)
    assert done.exit_code == 2
    assert "Since the recorded run changed: data: numbers.csv has other contents." in done.stderr


def edit_finding(record):
    record["findings"][0].update(value=999.0, sentence="It is 999.0.")


@pytest.mark.parametrize(
    "tamper, is_used",
    [
        (of_record(edit_finding), False),
        (of_record(lambda record: record.update(question="Are all happy?")), False),
        (of_record(lambda record: record["data"][0].update(rows=99_999)), False),
        (edit_page, False),
        (edit_page_and_take_hashes_away, False),
        (edit_workbook, False),
        (lambda folder: edit_json(folder / "report.ipynb", lambda content: None), False),
        (lambda folder: (folder / "report.html").unlink(), True),
        (lambda folder: add_formats(folder, ["xlsx"]), True),
        (lambda folder: None, True),
    ],
    ids=[
        *("finding", "question", "rows", "page", "hashes", "workbook", "notebook"),
        *("gone", "added", "whole"),
    ],
)
def test_a_kept_run_is_used_only_as_it_was_made(made, kept, tamper, is_used):
    place = made.parents[2]
    plan = plan_study(place / "totals.ipynb", {"data": str(place / "numbers.csv")})
    tamper(kept)
    assert (cached_run(plan, kept.parents[1]) is not None) is is_used


def test_many_runs_leave_one_handler_to_the_log_of_what_runs_them(made, proven):
    handlers = logging.getLogger("papermill").handlers
    assert [type(one) for one in handlers].count(logging.NullHandler) == 1


@pytest.mark.parametrize("now", ["x\n2.0\n5.5\n", "x\n2.0\n5.00\n"])
def test_a_table_edited_by_hand_differs_even_where_its_numbers_do_not(kept, quick, now):
    (kept / "tables" / "rows.csv").write_text(now, encoding="utf-8")
    proof = verify_run(kept)
    assert not proof.same
    assert proof.altered == ("tables/rows.csv is gone or was changed",)
    assert told(proof) == ([("table rows", "row 2, x")] if "5.5" in now else [])


def test_one_changed_byte_of_the_data_is_the_cause(kept, quick):
    (place_of(kept) / "numbers.csv").write_text("1\n2.6\n", encoding="utf-8")
    proof = verify_run(kept)
    assert ("finding total", "value") in told(proof)
    assert "has changed but this: data: numbers.csv has other contents." in proof.cause


def test_a_changed_cell_is_the_cause(kept, quick):
    notebook = place_of(kept) / "totals.ipynb"
    write_notebook(notebook, READ, TABLE, FIND.replace("sum(n", "max(n", 1), "1", DRAW)
    proof = verify_run(kept)
    assert told(proof) == [("finding total", "value")]
    assert "has changed but this: the notebook (cell 5, 6)." in proof.cause.replace("cells", "cell")


def test_a_changed_default_moves_no_number_because_every_parameter_is_recorded(kept, quick):
    notebook = place_of(kept) / "totals.ipynb"
    parameters = PARAMETERS.replace("2.0", "3.0")
    write_notebook(notebook, READ, TABLE, FIND, SUM, DRAW, parameters=parameters)
    proof = verify_run(kept)
    assert proof.same
    assert "the default of scale was 2.0, is 3.0" in proof.notes[0]
    assert "the parameters cell (cell 2)" in proof.notes[0]


@pytest.mark.parametrize(
    "parameters, error, message",
    [
        (PARAMETERS.replace("scale", "factor"), ParameterError, "'scale' is not a parameter"),
        (PARAMETERS.replace("most 9", "most 1").replace("2.0", "1.0"), ParameterError, "scale is"),
    ],
)
def test_a_parameter_that_the_study_now_refuses_is_told_before_a_kernel_starts(
    kept, monkeypatch, parameters, error, message
):
    monkeypatch.setattr("custlib.study.proof.verification.run_study", None)
    write_notebook(place_of(kept) / "totals.ipynb", READ, FIND, parameters=parameters)
    with pytest.raises(error, match=message):
        verify_run(kept)


@pytest.mark.parametrize(
    "name, file", [("data", "numbers.csv"), ("notebook", "totals.ipynb")], ids=["data", "notebook"]
)
def test_a_file_that_is_gone_is_asked_for(kept, monkeypatch, name, file):
    monkeypatch.setattr("custlib.study.proof.verification.run_study", None)
    (place_of(kept) / file).unlink()
    with pytest.raises(StudyError, match=f"-p {name}=PATH"):
        verify_run(kept)


def test_a_file_that_was_moved_is_taken_from_where_it_lies_now(kept, quick):
    (place_of(kept) / "moved").mkdir()
    moved = (place_of(kept) / "numbers.csv").rename(place_of(kept) / "moved" / "numbers.csv")
    done = command(kept, "-p", f"data={moved}")
    assert done.exit_code == 0, done.output
    assert "1 finding and 1 table are the same" in done.stdout


def test_a_parameter_that_is_no_file_cannot_be_changed(kept):
    done = command(kept, "-p", "scale=3")
    assert done.exit_code == 2
    assert "scale is not a file of the run" in done.stderr
    assert "Expected: data, notebook." in done.stderr


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A run of a study that draws without a seed, and what came of it."""
    place = tmp_path_factory.mktemp("drawn")
    sources = "from custlib import study", RANDOM, SHOWN
    notebook = write_notebook(place / "draw.ipynb", *sources, parameters="a: int = 1")
    run = run_study(plan_study(notebook), reports=place / "reports")
    return run, verify_run(run.folder, place=place), place


def test_a_study_that_draws_without_a_seed_is_found_out_by_a_third_run(drawn):
    _, proof, _ = drawn
    assert told(proof) == [("finding draw", "value")]
    assert proof.cause.startswith("The study is not deterministic")
    assert "finding draw" in proof.cause
    [note] = proof.notes
    assert note.endswith("as they did once more in a third run: cell 5 (text/plain).")
    assert proof.uncovered == ("cell 5 (text/plain)",)


def test_chance_is_not_blamed_on_a_library_that_has_changed_meanwhile(drawn, monkeypatch):
    run, _, place = drawn
    folders = iter(sorted(place.glob("[23]/draw/*")))

    def later(*_, **__):
        folder = next(folders)
        record = read_manifest(folder)
        code = record.code.model_copy(update={"custlib_sha256": "1" * 64})
        return Run(folder, record.model_copy(update={"code": code}))

    monkeypatch.setattr("custlib.study.proof.verification.run_study", later)
    proof = verify_run(run.folder)
    assert told(proof) == [("finding draw", "value")]
    assert proof.cause.startswith("The study is not deterministic")
    assert next(folders, None) is None


def test_what_cannot_be_repeated_ends_with_two_and_the_others_are_still_verified(
    kept, quick, tmp_path
):
    failed = shutil.copytree(place_of(kept), tmp_path / "failed") / kept.relative_to(place_of(kept))
    edit_json(failed / "manifest.json", lambda record: move(record, tmp_path / "failed"))
    write_notebook(tmp_path / "failed" / "totals.ipynb", READ, "1 / 0", TABLE, FIND)
    spoilt = shutil.copytree(kept, kept.with_name("spoilt"))
    (spoilt / "tables" / "rows.csv").write_text("x\n2.0\n", encoding="utf-8")
    before = bytes_of(failed)
    done = command(spoilt, failed, tmp_path / "no_such_run", kept, "--reports", kept.parents[1])
    assert done.exit_code == 2
    lines = done.stdout.splitlines()
    assert lines[0].endswith("spoilt: not the same: 1 table of 1 finding and 1 table")
    assert lines[1] == "  altered: tables/rows.csv is gone or was changed"
    assert lines[2].split() == ["table", "rows", "rows", "was", "1", "is", "2", "apart", "5.0e-01"]
    assert lines[-1].endswith(": 1 finding and 1 table are the same")
    assert "Cell 4 of 6 raised ZeroDivisionError" in done.stderr
    assert "cannot be verified" in done.stderr
    assert bytes_of(failed) == before

    record, report = read_manifest(kept), (kept / "report.html").read_text(encoding="utf-8")
    assert [(one.same, one.findings, one.tables) for one in record.verified] == [(True, 1, 1)]
    assert "everything came out the same (1 finding, 1 table)" in report
    record, report = read_manifest(spoilt), (spoilt / "report.html").read_text(encoding="utf-8")
    assert [one.same for one in record.verified] == [False]
    assert "not everything is the same" in report
    assert record.verified[0].cause in report
    assert (kept.parents[1] / "index.html").is_file()


@pytest.mark.parametrize("lacking", ["findings", "status"])
def test_a_run_with_nothing_to_compare_proves_nothing(kept, monkeypatch, lacking):
    def empty(record):
        if lacking == "findings":
            record.update(findings=[], tables=[])
        else:
            record.update(status="error", failure={"message": "It broke."})

    monkeypatch.setattr("custlib.study.proof.verification.run_study", None)
    edit_json(kept / "manifest.json", empty)
    with pytest.raises(StudyError, match="nothing to compare"):
        verify_run(kept)


@pytest.mark.parametrize(
    "words, message",
    [
        (["--renew"], "--renew goes with --reference"),
        (["--because", "x"], "--because goes with --renew"),
        (["--reference", "-p", "data=x"], "it takes no -p"),
        (["--reference", "no_such_study"], "There is no study named 'no_such_study'"),
        (["no_such_run"], "There is no run at 'no_such_run'"),
        ([__file__], "is not a manifest"),
        ([str(Path(__file__).parent)], "manifest.json of notebooks cannot be read"),
        (["no_such_run", "-p", "data"], "'data' has no `=`"),
    ],
)
def test_words_that_mean_nothing_end_with_two(words, message):
    done = command(*words)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not done.stdout


def test_a_study_or_no_name_at_all_means_each_of_its_runs(kept, quick):
    shutil.copytree(kept, kept.with_name("copy"))
    names = sorted(["copy", kept.name])
    for words in ([kept.parent], ["totals", "--reports", kept.parents[1]]):
        done = command(*words)
        assert done.exit_code == 0
        lines = [f"totals/{name}: 1 finding and 1 table are the same" for name in names]
        assert done.stdout.splitlines() == lines
    assert command("--reports", kept.parents[1]).stdout.splitlines() == lines


def test_a_folder_without_runs_is_told(tmp_path):
    done = command("--reports", tmp_path)
    assert done.exit_code == 2
    assert "There is no run in" in done.stderr
