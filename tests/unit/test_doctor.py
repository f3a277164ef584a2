"""What doctor says of a machine: each gap on one line, and whether studies can run."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from custlib.cli import main, readiness
from custlib.cli.readiness import Sign, machine_signs
from custlib.errors import StudyError

CHECKOUT = Path(readiness.__file__).parents[2]


def fine():
    """A printer that is there."""


def signs(reports, monkeypatch=None, *, require_printer=fine, root=CHECKOUT):
    if monkeypatch:
        monkeypatch.setattr(readiness, "_kernel", lambda: iter(()))
    return list(machine_signs(root, reports, require_printer=require_printer))


def named(found, start):
    (sign,) = [sign for sign in found if sign.name.startswith(start)]
    return sign


def test_on_this_machine_a_kernel_answers_and_studies_can_run(tmp_path):
    found = signs(tmp_path / "reports")
    kernel = named(found, "kernel ")
    assert kernel.ok
    assert float(kernel.name.split()[1]) > 0
    assert [sign.name for sign in found if sign.essential and not sign.ok] == []
    assert not (tmp_path / "reports").exists()


def test_each_sign_is_one_line_that_says_ok_or_gap(tmp_path, monkeypatch):
    for sign in signs(tmp_path, monkeypatch):
        assert "\n" not in sign.line
        assert sign.line.startswith(("ok   ", "gap  "))


def test_a_file_where_reports_should_be_written_is_an_essential_gap(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    sign = named(signs(tmp_path / "file" / "reports", monkeypatch), "reports")
    assert (sign.ok, sign.essential) == (False, True)
    assert "cannot be" in sign.meaning or "could not" in sign.meaning


def test_a_full_disk_is_an_essential_gap(tmp_path, monkeypatch):
    monkeypatch.setattr(readiness, "LEAST_DISK", float("inf"))
    sign = named(signs(tmp_path, monkeypatch), "reports")
    assert (sign.ok, sign.essential) == (False, True)
    assert sign.meaning.startswith("too little room")


def test_a_package_of_another_version_and_one_that_is_missing_are_named(tmp_path, monkeypatch):
    lock = "numpy==0.0.1 \\\n    --hash=sha256:0\nno-such-package==1.0 ; python_version >= '3'\n"
    (tmp_path / "requirements.lock").write_text(
        lock + "nowhere-needed==1.0 ; python_version < '3'\n", encoding="utf-8"
    )
    found = signs(tmp_path, monkeypatch, root=tmp_path)
    other = named(found, "1 other version")
    assert (other.ok, other.essential) == (False, False)
    assert other.meaning.endswith("`pip install -r requirements.lock`")
    assert ", not 0.0.1" in other.meaning
    absent = named(found, "no-such-package")
    assert (absent.ok, absent.essential) == (False, False)


def test_a_declared_package_that_is_missing_is_an_essential_gap(tmp_path, monkeypatch):
    monkeypatch.setattr(
        readiness, "requires", lambda _: ["pandas>=3", "no-such>=1", "x; extra == 'y'"]
    )
    sign = named(signs(tmp_path, monkeypatch, root=tmp_path), "no-such")
    assert (sign.ok, sign.essential) == (False, True)


def test_without_pango_the_gap_says_what_is_refused_and_how_to_install_it(tmp_path, monkeypatch):
    def absent():
        raise StudyError.because("It lacks pango.", "Expected pango.", "Install it with apt.")

    sign = named(signs(tmp_path, monkeypatch, require_printer=absent), "pango")
    assert (sign.ok, sign.essential) == (False, False)
    assert sign.meaning == "no PDF, `--to pdf` is refused: It lacks pango. Install it with apt."


@pytest.mark.parametrize("name", ["java", "git"])
def test_without_a_program_the_gap_says_what_it_costs(name, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    sign = named(signs(tmp_path, monkeypatch), name)
    assert not sign.ok
    assert sign.meaning.startswith("not found: ")
    assert "Install: " in sign.meaning


def test_a_probe_that_breaks_is_a_gap_and_the_others_go_on(tmp_path, monkeypatch):
    def broken():
        raise RuntimeError("no such thing\nsecond line")

    monkeypatch.setattr(readiness, "_java", broken)
    found = signs(tmp_path, monkeypatch)
    assert named(found, "java").meaning == "it could not be looked at: RuntimeError: no such thing"
    assert found[-1].name.startswith("voila")


@pytest.mark.parametrize("package, name", [("distributed", "dask"), ("voila", "voila")])
def test_an_extra_that_is_not_installed_is_told_with_what_it_costs(
    tmp_path, monkeypatch, package, name
):
    known = readiness._version
    monkeypatch.setattr(readiness, "_version", lambda one: None if one == package else known(one))
    # The lock file's packages may have a line of the same name before it.
    sign = [one for one in signs(tmp_path, monkeypatch) if one.name == name][-1]
    assert not sign.ok
    assert not sign.essential
    assert sign.meaning.startswith("no ")
    assert "Install: " in sign.meaning


@pytest.mark.parametrize(
    "ok, essential, code", [(True, True, 0), (False, False, 0), (False, True, 1)]
)
def test_the_command_ends_with_1_only_where_something_essential_is_missing(
    monkeypatch, ok, essential, code
):
    sign = Sign("thing", "what it costs", ok, essential)
    monkeypatch.setattr(readiness, "machine_signs", lambda *_, **__: iter([sign]))
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == code
    assert done.stdout.splitlines()[0] == sign.line
    assert done.stdout.splitlines()[-1].startswith(
        "Studies can run here" if code == 0 else "Studies cannot run here: see thing"
    )


def test_doctor_answers_even_where_packages_cannot_be_imported(tmp_path):
    code = (
        "import sys\n"
        "names = 'pydantic psutil jupyter_client fontTools pandas yaml jinja2 nbformat numpy'\n"
        "for name in names.split():\n"
        "    sys.modules[name] = None\n"
        "from custlib.cli import main\n"
        "main(['doctor', '--reports', sys.argv[1]])"
    )
    words = [sys.executable, "-c", code, tmp_path / "reports"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("ok   Python 3") for line in lines)
    assert any(line.startswith("gap  kernel") for line in lines)
    assert lines[-1].startswith("Studies cannot run here: see ")
