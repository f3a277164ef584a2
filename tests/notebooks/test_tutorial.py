"""The hour of docs/tutorial.md: its commands do what it says, one after the other."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix(".venv/bin/custlib ")
    for block in re.findall(r"```sh\n(.+?)```", PAGE, flags=re.DOTALL)
    for line in block.splitlines()
    if line.startswith(".venv/bin/custlib ")
]


def test_the_commands_of_the_tutorial_run_in_their_order(tmp_path):
    (tmp_path / "data").symlink_to(ROOT / "data", target_is_directory=True)
    reports = tmp_path / "reports"
    for command in COMMANDS:
        words = shlex.split(command)
        if "*" in words[-1]:
            words[-1:] = [str(path) for path in tmp_path.glob(words[-1])]
        if words[0] == "run":
            words += ["--reports", str(reports)]
        done = subprocess.run(
            [sys.executable, "-m", "custlib.cli", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        # Where pango is missing, a PDF is refused by name.
        lacking = "--to" in words and "pango" in done.stderr
        assert done.returncode == 0 or lacking, (command, done.stderr[-2000:])
    assert (tmp_path / "mine" / "practice.yaml").is_file()
    # An id hangs on the library, which somebody may edit meanwhile.
    pages = [path.relative_to(reports).parent for path in reports.glob("*/*/report.html")]
    made = {str(page).rpartition("-")[0] for page in pages}
    assert len(made) == 4
    assert (
        any((folder / "report.xlsx").is_file() for folder in reports.glob("practice/*")) or lacking
    )
    told = compare_with_next_year(tmp_path, reports)
    assert "practice" in told
    assert (reports / "changes").is_dir()


def compare_with_next_year(folder, reports):
    """What `changes` says once the old notebook has run on a new file, by the words of the page."""
    lines = (ROOT / "data/steel_survey/responses.csv").read_text(encoding="utf-8").splitlines()
    (folder / "next.csv").write_text("\n".join(lines[:1] + lines[1::2]) + "\n", encoding="utf-8")
    before = [*reports.glob("practice/*by-role*")]
    (run,) = re.findall(r"`custlib (run [^`]+ -p data=NEW_FILE)`", PAGE)
    (changes,) = re.findall(r"`custlib (changes RUN_A RUN_B)`", PAGE)
    told = ""
    for command in (run, changes):
        words = shlex.split(command.replace("NEW_FILE", "next.csv"))
        if command == changes:
            (old, *_), (new,) = before, reports.glob("practice/*next*by-role*")
            words = [words[0], str(old), str(new)]
        done = subprocess.run(
            [sys.executable, "-m", "custlib.cli", *words, "--reports", str(reports)],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, (command, done.stderr[-2000:])
        told = done.stdout
    return told


def test_the_steps_take_an_hour_and_follow_each_other():
    minutes = [60 * int(hour) + int(at) for hour, at in re.findall(r"^## (\d):(\d\d) ", PAGE, re.M)]
    assert minutes[0] == 0
    assert minutes == sorted(minutes)
    assert minutes[-1] < 60


def test_what_the_tutorial_links_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
    for command in re.findall(r"`make ([a-z-]+)`", PAGE):
        assert re.search(rf"^{command}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
