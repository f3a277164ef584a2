"""Two computations held against one another: what counts as the same, and what does not."""

import csv

import pytest

from custlib.study.manifest import DataFile, Figure, Finding, RecordedTable
from custlib.study.proof.comparison import sorted_out
from custlib.study.proof.differences import (
    ACROSS,
    EXACT,
    Difference,
    figure_differences,
    file_differences,
    finding_differences,
    sentence_differences,
)
from custlib.study.proof.tables import table_differences


def finding(**changes):
    parts = {"key": "gap", "sentence": "A gap.", "value": 0.5, "low": 0.25, "high": 1.0, "n": 9}
    parts |= {"unit": "points", "verdict": "holds", "rtol": 1e-9, "atol": 0.0, "cell": 3}
    return Finding(**parts | changes)


def parts_that_differ(was, now, **options):
    return [one.part for one in finding_differences([was], [now], **options)]


@pytest.mark.parametrize("part, value", [("value", 0.5), ("low", 0.25), ("high", 1.0)])
def test_a_number_may_lie_off_by_its_tolerance_and_no_farther(part, value):
    near, far = finding(**{part: value * (1 + 9e-10)}), finding(**{part: value * (1 + 2e-9)})
    assert parts_that_differ(finding(), near) == []
    assert parts_that_differ(finding(), far) == [part]


def test_between_machines_every_number_may_lie_off_by_a_millionth_and_no_farther():
    near, far = finding(value=0.5 * (1 + 9e-7)), finding(value=0.5 * (1 + 2e-6))
    assert parts_that_differ(finding(), near, least=ACROSS) == []
    assert parts_that_differ(finding(), far, least=ACROSS) == ["value"]


@pytest.mark.parametrize("wide", [{"rtol": 0.5}, {"atol": 0.2}, {"rtol": 0.5, "atol": 0.2}])
def test_a_tolerance_widened_in_the_record_or_in_the_notebook_is_told_and_not_used(wide):
    told = parts_that_differ(finding(value=0.5), finding(value=0.6, **wide))
    assert told == ["value", *wide]
    assert parts_that_differ(finding(value=0.5, **wide), finding(value=0.6)) == ["value", *wide]
    assert parts_that_differ(finding(), finding(**wide)) == [*wide]


@pytest.mark.parametrize(
    "declared, now, same",
    [
        ({"rtol": 1e-3}, 0.5004, True),
        ({"rtol": 1e-3}, 0.5006, False),
        ({"rtol": 0.5}, 0.504, True),
        ({"rtol": 0.5}, 0.506, False),
        ({"atol": 0.005}, 0.504, True),
        ({"atol": 0.005}, 0.506, False),
        ({"atol": 1e6}, 0.509, True),
        ({"atol": 1e6}, 0.511, False),
    ],
)
def test_a_tolerance_that_both_declare_is_used_up_to_a_hundredth_of_the_largest_number(
    declared, now, same
):
    told = parts_that_differ(finding(**declared), finding(value=now, **declared))
    assert told == ([] if same else ["value"])


def test_a_tolerance_edited_in_record_and_notebook_hides_no_other_number():
    both = [finding(value=one, low=None, high=None, atol=1e6) for one in (3.0, 30.0)]
    assert parts_that_differ(*both) == ["value"]
    both = [finding(value=[one], low=None, high=None, atol=1e6) for one in (3.0, 30.0)]
    assert parts_that_differ(*both) == ["value"]


@pytest.mark.parametrize("now, same", [(9e-7, True), (1.1e-6, False)])
def test_a_number_that_is_nothing_may_lie_off_by_a_millionth_where_both_say_so(now, same):
    both = [finding(value=one, low=None, high=None, atol=1.0) for one in (now, 0.0)]
    assert (parts_that_differ(*both) == []) is same


