"""Two runs side by side: what moved, what cannot be judged, and what is only told."""

import csv
import hashlib
import json
import math
import os

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from custlib.cli import main
from custlib.errors import StudyError
from custlib.intervals import wilson
from custlib.report.comparison import compared, write_comparison
from custlib.report.gallery import write_gallery
from custlib.study.catalogue import study_name
from custlib.study.changes import COLUMNS, compare_runs
from custlib.study.manifest import Finding, Manifest, write_manifest
from custlib.study.movement import SHARED, TAKEN, TOLD, UNKNOWN, difference_interval, movement_of


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def finding(value, low=None, high=None, *, key="gap", sentence="A gap.", **changes):
    told = {"rtol": 1e-9, "atol": 0.0, "cell": 3} | changes
    return Finding(key=key, value=value, low=low, high=high, sentence=sentence, **told)


def answers(text, path=None):
    return {"path": path or f"data/works/{text}.csv", "sha256": sha(text), "bytes": 10, "rows": 2}


def run(*findings, name="first", **changes):
    content = {
        "schema": "custlib.manifest/1",
        "id": sha(name),
        "status": "ok",
        "study": "steel_satisfaction",
        "question": "Are end users less satisfied?",
        "slug": name,
        "notebook": {"path": "notebooks/studies/01.ipynb", "sha256": sha("notebook")},
        "parameters": {"conf_level": 0.95, "market": name},
        "changed": ["market"],
        "data": [answers(name)],
        "code": {"custlib_sha256": sha("library")},
        "environment": {
            "python": "3.11.7",
            "platform": "Linux",
            "cpu": "cpu",
            "blas": "blas",
            "threads": 1,
            "packages": {},
        },
        "findings": [one.model_dump() for one in findings],
        "tables": [],
        "figures": [],
        "runtime": {"started": "2026-11-20T14:03:11+00:00", "seconds": 3.0},
    }
    return Manifest.model_validate(content | changes)


def row_of(before, after, **changes):
    """The one row of two runs with a finding each."""
    return compare_runs(run(before), run(after, name="second", **changes)).findings.iloc[0]


def told(before, after, **changes):
    return movement_of(before, after, **changes)


# --- the interval of the difference ---------------------------------------------------------------
def test_two_wilson_intervals_give_the_published_interval_of_newcombe():
    """Newcombe 1998, table II (a), method 10: 56/70 less 48/80 is 0.2, from 0.0524 to 0.3339."""
    first, second = ((share, *map(float, wilson(share, n))) for share, n in ((0.6, 80), (0.8, 70)))
    difference, low, high = difference_interval(first, second)
    assert difference == pytest.approx(0.2)
    assert (low, high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def test_each_end_is_as_far_as_the_ends_it_is_made_of():
    # 3-4-5 triangles: down 3 and 4, up 6 and 8.
    assert difference_interval((10, 2, 14), (20, 17, 26)) == (10, 5, 20)


def test_swapping_the_runs_turns_the_interval_about():
    one, other = (0.05, 0.02, 0.11), (0.3, 0.22, 0.4)
    difference, low, high = difference_interval(one, other)
    assert difference_interval(other, one) == pytest.approx((-difference, -high, -low))


def test_two_equal_errors_make_one_that_is_root_two_times_as_long():
    assert difference_interval((1, 0, 2), (1, 0, 2)) == pytest.approx((0, -math.sqrt(2), 2**0.5))


# --- one finding ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "after, word",
    [
        ((5.5, 4.5, 6.5), "moved"),  # 1.5 apart, noise 1.414
        ((5.4, 4.4, 6.4), "within noise"),  # 1.4 apart
        ((2.5, 1.5, 3.5), "moved"),
        ((2.6, 1.6, 3.6), "within noise"),
    ],
)
def test_a_number_has_moved_when_the_interval_of_its_difference_leaves_out_0(after, word):
    found = told(finding(4.0, 3.0, 5.0), finding(*after))
    assert (found.word, found.basis) == (word, "intervals, independent answers, as told")


def test_an_interval_that_ends_at_0_does_not_leave_it_out():
    assert told(finding(0.0, -3.0, 3.0), finding(5.0, 1.0, 9.0)).ci_low == 0.0
    assert told(finding(0.0, -3.0, 3.0), finding(5.0, 1.0, 9.0)).word == "within noise"


@pytest.mark.parametrize("known", [SHARED, UNKNOWN])
@pytest.mark.parametrize(
    "after, word",
    [
        ((5.5, 4.5, 6.5), "moved if independent"),
        ((5.2, 4.2, 6.2), "within noise if independent"),
        ((7.5, 6.5, 8.5), "moved"),
    ],
)
def test_what_may_rest_on_the_same_answers_is_judged_for_sure_only_with_intervals_apart(
    after, word, known
):
    found = told(finding(4.0, 3.0, 5.0), finding(*after), answers=known)
    assert (found.word, found.basis) == (word, f"intervals, {known}")


