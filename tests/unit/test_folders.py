"""A run's folder is there whole or not at all, and what a dead run left is swept."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from custlib.errors import StudyError
from custlib.study.run.folders import abandoned, owner, put_in_place, sweep, working_folder


@pytest.fixture(scope="module")
def gone():
    """Number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def left_behind(reports, process):
    """Folder as a run of this process would have left it."""
    name = owner().replace(f".{os.getpid()}.", f".{process}.")
    place = reports / ".running" / f"{name}0a1b2c3d"
    (place / "default-1234").mkdir(parents=True)
    return place


def test_a_finished_folder_is_moved_and_nothing_else_remains(tmp_path):
    with working_folder(tmp_path, "default-1") as folder:
        (folder / "report").write_text("new", encoding="utf-8")
        put_in_place(folder, tmp_path / "study" / "default-1")
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
    assert (tmp_path / "study" / "default-1" / "report").read_text(encoding="utf-8") == "new"


def test_a_folder_of_the_same_name_is_replaced_whole(tmp_path):
    for text in ("old", "new"):
        with working_folder(tmp_path, "default-1") as folder:
            (folder / text).write_text(text, encoding="utf-8")
            put_in_place(folder, tmp_path / "study" / "default-1")
    assert [path.name for path in (tmp_path / "study" / "default-1").iterdir()] == ["new"]


def test_an_error_leaves_nothing(tmp_path):
    def run():
        with working_folder(tmp_path, "default-1") as folder:
            (folder / "half").write_text("half", encoding="utf-8")
            return 1 / 0

    with pytest.raises(ZeroDivisionError):
        run()
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_hold_reports_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StudyError, match="Reports cannot be written to"):
        working_folder(tmp_path / "file", "default-1").__enter__()


def test_what_a_dead_run_left_is_swept_and_what_a_living_one_needs_is_not(tmp_path, gone):
    dead, alive = left_behind(tmp_path, gone), left_behind(tmp_path, os.getppid())
    with working_folder(tmp_path, "default-1"):
        assert not dead.exists()
        assert alive.exists()


def test_folders_of_another_machine_are_left_alone(tmp_path, gone):
    other = tmp_path / f"elsewhere.{gone}.0a1b2c3d"
    other.mkdir()
    assert not list(abandoned(tmp_path))


def test_a_report_that_a_dead_run_had_set_aside_is_put_back(tmp_path, gone):
    place = left_behind(tmp_path, gone)
    aside = place / "previous" / "study" / "default-1"
    aside.mkdir(parents=True)
    (aside / "report").write_text("old", encoding="utf-8")
    sweep(tmp_path / ".running")
    assert (tmp_path / "study" / "default-1" / "report").read_text(encoding="utf-8") == "old"
    assert not place.exists()


def test_a_place_that_can_never_be_made_is_not_tried_for_ever(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(StudyError, match="No such file or directory"):
        working_folder(tmp_path / "reports", "default-1").__enter__()


@pytest.mark.parametrize("problem", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_report_that_cannot_be_replaced_stays(tmp_path, monkeypatch, problem):
    target = tmp_path / "study" / "run"
    target.mkdir(parents=True)
    (target / "report.html").write_text("former", encoding="utf-8")
    rename = Path.rename

    def refuse(path, other):
        if Path(other) == target and ".running" in str(path) and "previous" not in str(path):
            raise problem
        return rename(path, other)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises((StudyError, KeyboardInterrupt)), working_folder(tmp_path, "run") as folder:
        put_in_place(folder, target)
    assert (target / "report.html").read_text(encoding="utf-8") == "former"


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Puts a report over a former one, while `meanwhile` says what befalls its last step."""
    target = tmp_path / "study" / "run"
    rename = Path.rename

    def replace(meanwhile, putting_back=rename):
        write(target, "former")

        def renamed(path, other):
            if Path(other) != target:
                return rename(path, other)
            if "previous" in path.parts:
                return putting_back(path, other)
            return meanwhile(target) or rename(path, other)

        monkeypatch.setattr(Path, "rename", renamed)
        monkeypatch.setattr("time.sleep", lambda _: None)
        with working_folder(tmp_path, "run") as folder:
            write(folder, "new")
            put_in_place(folder, target)

    return replace


def write(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text(text, encoding="utf-8")


def report_in(tmp_path):
    return (tmp_path / "study" / "run" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [errno.ENOTEMPTY, errno.EEXIST])
def test_a_run_that_finds_its_place_taken_and_then_free_again_takes_it(tmp_path, put, number):
    """Another one of its id was put in place, and a third has moved that aside by now."""
    refusals = iter([OSError(number, "taken")])

    def meanwhile(target):
        for refusal in refusals:
            assert not target.exists()
            raise refusal

    put(meanwhile)
    assert report_in(tmp_path) == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_a_run_outlasts_many_others_of_its_id_and_leaves_one_whole_folder(tmp_path, put):
    others = iter(range(30))

    def meanwhile(target):
        for other in others:
            write(target, f"other {other}")
            return

    put(meanwhile)
    assert report_in(tmp_path) == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_a_run_whose_place_is_never_free_says_so_and_puts_the_former_report_back(tmp_path, put):
    def meanwhile(target):
        raise OSError(errno.ENOTEMPTY, "taken")

    with pytest.raises(OSError, match="without end"):
        put(meanwhile)
    assert report_in(tmp_path) == "former"


def test_a_report_that_cannot_be_put_back_hides_no_problem(tmp_path, put):
    def meanwhile(target):
        raise OSError(errno.ENOSPC, "No space left on device")

    def putting_back(path, other):
        raise OSError(errno.ENOTEMPTY, "taken")

    with pytest.raises(StudyError, match="disk is full"):
        put(meanwhile, putting_back)


def test_two_machines_whose_names_begin_alike_are_two(monkeypatch):
    owners = set()
    for name in ("dask-worker-1", "dask-worker-2"):
        monkeypatch.setattr("socket.gethostname", lambda name=name: name)
        owners.add(owner())
    assert len(owners) == 2


@pytest.mark.parametrize("problem", [FileNotFoundError, FileExistsError])
def test_a_hidden_folder_that_another_run_takes_away_between_two_steps_is_made_again(
    tmp_path, monkeypatch, problem
):
    """pathlib says "exists" of a folder that was there when made and gone when looked at."""
    made, refusals = Path.mkdir, iter([problem])

    def mkdir(path, *args, **options):
        for refusal in refusals:
            raise refusal
        return made(path, *args, **options)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with working_folder(tmp_path, "default-1") as folder:
        assert folder.is_dir()