@pytest.mark.parametrize("now, same", [(5.5e-17, True), (1.9e-10, True), (2.1e-10, False)])
def test_between_machines_a_finding_near_zero_is_measured_by_its_interval(now, same):
    interval = {"low": -0.2, "high": 0.1}
    both = finding(value=0.0, **interval), finding(value=now, **interval)
    assert (parts_that_differ(*both, least=ACROSS) == []) is same
    assert parts_that_differ(*both) == ["value"]
    bare = [finding(value=one.value, low=None, high=None) for one in both]
    assert parts_that_differ(*bare, least=ACROSS) == ["value"]


def test_a_number_too_large_for_a_fraction_differs_and_stops_nothing():
    [told] = finding_differences([finding(value=10**400)], [finding(value=1.0)])
    assert (told.part, told.apart) == ("value", None)


@pytest.mark.parametrize(
    "part, value",
    [
        ("n", 10),
        ("n", None),
        ("unit", "share"),
        ("verdict", "undecided"),
        ("value", None),
        ("value", "0.5"),
        ("value", [0.5]),
        ("low", None),
    ],
)
def test_counts_units_verdicts_and_kinds_are_exact_on_any_machine(part, value):
    was, now = finding(rtol=0.5), finding(**{part: value, "rtol": 0.5})
    assert parts_that_differ(was, now, least=ACROSS) == [part]


@pytest.mark.parametrize(
    "was, now, same",
    [
        (7, 7, True),
        (1_000_000_000, 1_000_000_001, False),
        (7, 7.0, True),
        (True, 1, False),
        (True, 1.0, False),
        ("a", "a", True),
        ("a", "b", False),
        (None, None, True),
        ([1.0, "a", None], [1.0 + 1e-12, "a", None], True),
        ([1.0, 2.0], [1.0], False),
        ([1.0, 2.0], [2.0, 1.0], False),
        (0.0, 1e-300, False),
    ],
)
def test_whole_numbers_texts_truths_and_lists_are_compared_as_what_they_are(was, now, same):
    changed = {"low": None, "high": None}
    both = finding(value=was, **changed), finding(value=now, **changed)
    assert (parts_that_differ(*both) == []) is same


def test_a_finding_that_vanished_or_is_new_differs():
    told = finding_differences([finding(key="a"), finding(key="b")], [finding(key="b")])
    assert [(one.place, one.was, one.now) for one in told] == [("finding a", 0.5, "not recorded")]
    told = finding_differences([], [finding(key="c")])
    assert [(one.place, one.was, one.now) for one in told] == [("finding c", "not recorded", 0.5)]


def test_the_order_of_findings_does_not_matter():
    two = [finding(key="a"), finding(key="b")]
    assert finding_differences(two, two[::-1]) == []


def test_other_words_are_told_with_both_sentences():
    told = sentence_differences([finding(), finding(key="x")], [finding(sentence="A chasm.")])
    assert [(one.part, one.was, one.now) for one in told] == [("sentence", "A gap.", "A chasm.")]


def test_a_sentence_whose_number_is_told_is_not_told_besides():
    was, now = [finding()], [finding(value=0.7, sentence="A chasm.")]
    assert sentence_differences(was, now, finding_differences(was, now)) == []


@pytest.mark.parametrize(
    "was, now, reworded",
    [
        ("The smallest of 3.", "The largest of 3.", True),
        ("It rose by 1.25.", "It rose by 1.26.", False),
        ("It rose by 1.25.", "It rose by 1.27.", True),
        ("It rose by 9.96.", "It rose by 10.0.", False),
        ("It rose by 9.96.", "It rose by 10.2.", True),
        ("It rose by 8.5 %.", "It rose by 85 %.", True),
        ("1,999 of them (12 to 30).", "2,000 of them (12 to 30).", False),
        ("1,999 of them (12 to 30).", "2,000 of them (12 to 50).", True),
        ("1 of 2", "1 of 2 or 3", True),
    ],
)
@pytest.mark.parametrize("part", ["sentence", "words"])
def test_words_are_others_by_a_word_or_by_more_than_the_last_digit_of_a_number(
    part, was, now, reworded
):
    assert Difference("finding gap", part, was, now).reworded is reworded
    assert Difference("finding gap", part, now, was).reworded is reworded
    assert not Difference("finding gap", "value", was, now).reworded