@pytest.mark.parametrize(
    "before, after, basis",
    [
        (finding(4.0), finding(9.0), "no interval"),
        (finding(4.0, 3.0, 5.0), finding(9.0), "no interval"),
        (finding(4.0, 3.0), finding(9.0, 8.0, 10.0), "one-sided interval"),
        (finding(4.0, None, 5.0), finding(9.0, None, 10.0), "one-sided interval"),
        (finding(4.0, 4.0, 4.0), finding(9.0, 8.0, 10.0), "interval without width"),
        (finding(4.0, 5.0, 6.0), finding(9.0, 8.0, 10.0), "value outside its interval"),
        (finding(4.0, 3.0, 5.0, unit="points"), finding(9.0, 8.0, 10.0), "different units"),
        (finding(1e308, -1e308, 1.1e308), finding(-1e308, -1.1e308, 0), "too large a number"),
        (finding(10**400), finding(10**400 + 1), "too large a number"),
        (finding(7, 5, 9), finding(12), "no interval"),
    ],
)
def test_a_number_without_a_usable_interval_cannot_be_judged(before, after, basis):
    for pair in ((before, after), (after, before)):
        found = told(*pair)
        assert (found.word, found.basis) == ("cannot be judged", basis)
        assert math.isnan(found.ci_low)


def test_intervals_of_two_levels_cannot_be_judged():
    found = told(finding(4.0, 3.0, 5.0), finding(9.0, 8.0, 10.0), levels="0.95 and 0.9")
    assert (found.word, found.basis) == ("cannot be judged", "levels differ")
    assert found.note == "0.95 and 0.9"


@pytest.mark.parametrize(
    "before, after, word, basis",
    [
        (finding(0.3), finding(0.3), "same", "equal"),
        (finding(0.3, 0.2, 0.4), finding(0.3, 0.2, 0.4 + 1e-12), "same", "equal"),
        (finding(0.0, 0.0, 0.31, n=10), finding(0.0, 0.0, 0.1, n=5000), "same value", "equal"),
        (finding(0.3, 0.2, 0.4), finding(0.3, 0.2), "same value", "equal"),
        (finding("a", n=10), finding("a", n=20), "same value", "words"),
        (finding(0.0, -0.2, 0.2), finding(0.0, -0.2, 0.2 + 5e-17), "same", "equal"),
        (finding(7), finding(7.0), "same", "equal"),
        (finding(0.1 + 0.2, 0.3, 0.31), finding(0.3, 0.3, 0.31), "same", "tolerance"),
        (finding(100.0, rtol=0.01), finding(100.5), "same", "tolerance"),
        (finding(100.0, rtol=-1), finding(100.5, atol=-1), "cannot be judged", "no interval"),
        (finding(7), finding(8), "changed", "count"),
        (finding(7.0), finding(8), "cannot be judged", "no interval"),
        (finding("a"), finding("a"), "same", "words"),
        (finding("a"), finding("b"), "changed", "words"),
        (finding(True), finding(False), "changed", "yes or no"),
        (finding(True), finding(1), "changed", "different kinds of value"),
        (finding("1"), finding(1), "changed", "different kinds of value"),
        (finding(["a"]), finding("a"), "changed", "different kinds of value"),
        (finding([1.0, "a"]), finding([1, "a"]), "same", "list"),
        (finding([True]), finding([1]), "changed", "list"),
        (finding(None), finding(None), "not computed", "no value"),
        (finding(None), finding(3.0, 2.0, 4.0), "now computed", "no value"),
        (finding(3.0, 2.0, 4.0), finding(None), "no longer computed", "no value"),
    ],
)
def test_words_counts_and_gaps_are_told_without_a_judgement_of_noise(before, after, word, basis):
    found = told(before, after)
    assert (found.word, found.basis) == (word, basis)


@pytest.mark.parametrize(
    "after, word",
    [
        ((1.4, 1.39, 1.41), "moved"),
        ((1.0021, 0.9921, 1.0121), "within noise"),  # more than a tenth of 0.02
        ((1.0019, 0.9919, 1.0119), "same"),
        ((1.0019, 0.9, 1.1), "same value"),
        ((1.0, 0.9, 1.1), "same value"),
    ],
)
def test_a_tolerance_hides_no_difference_that_the_intervals_show(after, word):
    before = finding(1.0, 0.99, 1.01, rtol=0.5, atol=1e-4)
    found = told(before, finding(*after))
    assert found.word == word


@pytest.mark.parametrize(
    "after, note",
    [
        (["b", "a"], "the same entries in another order"),
        (["a", "b", "b"], "the same entries, not as often"),
        (["a", "c"], "gone: b; new: c"),
        ([], "gone: a, b"),
    ],
)
def test_a_list_says_what_came_and_went(after, note):
    assert told(finding(["a", "b"]), finding(after)).note == note


def test_a_long_list_says_the_first_and_how_many_more():
    after = finding([f"n{at}" for at in range(20)])
    assert told(finding([]), after).note == "new: n0, n1, n2, n3, n4, n5, n6, n7 and 12 more"


