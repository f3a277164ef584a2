"""A disk that is full or read-only: nothing half is kept, and the message says what happened."""

import pytest

CELLS = (
    "import pandas as pd\n\nfrom custlib import study",
    "print('x' * 90_000)",
    "rows = pd.DataFrame({'n': range(9_000), 'share': [n / 7 for n in range(9_000)]})\n"
    "study.table('rows', rows).head()",
    "study.find('n', len(rows), sentence='There are rows.')",
)

LIGHT = (*(f"print('x' * 90_000)  # {n}" for n in range(2)), "1")
# kB of free room; close together where a run of these cells comes near its end.
SIZES = (*range(0, 600, 100), *range(600, 1100, 25))


def hold(told):
    """What must hold after every try, and after the room came back."""
    for one in told["tries"]:
        if one["cached"]:
            continue
        assert one["status"] == "refused"
        assert one["left"] == []
        found, expected, do = one["message"].split("\n")
        assert found.startswith(("The disk is full", "Reports cannot be written to"))
        assert "No space left on device" in found
        assert expected.startswith("Expected ")
        assert "--reports" in do
    assert (told["next"], told["next_cached"]) == ("ok", True)


def test_a_disk_that_is_full_keeps_nothing_of_the_run_and_the_next_run_is_whole(
    on_a_small_disk, study
):
    told = on_a_small_disk("full", study(*LIGHT), 100, 260)
    hold(told)
    assert len({one["moment"] for one in told["tries"]}) > 1


@pytest.mark.slow
def test_a_disk_that_is_full_at_any_moment_of_a_run_keeps_nothing_of_it(on_a_small_disk, study):
    told = on_a_small_disk("full", study(*CELLS), *SIZES)
    hold(told)
    for one in told["tries"]:
        print(one["free"], one["status"], one["moment"])  # noqa: T201


def test_a_full_disk_is_told_in_three_parts_and_for_want_of_the_list_no_run_is_lost(
    on_a_small_disk, study
):
    told = on_a_small_disk("no_room", study("1"))
    code, out, err = told["refused"]
    assert (code, out) == (2, "")
    found, expected, do = err.splitlines()[-3:]
    assert "No space left on device" in found
    assert expected.startswith("Expected ")
    assert "--reports" in do
    assert "Traceback" not in err
    code, out, err = told["kept"]
    assert (told["run"], code) == ("ok", 0)
    assert out.strip().endswith("report.html")
    assert "was not renewed: No space left on device." in err
    assert told["names"] == ["tiny"]


def test_a_read_only_folder_is_refused_before_a_kernel_starts_and_a_kept_run_is_still_found(
    on_a_small_disk, study, tmp_path
):
    note = tmp_path / "note"
    notebook = study(
        "from pathlib import Path\nif note:\n    Path(note).write_text('a kernel ran')",
        parameters='note: str = ""  # file that a kernel writes',
    )
    told = on_a_small_disk("read_only", notebook, note)
    assert told["run"] == "ok"
    code, out, err = told["refused"]
    assert (code, out) == (2, "")
    lines = err.splitlines()[-3:]
    assert lines[0].startswith("Reports cannot be written to ")
    assert lines[0].endswith("Read-only file system.")
    assert lines[1:] == [
        "Expected a folder that may be written to, or made.",
        "Pass another one with --reports.",
    ]
    assert not note.exists()
    code, out, err = told["kept"]
    assert code == 0
    assert out.strip().endswith("report.html")
    assert "was not renewed: Read-only file system." in err