@pytest.mark.parametrize(
    "part, was, now, said, reworded",
    [
        ("text/html", "<b>29 %</b>", "<b>99 %</b>", True, True),
        ("text/html", "<b>29 %</b>", "<i>29 %</i>", False, False),
        ("text/html", "<b>29 %</b>", "<b>30 %</b>", True, False),
        ("text/plain", "<b>29</b>", "<i>29</i>", True, True),
        ("stdout", "29 of 30", "29 of 33", True, True),
        ("image/png", "iVBO", "iVBP", None, False),
        ("stderr", "a warning", "another", None, False),
    ],
)
def test_a_display_is_compared_by_what_a_reader_reads_of_it(part, was, now, said, reworded):
    one = Difference("cell 3", part, was, now)
    assert (one.said and one.said[0] != one.said[1]) is said
    assert one.reworded is reworded


DRAWN = Difference("figure f", "picture", "1", "2")
SHOWN, ROUNDED = (Difference("cell 3", "text/plain", "29 %", now) for now in ("99 %", "30 %"))
SAID = Difference("finding gap", "sentence", "A gap.", "A chasm.")
NUMBER = Difference("finding gap", "value", 1.0, 2.0)


@pytest.mark.parametrize(
    "looks, options, hard",
    [
        ([DRAWN, SHOWN, SAID], {"changed": []}, [DRAWN, SHOWN, SAID]),
        ([DRAWN, SHOWN, SAID], {"changed": [], "wavering": [DRAWN, SHOWN, SAID]}, [SAID]),
        ([DRAWN, SHOWN, SAID], {"changed": ["custlib"]}, [SHOWN, SAID]),
        ([DRAWN, ROUNDED], {"changed": ["custlib"]}, [ROUNDED]),
        ([DRAWN, ROUNDED], {"changed": ["the machine"], "home": False}, []),
        ([SHOWN], {"changed": ["the machine"], "home": False}, [SHOWN]),
        ([SHOWN], {"changed": [], "numbers": [NUMBER]}, [NUMBER]),
    ],
)
def test_what_decides_hangs_on_what_has_changed_and_on_what_chance_moves(looks, options, hard):
    parts = {"numbers": [], "home": True, "wavering": []} | options
    found = sorted_out(parts.pop("numbers"), looks, **parts)
    assert found == (hard, [one for one in looks if one not in hard])


def test_files_of_the_same_contents_are_described_alike():
    was, now = (
        [DataFile(parameter=None, path=path, sha256="1" * 64, bytes=size, rows=rows)]
        for path, size, rows in (("a.csv", 9, 2), ("moved.csv", 8, 3))
    )
    told = [(one.place, one.part, one.was, one.now) for one in file_differences(was, now)]
    assert told == [("file a.csv", "bytes", 9, 8), ("file a.csv", "rows", 2, 3)]
    other = [now[0].model_copy(update={"sha256": "2" * 64})]
    assert file_differences(was, other) == []


@pytest.mark.parametrize(
    "was, now, apart",
    [(4.0, 5.0, 0.2), (-1, 1, 2.0), (0, 0.0, 0.0), ("a", 1, None), (True, 2, None)],
)
def test_apart_is_a_share_of_the_larger_number(was, now, apart):
    assert Difference("finding gap", "value", was, now).apart == apart


@pytest.fixture
def tables(tmp_path):
    """Writes a table into one of two folders; gives back what `table_differences` takes."""

    def put(side, text, dtypes=("str", "float64", "int64"), key="means"):
        folder = tmp_path / side
        path = folder / "tables" / f"{key}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        head, *rows = text.splitlines()
        record = RecordedTable(
            key=key,
            file=f"tables/{key}.csv",
            sha256="0" * 64,
            rows=len(rows),
            columns=head.split(","),
            dtypes=list(dtypes),
            cell=5,
        )
        return folder, [record]

    return put