# --- two runs -------------------------------------------------------------------------------------
def test_the_table_has_its_columns_and_a_row_a_key_in_the_studys_order():
    before = run(finding(1.0, key="a"), finding(2.0, key="gone"), finding("x", key="c"))
    after = run(finding("x", key="c"), finding(9, key="come"), finding(1.0, key="a"), name="b")
    table = compare_runs(before, after).findings
    assert tuple(table.columns) == COLUMNS
    assert table["key"].tolist() == ["a", "gone", "c", "come"]
    assert table["movement"].tolist() == ["same", "vanished", "same", "new"]
    assert table.loc[1, ["value_before", "value_after"]].tolist() == [2.0, None]
    assert str(table["n_before"].dtype) == "Int64"
    assert {str(table[name].dtype) for name in ("estimate", "ci_low", "low_after")} == {"float64"}


def test_the_difference_is_the_second_less_the_first():
    row = row_of(finding(4.0, 3.0, 5.0), finding(6.0, 5.0, 7.0))
    assert row["estimate"] == 2.0
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((2 - 2**0.5, 2 + 2**0.5))
    assert row["conf_level"] == 0.95


def test_a_verdict_that_flips_within_noise_is_noted():
    pair = (finding(1.0, 0.1, 1.9, verdict="higher"), finding(0.8, -0.1, 1.7, verdict="open"))
    row = row_of(*pair)
    assert (row["verdict_before"], row["verdict_after"]) == ("higher", "open")
    assert row["note"] == "the verdict changed, though the number did not move beyond noise"


def test_a_number_that_speaks_of_something_else_in_each_run_is_noted():
    first = finding(4.0, 3.0, 5.0, sentence="Widest gap: claims, 4 (3 to 5).")
    second = finding(9.0, 8.0, 10.0, sentence="Widest gap: price, 9 (8 to 10).")
    changes = compare_runs(run(first), run(second, name="second"))
    assert "see whether both speak of the same thing" in changes.findings["note"][0]
    assert any("largest, smallest" in note for note in changes.notes)


def test_numbers_verdicts_and_words_of_the_parameters_make_no_other_sentence():
    said = "In {}, wave {}: {:.1f} points, {}."
    first = finding(4, 3, 5, sentence=said.format("First", "2025Q1", 4, "open"), verdict="open")
    second = finding(9, 8, 10, sentence=said.format("second", "2025Q2", 9, "up"), verdict="up")
    assert row_of(first, second)["note"] == ""


@pytest.mark.parametrize(
    "level, words",
    [
        (
            0.95,
            "level 0.95: were the answers of the two runs independent and had nothing changed, "
            "chance alone would call about 5 in 100 moved, here 0.1 of 2",
        ),
        (0.8, "about 20 in 100 moved, here 0.4 of 2"),
        (0.999, "about 0.1 in 100 moved, here less than 0.1 of 2"),
        (None, "tells the level of the intervals; at the usual 0.95: "),
        (95, "tells the level of the intervals; at the usual 0.95: "),
        ("high", "tells the level of the intervals; at the usual 0.95: "),
    ],
)
def test_the_notes_say_how_many_chance_alone_would_call_moved(level, words):
    pair = (finding(4.0, 3.0, 5.0, key="a"), finding(1.0, 0.0, 2.0, key="b"), finding(7, key="c"))
    parameters = {"conf_level": level} if level else {}
    runs = [run(*pair, name="first", parameters=parameters)]
    pair = (finding(9.0, 8.0, 10.0, key="a"), finding(1.1, 0.1, 2.1, key="b"), finding(8, key="c"))
    changes = compare_runs(*runs, run(*pair, name="second", parameters=parameters))
    assert changes.judged == 2
    assert any(words in note for note in changes.notes)


def test_of_many_findings_chance_moves_a_number_that_is_written_in_full():
    keys = [str(at) for at in range(250)]
    runs = [run(*(finding(value, value - 1, value + 1, key=key) for key in keys), name=f"{value}",
                parameters={"conf_level": 0.5}) for value in (4.0, 5.0)]  # fmt: skip
    assert any("here 125.0 of 250" in note for note in compare_runs(*runs).notes)


@pytest.mark.parametrize(
    "before, after, said",
    [
        ({"conf_level": 0.95}, {"conf_level": 0.9}, "(conf_level 0.95 before, 0.9 after)"),
        (
            {"conf_level": 0.95, "forecast_level": 0.8},
            {"conf_level": 0.95, "forecast_level": 0.95},
            "(forecast_level 0.8 before, 0.95 after)",
        ),
        ({}, {"conf_level": 0.9}, "(conf_level None before, 0.9 after)"),
    ],
)
def test_where_any_level_differs_nothing_is_judged_and_the_notes_say_so(before, after, said):
    runs = (run(finding(4.0, 3.0, 5.0), parameters=before),
            run(finding(9.0, 8.0, 10.0), name="second", parameters=after))  # fmt: skip
    changes = compare_runs(*runs)
    assert changes.findings["movement"].tolist() == ["cannot be judged"]
    assert any(f"The levels of the intervals differ {said}" in note for note in changes.notes)