BEFORE = "item,mean,n\nprice,0.5,3\nservice,2.5,4\n"


@pytest.mark.parametrize(
    "now, part",
    [
        (BEFORE, None),
        (BEFORE.replace("0.5", "0.5000000004"), None),
        (BEFORE.replace("0.5", "0.500000004"), "row 1, mean"),
        (BEFORE.replace("2.5,4", "2.5,5"), "row 2, n"),
        (BEFORE.replace("service", "Service"), "row 2, item"),
        (BEFORE.replace("0.5", ""), "row 1, mean"),
        (BEFORE.replace("0.5", "0.6").replace("2.5,4", "2.6,5"), "row 1, mean and 2 other cells"),
        (BEFORE + "new,1.0,2\n", "rows"),
        (BEFORE.replace("mean", "median"), "columns"),
    ],
)
def test_a_table_is_compared_cell_by_cell(tables, now, part):
    found = table_differences(tables("was", BEFORE), tables("now", now), least=EXACT)
    assert [one.part for one in found] == ([part] if part else [])


def test_a_text_that_looks_like_a_number_is_a_text(tables):
    was, now = "code\n0.5\n", "code\n0.50\n"
    both = [tables("was", was, dtypes=["str"]), tables("now", now, dtypes=["str"])]
    assert [one.part for one in table_differences(*both)] == ["row 1, code"]
    both = [tables("was", was, dtypes=["float64"]), tables("now", now, dtypes=["float64"])]
    assert table_differences(*both) == []


@pytest.mark.parametrize("least", [EXACT, ACROSS])
def test_a_large_number_in_one_row_hides_no_change_in_another(tables, least):
    was, now = "x\n2.4e9\n0.05\n0.001\n", "x\n2.4e9\n0.95\n0.9\n"
    both = [tables("was", was, dtypes=["float64"]), tables("now", now, dtypes=["float64"])]
    found = table_differences(*both, least=least)
    assert [one.part for one in found] == ["row 2, x and 1 other cell"]


HEAD = "estimate,std_error,ci_low,ci_high,p_value\n"


@pytest.mark.parametrize(
    "now, part",
    [
        ("5.5e-17,4.1e-17,-0.2,0.2,0.001", None),
        ("0.0,1.9e-10,-0.2,0.2,0.001", None),
        ("2.1e-10,4.4e-17,-0.2,0.2,0.001", "row 1, estimate"),
        ("0.0,2.1e-10,-0.2,0.2,0.001", "row 1, std_error"),
        ("0.0,4.4e-17,-0.2,0.2,0.0010001", "row 1, p_value"),
    ],
)
def test_between_machines_a_cell_near_zero_is_measured_by_the_interval_of_its_row(
    tables, now, part
):
    was, types = f"{HEAD}0.0,4.4e-17,-0.2,0.2,0.001\n", ["float64"] * 5
    both = [tables("was", was, dtypes=types), tables("now", f"{HEAD}{now}\n", dtypes=types)]
    found = table_differences(*both, least=ACROSS)
    assert [one.part for one in found] == ([part] if part else [])
    assert table_differences(*both, least=EXACT)


@pytest.mark.parametrize(
    "was, now",
    [
        ("007", "7"),
        ("007.5", "7.5"),
        ("1_0", "10"),
        ("1000000001", "1000000002"),
        ("2000000000", "2000000001"),
        ("20240101", "20240112"),
        ("1", "6"),
        (" 1.0", "1.0"),
        ("nan", "NaN"),
        ("1.0", "one"),
    ],
)
def test_codes_days_and_whole_numbers_among_other_cells_are_exact_on_any_machine(tables, was, now):
    both = [
        tables(side, f"x\n5000000\n{cell}\n", dtypes=["object"])
        for side, cell in (("was", was), ("now", now))
    ]
    for least in (EXACT, ACROSS):
        assert [one.part for one in table_differences(*both, least=least)] == ["row 2, x"]