def test_no_finding_gets_a_level_where_the_runs_have_two():
    """The forecast of a study has an interval of another level than its means."""
    levels = {"conf_level": 0.95, "forecast_level": 0.8}
    runs = (run(finding(4.0, 3.0, 5.0), parameters=levels),
            run(finding(9.0, 8.0, 10.0), name="second", parameters=levels))  # fmt: skip
    changes = compare_runs(*runs)
    assert changes.findings["movement"].tolist() == ["moved"]
    assert changes.findings["conf_level"].isna().all()
    assert any("level 0.8 or 0.95: " in note and "at most 20 in 100" in note
               for note in changes.notes)  # fmt: skip


def test_runs_that_read_the_same_answers_say_that_they_may_depend_on_each_other():
    pair = finding(4.0, 3.0, 5.0), finding(5.5, 4.5, 6.5)
    first, second = (run(one, name=name, data=[answers("same")])
                     for one, name in zip(pair, ("first", "second"), strict=True))  # fmt: skip
    changes = compare_runs(first, second)
    assert changes.findings["movement"].tolist() == ["moved if independent"]
    told = " ".join(changes.notes)
    assert "Both runs read the same same.csv" in told
    assert "too cautiously, but too boldly where" in told
    assert "another way to compute (market), not from a new survey" in told


@pytest.mark.parametrize("path", ["data/works/codebook.yaml", "card.yml", "truth.json"])
def test_a_codebook_that_both_read_is_no_answer_that_both_rest_on(path):
    pair = finding(4.0, 3.0, 5.0), finding(5.5, 4.5, 6.5)
    first, second = (run(one, name=name, data=[answers(name), answers("same", path)])
                     for one, name in zip(pair, ("first", "second"), strict=True))  # fmt: skip
    changes = compare_runs(first, second)
    assert changes.findings["movement"].tolist() == ["moved"]
    note = next(note for note in changes.notes if "The runs read different files" in note)
    assert "taken as independent, which the records do not prove" in note
    assert "the later file may hold the earlier answers too" in note
    assert changes.findings["basis"].tolist() == [f"intervals, {TAKEN}"]


PLAIN = {"path": "data/responses.csv", "sha256": sha("old"), "bytes": 10, "rows": 2}


@pytest.mark.parametrize(
    "before, after, note",
    [
        ([], [], "The records name no file of answers: whether the answers are independent is not"),
        ([PLAIN], [], "The records name no file of answers"),
        ([PLAIN], [PLAIN | {"sha256": sha("new")}], "A file of answers was replaced: whether"),
    ],
    ids=["none", "one", "replaced"],
)
def test_no_files_and_a_replaced_file_leave_independence_open(before, after, note):
    pair = finding(4.0, 3.0, 5.0), finding(5.5, 4.5, 6.5)
    records = run(pair[0], data=before), run(pair[1], name="second", data=after)
    changes = compare_runs(*records)
    assert changes.findings["movement"].tolist() == ["moved if independent"]
    assert changes.notes[0].startswith(note)


def test_a_copy_of_the_answers_under_another_name_is_the_same_answers():
    pair = finding(4.0, 3.0, 5.0), finding(5.2, 4.2, 6.2)
    first, second = (run(one, name=name, data=[answers("same", f"data/{name}.csv")])
                     for one, name in zip(pair, "ab", strict=True))  # fmt: skip
    assert compare_runs(first, second).findings["basis"].tolist() == [f"intervals, {SHARED}"]


@pytest.mark.parametrize("after", [5.5, 5.2])
def test_what_the_user_says_of_the_answers_counts_more_than_the_files(after):
    pair = finding(4.0, 3.0, 5.0), finding(after, after - 1, after + 1)
    word = {5.5: "moved", 5.2: "within noise"}[after]
    same, other = ([run(one, name=name, data=[answers(text)])
                    for one, name, text in zip(pair, "ab", texts, strict=True)]
                   for texts in ("ss", "st"))  # fmt: skip
    told_so, denied = compare_runs(*same, independent=True), compare_runs(*other, independent=False)
    assert told_so.findings["movement"].tolist() == [word]
    assert told_so.findings["basis"].tolist() == [f"intervals, {TOLD}"]
    assert "taken as independent, as told (--independent)" in told_so.notes[0]
    assert denied.findings["movement"].tolist() == [f"{word} if independent"]
    assert "as told (--same-answers)" in denied.notes[0]


def test_what_differs_between_the_runs_is_told_and_nothing_else():
    code = {"custlib_sha256": sha("newer")}
    changes = compare_runs(run(finding(1.0)), run(finding(2.0), name="second", code=code))
    rows = list(changes.runs.itertuples(index=False, name=None))
    assert rows == [
        ("parameter", "market", "first", "second"),
        ("data", "data/works/first.csv", sha("first"), None),
        ("data", "data/works/second.csv", None, sha("second")),
        ("code", "custlib", sha("library"), sha("newer")),
    ]
    assert any("The code differs" in note for note in changes.notes)


def test_a_run_beside_itself_is_the_same_throughout():
    one = run(finding(4.0, 3.0, 5.0, key="a"), finding(["x"], key="b"), finding(None, key="c"))
    changes = compare_runs(one, one)
    assert changes.findings["movement"].tolist() == ["same", "same", "not computed"]
    assert changes.runs.empty
    assert "Both are the same run, so nothing can differ." in changes.notes


@pytest.mark.parametrize(
    "changes, found",
    [
        ({"study": "net_promoter"}, "the second of net_promoter"),
        ({"notebook": {"path": "other.ipynb", "sha256": "0"}}, "(other.ipynb)"),
        ({"status": "dead"}, "The second run, second-"),
        ({"status": "error", "findings": []}, "ended with status error"),
    ],
)
def test_runs_that_cannot_be_compared_are_refused_in_three_parts(changes, found):
    with pytest.raises(StudyError) as problem:
        compare_runs(run(finding(1.0)), run(finding(1.0), name="second", **changes))
    assert found in str(problem.value).splitlines()[0]
    assert len(str(problem.value).splitlines()) == 3


def test_runs_of_two_studies_are_told_how_a_new_file_is_compared():
    """Whoever drafts a study for the new file has another study."""
    other = run(finding(1.0), name="second", study="answers_2026")
    with pytest.raises(StudyError) as problem:
        compare_runs(run(finding(1.0)), other)
    told = str(problem.value).splitlines()[2]
    assert "run the old notebook again with `-p data=NEW_FILE` (and `-p codebook=…`" in told


def test_two_runs_without_findings_are_refused():
    with pytest.raises(StudyError, match="Neither run of steel_satisfaction recorded a finding"):
        compare_runs(run(), run(name="second"))


@pytest.mark.parametrize("name", ["changes", "sweeps", "failed", "reference", "Changes"])
def test_a_study_never_has_the_name_of_a_folder_that_holds_something_else(tmp_path, name):
    assert study_name(tmp_path / f"03_{name}.ipynb") == f"{name}_study"


# --- the page, the table and the lines of a terminal ----------------------------------------------
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
FIRST = [
    finding(4.0, 3.0, 5.0, key="moved", sentence="The mean is 4.", unit="points", n=120),
    finding(0.5, 0.4, 0.6, key="share", sentence="Half of all.", unit="share", verdict="yes"),
    finding(["a", "b"], key="ranks", sentence="First a.", verdict="sure"),
    finding(2.5, key="bare", sentence="It is 2.5."),
    finding("x", key="equal", sentence="It is x."),
    finding(1.0, key="gone", sentence="It is gone."),
]
SECOND = [
    finding(9.0, 8.0, 10.0, key="moved", sentence="The mean is 9.", unit="points", n=130),
    finding(0.45, 0.35, 0.55, key="share", sentence="Half of all.", unit="share", verdict="no"),
    finding(["b"], key="ranks", sentence="First b.", verdict="sure"),
    finding(3.5, key="bare", sentence="It is 3.5."),
    finding("x", key="equal", sentence="It is x."),
    finding(12, key="come", sentence="It is new."),
]


@pytest.fixture
def reports(tmp_path):
    return tmp_path / "reports"


@pytest.fixture
def put(reports):
    """Keeps the record of a run, and a page beside it."""

    def write(record):
        home = reports / record.study
        home.mkdir(parents=True, exist_ok=True)
        folder = home / f"run-{len(list(home.iterdir()))}"
        folder.mkdir()
        write_manifest(folder, record)
        (folder / "report.html").write_text("", encoding="utf-8")
        return folder

    return write


@pytest.fixture
def compare(reports, put):
    """Compares two records on the command line; what it printed, and the two files it wrote."""

    def call(before, after):
        done = CliRunner().invoke(
            main, ["changes", str(put(before)), str(put(after)), "--reports", str(reports)]
        )
        assert done.exit_code == 0, done.output
        return done.stdout, *map(reports.joinpath, done.stdout.splitlines()[-2:])

    return call


@pytest.fixture
def both(compare):
    return compare(run(*FIRST), run(*SECOND, name="second"))