@pytest.mark.parametrize("was, now", [("0.5", "0.50000000001"), ("1e-07", "1.00000000001e-07")])
def test_fractions_among_other_cells_have_a_tolerance(tables, was, now):
    both = [
        tables(side, f"x\nred\n{cell}\n", dtypes=["object"])
        for side, cell in (("was", was), ("now", now))
    ]
    assert table_differences(*both) == []


def test_a_cell_with_a_line_separator_of_unicode_stays_one_cell(tables):
    was, now = "item,x\na\u2028b,0.5\n", "item,x\na\u2028b,0.50000000001\n"
    types = ["str", "float64"]
    both = [tables("was", was, dtypes=types), tables("now", now, dtypes=types)]
    assert table_differences(*both) == []


def test_missing_infinite_and_new_numbers_are_told_apart(tables):
    cells = "x\n\ninf\n1.0\n"
    for now in ("x\n0.0\ninf\n1.0\n", "x\n\n-inf\n1.0\n", "x\n\ninf\n\n"):
        both = [tables("was", cells, dtypes=["float64"]), tables("now", now, dtypes=["float64"])]
        assert len(table_differences(*both, least=ACROSS)) == 1, now


@pytest.mark.parametrize("size", [140_000, 300_000])
def test_a_table_with_a_very_long_cell_is_compared_whatever_was_read_before(tables, size):
    usual = csv.field_size_limit()
    rows = "x,note\n{}," + "a" * size + "\n"
    types = ["float64", "str"]
    both = [
        tables(side, rows.format(cell), dtypes=types)
        for side, cell in (("was", 1.5), ("now", 99.5))
    ]
    assert [one.part for one in table_differences(*both)] == ["row 1, x"]
    assert csv.field_size_limit() == usual


def test_a_table_that_cannot_be_read_differs(tables, monkeypatch):
    both = [tables("was", BEFORE), tables("now", BEFORE.replace("0.5", "9.5"))]

    def refuse(stream):
        raise csv.Error("new-line character seen")

    monkeypatch.setattr("custlib.study.proof.tables.csv.reader", refuse)
    [told] = table_differences(*both)
    assert (told.part, told.was) == ("file", "cannot be read (new-line character seen)")


@pytest.mark.parametrize("broken", ["", "item,mean,n\nprice,0.5\nservice,2.5,4\n", '"', "\x00,\n"])
def test_a_table_that_was_torn_by_hand_differs_and_stops_nothing(tables, broken):
    was = tables("was", BEFORE)
    (was[0] / "tables" / "means.csv").write_text(broken, encoding="utf-8")
    assert len(table_differences(was, tables("now", BEFORE))) == 1


def test_a_table_that_is_gone_or_new_differs(tables):
    was, now = tables("was", BEFORE, key="a"), tables("now", BEFORE, key="b")
    assert [one.place for one in table_differences(was, now)] == ["table a", "table b"]
    (was[0] / "tables" / "a.csv").unlink()
    found = table_differences(was, tables("now", BEFORE, key="a"))
    assert [(one.part, one.was) for one in found] == [("file", "gone")]


@pytest.mark.parametrize(
    "changes, part",
    [
        ({}, None),
        ({"sha256": "2"}, "picture"),
        ({"vector_sha256": "9"}, "picture"),
        ({"alt": "Falling."}, "words"),
    ],
)
def test_a_figure_is_compared_by_its_picture_its_vector_and_its_words(changes, part):
    parts = {"key": "f", "file": "figures/f.png", "sha256": "1", "alt": "Rising.", "cell": 4}
    found = figure_differences([Figure(**parts)], [Figure(**parts | changes)])
    assert [one.part for one in found] == ([part] if part else [])


def test_a_figure_that_vanished_or_is_new_differs():
    one = Figure(key="f", file="figures/f.png", sha256="1", alt="Rising.", cell=4)
    assert [each.now for each in figure_differences([one], [])] == ["not recorded"]
    assert [each.was for each in figure_differences([], [one])] == ["not recorded"]