def soup_of(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def text_of(soup):
    return " ".join(soup.get_text("|").replace("\u00a0", " ").replace("|", " ").split())


def sections_of(soup):
    return {part.h2.get_text(): part for part in soup("section")}


def test_the_lines_tell_the_moved_first_and_count_the_same(both):
    lines = [line.replace("\u00a0", " ") for line in both[0].splitlines()]
    heads = [line for line in lines if line.endswith(")") and not line.startswith((" ", "*"))]
    assert heads == [
        "Moved beyond the noise of its interval (1)",
        "Verdict changed (1)",
        "Changed, with no noise to judge by (1)",
        "New (1)",
        "Vanished (1)",
        "Cannot be judged (1)",
    ]
    assert "Same: 1." in lines
    assert lines[:5] == [
        "Are end users less satisfied?",
        "parameter market: first → second",
        f"data data/works/first.csv: {sha('first')[:12]} → not read",
        f"data data/works/second.csv: not read → {sha('second')[:12]}",
        "7 findings: 1 moved beyond the noise of its interval, 1 with another verdict, "
        "1 changed with no noise to judge by, 1 new, 1 vanished, 1 that cannot be judged, "
        "1 the same.",
    ]


def test_a_line_has_both_values_the_difference_and_its_basis(both):
    lines = [" ".join(line.split()) for line in both[0].splitlines()]
    assert "finding first second difference basis" in lines
    assert (
        "moved 4.0 (3.0 to 5.0) points 9.0 (8.0 to 10.0) points 5.0 (3.6 to 6.4) points "
        "intervals, answers taken as independent" in lines
    )
    assert "bare 2.50 3.50 1.00 no interval" in lines
    assert "verdict: yes → no" in lines
    assert "gone 1.00 in one run only" in lines


def test_a_difference_of_shares_is_in_percentage_points(both):
    line = next(line for line in both[0].splitlines() if line.startswith("  share"))
    assert "−5 (−19 to 9) percentage points" in line.replace("\u00a0", " ")


@pytest.mark.parametrize("kind", [float, int])
@pytest.mark.parametrize("end", [0.004, 0.0004])
def test_an_end_beside_0_is_not_written_as_0(compare, end, kind):
    half = (5 - end) / 2**0.5
    pair = finding(kind(10), 10 - half, 10 + half), finding(kind(15), 15 - half, 15 + half)
    spoken = compare(run(pair[0]), run(pair[1], name="b"))[0]
    line = next(line for line in spoken.splitlines() if line.startswith("  gap"))
    assert f"({end:g} to " in line


def test_the_page_shows_each_finding_once_in_its_section(both):
    sections = sections_of(soup_of(both[1]))
    keys = {
        title: [one.get_text() for one in part.select(".changes .key")]
        for title, part in sections.items()
    }
    assert keys == {
        "The two runs": [],
        "Moved beyond the noise of its interval": ["moved"],
        "Verdict changed": ["share"],
        "Changed, with no noise to judge by": ["ranks"],
        "New": ["come"],
        "Vanished": ["gone"],
        "Cannot be judged": ["bare"],
        "The same in both": [],
        "How far to trust this": [],
    }
    assert text_of(sections["The same in both"]) == "The same in both 1 finding."


def test_the_page_shows_both_sentences_both_values_and_the_difference(both):
    moved = sections_of(soup_of(both[1]))["Moved beyond the noise of its interval"]
    assert text_of(moved.li) == (
        "moved first The mean is 4. second The mean is 9. "
        "first 4.0 (3.0 to 5.0) points · n = 120 second 9.0 (8.0 to 10.0) points · n = 130 "
        "Difference 5.0 (3.6 to 6.4) points "
        "Basis: intervals, answers taken as independent."
    )


def test_a_sentence_that_both_runs_say_is_shown_once(both):
    flipped = sections_of(soup_of(both[1]))["Verdict changed"]
    assert text_of(flipped).count("Half of all.") == 1
    assert [one.get_text() for one in flipped.select(".verdict")] == ["yes", "no"]


def test_the_picture_has_both_intervals_on_one_line(both):
    """From 3 to 10 on a line that ends 2 % inside its box: 4 lies at 2 + 96/7 %."""
    moved = sections_of(soup_of(both[1]))["Moved beyond the noise of its interval"]
    first, second = moved.select("svg")
    assert (first.line["x1"], first.circle["cx"]) == ("2.0%", f"{2 + 96 / 7:.1f}%")
    assert (second.line["x1"], second.line["x2"]) == (f"{2 + 96 * 5 / 7:.1f}%", "98.0%")
    assert not moved.select(".zero")


def test_the_picture_shows_0_where_it_lies_on_the_line(compare):
    pair = finding(-1.0, -2.0, 0.0), finding(1.0, 0.5, 2.0)
    soup = soup_of(compare(run(pair[0]), run(pair[1], name="b"))[1])
    assert [line["x1"] for line in soup.select(".zero")] == ["50.0%"] * 2


def test_values_in_two_units_have_no_picture_and_no_difference(compare):
    pair = finding(1.0, 0.0, 2.0, unit="points"), finding(0.1, 0.0, 0.2, unit="share")
    soup = soup_of(compare(run(pair[0]), run(pair[1], name="b"))[1])
    assert not soup.select("svg")
    assert "Basis: different units; points before, share after." in text_of(soup)


def test_the_head_shows_what_differs_and_leads_to_both_reports(both):
    soup = soup_of(both[1])
    assert "parameter market first second" in text_of(soup.table)
    targets = [(both[1].parent / link["href"]).resolve() for link in soup("a")]
    assert [one.name for one in targets] == ["report.html"] * 2
    assert all(one.is_file() for one in targets)
    assert len(set(targets)) == 2


def test_the_table_holds_the_numbers_in_full_and_lists_as_json(both):
    with both[2].open(encoding="utf-8", newline="") as stream:
        rows = {row["key"]: row for row in csv.DictReader(stream)}
    assert list(rows) == ["moved", "share", "ranks", "bare", "equal", "gone", "come"]
    assert float(rows["share"]["estimate"]) == 0.45 - 0.5
    assert json.loads(rows["ranks"]["value_before"]) == ["a", "b"]
    assert rows["gone"]["value_after"] == ""
    assert rows["moved"]["movement"] == "moved"


def test_nothing_hostile_acts_on_the_page_or_steers_the_terminal(compare, reports):
    loud = f"{HOSTILE}\x1b[2J\u202e"
    pair = [
        finding(value, value - 1, value + 1, key=HOSTILE, sentence=loud, verdict=loud, unit=loud)
        for value in (4.0, 9.0)
    ]
    words = [finding(value, key=f"{loud}2", sentence=loud) for value in (loud, [loud, loud])]
    told = {"question": loud, "slug": f"{HOSTILE.replace('/', ' ')}\x1b", "id": '<b>" &'}
    spoken, page, table = compare(
        run(pair[0], words[0], parameters={loud: loud}, **told),
        run(pair[1], words[1], parameters={loud: "other"}, **told),
    )
    assert {page.parent, table.parent} == {reports / "changes"}
    assert sorted(path.name for path in reports.iterdir()) == ["changes", "steel_satisfaction"]
    soup = soup_of(page)
    assert soup.h1.get_text() == loud
    assert not soup(["script", "img", "iframe", "object", "form", "link"])
    for element in soup.find_all(True):
        assert not any(name.startswith("on") or name == "style" for name in element.attrs)
        assert not element.get("href", "").startswith(("http", "//", "javascript"))
    assert "\x1b" not in spoken
    assert "\u202e" not in spoken


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (("planted", "planted"), "Simulated data."),
        (("planted", "asked"), "Simulated data: before only."),
        (("asked", "planted"), "Simulated data: after only."),
        (("asked", "asked"), None),
    ],
)
def test_a_page_of_simulated_data_says_so_and_of_which_run(tmp_path, kinds, told):
    card = tmp_path / "data" / "works" / "card.yaml"
    card.parent.mkdir(parents=True)
    tables = f"{{answers: {{sha256: {sha('planted')}}}}}"
    card.write_text(f"kind: simulated\ntables: {tables}\n", encoding="utf-8")
    records = [
        run(finding(1.0), name=name, data=[answers(kind)], parameters={"a": name, "b": name})
        for name, kind in zip(("one", "two"), kinds, strict=True)
    ]
    changes = compare_runs(*records)
    shown = compared(*records, changes.findings, changes.runs)
    page, _ = write_comparison(tmp_path / "reports", shown, changes.findings)
    banner = soup_of(page).find(class_="banner")
    assert (banner and banner.strong.text) == told


def test_p_values_are_written_as_such_and_their_difference_is_a_number(compare):
    pair = [finding(value, key="p", unit="p") for value in (1e-12, 0.3754)]
    spoken, page, _ = compare(run(pair[0]), run(pair[1], name="second"))
    assert "p = 0.375" in text_of(soup_of(page))
    assert "p < 0.001" in spoken.replace("\u00a0", " ")
    assert soup_of(page).find(class_="difference").text == "Difference 0.38"


def test_the_files_stay_in_their_folder_whatever_the_runs_are_called(tmp_path):
    named = {"slug": "../../../x", "id": "/etc/x"}
    records = [run(one).model_copy(update=named) for one in (finding(1.0), finding(2.0))]
    changes = compare_runs(*records)
    shown = compared(*records, changes.findings, changes.runs)
    for path in write_comparison(tmp_path / "reports", shown, changes.findings):
        assert path.parent == tmp_path / "reports" / "changes"
        assert path.is_file()
    assert [one.name for one in tmp_path.iterdir()] == ["reports"]


@pytest.mark.parametrize("name", ["changes", "sweeps"])
def test_what_lies_beside_the_runs_is_no_run_of_the_list(both, reports, name):
    (reports / name / "market").mkdir(parents=True, exist_ok=True)
    soup = soup_of(write_gallery(reports))
    assert len(soup("article")) == 2
    assert "cannot be read" not in text_of(soup)


@pytest.mark.parametrize(
    "words, told",
    [
        (["nowhere", "nowhere"], "nowhere"),
        (["{run}/report.html", "{run}"], "report.html of run-0"),
        (["{run}", "{other}"], "the second of net_promoter"),
    ],
)
def test_what_cannot_be_compared_ends_with_two_and_three_lines(reports, put, words, told):
    places = {
        "run": put(run(finding(1.0))),
        "other": put(run(finding(1.0), study="net_promoter")),
    }
    named = [word.format(**places) for word in words]
    done = CliRunner().invoke(main, ["changes", *named, "--reports", str(reports)])
    assert done.exit_code == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 3
    assert not done.stdout
    assert not (reports / "changes").exists()


def test_reports_that_cannot_be_written_are_told_in_three_lines(put, tmp_path):
    folders = [str(put(run(finding(1.0), name=name))) for name in "ab"]
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = CliRunner().invoke(
        main, ["changes", *folders, "--reports", str(tmp_path / "file" / "reports")]
    )
    assert done.exit_code == 2
    assert "cannot be written to" in done.stderr.splitlines()[0]
    assert len(done.stderr.splitlines()) == 3


def test_a_studys_folder_stands_for_its_only_run_and_names_several(reports, put, tmp_path):
    first, second = (put(run(finding(1.0), name=name)) for name in ("first", "second"))
    told = CliRunner().invoke(
        main, ["changes", str(first.parent), str(second), "--reports", str(reports)]
    )
    assert told.exit_code == 2
    assert told.stderr.splitlines()[0] == "'steel_satisfaction' holds 2 runs: run-0, run-1."
    assert len(told.stderr.splitlines()) == 3
    assert not told.stdout
    elsewhere = tmp_path / "last_year" / "steel_satisfaction"
    elsewhere.mkdir(parents=True)
    first.rename(elsewhere / "run-0")
    # As for `verify`, a run may be named from the folder of reports on.
    done = CliRunner().invoke(
        main, ["changes", str(elsewhere), "steel_satisfaction/run-1", "--reports", str(reports)]
    )
    assert done.exit_code == 0, done.output


def test_a_run_is_not_compared_with_itself(put):
    folder = str(put(run(finding(1.0))))
    done = CliRunner().invoke(main, ["changes", folder, folder])
    assert done.exit_code == 2
    assert "Both runs are" in done.stderr.splitlines()[0]


def test_the_page_says_that_the_answers_may_be_the_same(compare):
    pair = finding(4.0, 3.0, 5.0), finding(5.5, 4.5, 6.5)
    records = [run(one, name=name, data=[answers("same")])
               for one, name in zip(pair, "ab", strict=True)]  # fmt: skip
    spoken, page, _ = compare(*records)
    assert "1 finding: 1 moved if the answers are others." in spoken
    title = "Moved beyond the noise of its interval, if the answers are others"
    assert title in sections_of(soup_of(page))


@pytest.mark.parametrize(
    "words, section",
    [
        ([], "Within the noise of its interval, if the answers are others"),
        (["--independent"], "Within the noise of its interval"),
        (["--same-answers"], "Within the noise of its interval, if the answers are others"),
    ],
)
def test_no_page_speaks_of_noise_between_the_same_answers_unless_told(reports, put, words, section):
    """The same file with other weights, 5.0 before and 5.2 after."""
    pair = finding(5.0, 4.5, 5.5), finding(5.2, 4.7, 5.7)
    places = [str(put(run(one, name=name, data=[answers("same")])))
              for one, name in zip(pair, "ab", strict=True)]  # fmt: skip
    done = CliRunner().invoke(main, ["changes", *places, *words, "--reports", str(reports)])
    page = reports / done.stdout.splitlines()[-2]
    assert section in sections_of(soup_of(page))
    assert "sampling noise" not in text_of(soup_of(page)) + done.stdout
    assert "1 finding: 1 within the noise" in done.stdout


def test_counts_differ_by_a_count(compare):
    spoken = compare(run(finding(3)), run(finding(5), name="b"))[0]
    line = next(line for line in spoken.splitlines() if line.startswith("  gap"))
    assert line.split() == ["gap", "3", "5", "2", "count"]


def test_an_equal_value_on_another_base_is_shown_with_both(compare):
    pair = (
        finding(0.0, 0.0, 0.31, unit="share", n=10),
        finding(0.0, 0.0, 0.0008, unit="share", n=5000),
    )
    spoken, page, _ = compare(run(pair[0]), run(pair[1], name="b"))
    shown = text_of(sections_of(soup_of(page))["Same value, but another interval or n"])
    assert "n = 10" in shown
    assert "n = 5,000" in shown
    assert "another n; another interval" in shown
    assert "1 finding: 1 of the same value with another interval or n." in spoken


@pytest.mark.skipif(os.name == "nt", reason="Windows lets few users make links")
def test_a_comparison_does_not_follow_a_link_out_of_the_reports(put, reports, tmp_path):
    folders = [str(put(run(finding(1.0), name=name))) for name in "ab"]
    outside = tmp_path / "outside"
    outside.mkdir()
    (reports / "changes").symlink_to(outside, target_is_directory=True)
    done = CliRunner().invoke(main, ["changes", *folders, "--reports", str(reports)])
    assert done.exit_code == 2
    assert "is a link that leads to" in done.stderr
    assert not list(outside.iterdir())
