"""notebooks/start_here.ipynb as a person uses it: in JupyterLab, and by Voilà, in a browser."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import Browser, until

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
FIELD = """[...document.querySelectorAll(".custlib-field")]
    .find((box) => box.querySelector(".widget-label")?.textContent === {name})"""
BUTTON = """[...document.querySelectorAll(".custlib-form button")]
    .find((one) => one.textContent.includes({name}))"""
# While a kernel starts, the list of kernels may be an error instead.
KERNEL = """fetch("/api/kernels").then((answer) => answer.ok ? answer.json() : []).then((all) =>
    all.some((one) => one.connections && one.execution_state === "idle"))"""
# Other tests may have the machine busy.
WAIT = 300
GROWTH = "0.1234"


def makefile_command(target):
    """The words of the one command that a target of the Makefile runs."""
    shown = subprocess.run(
        ["make", "-n", target, "BIN=bin", "READY="],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    [line] = [line for line in shown.splitlines() if line.startswith("bin/")]
    program, *words = line.split()
    return [str(PROGRAMS / Path(program).name), *words]


@pytest.fixture
def project(tmp_path):
    """A project of its own, so that no test works among the reports of a person."""
    root = tmp_path / "project"
    for folder in ("custlib", "notebooks"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "data").symlink_to(ROOT / "data")
    return root


@pytest.fixture
def served(tmp_path, project, request):
    """Target of the Makefile, address and token of the server it starts; gone afterwards."""
    target = request.param
    if not (PROGRAMS / "voila").exists() and target == "app":
        pytest.skip("no Voilà: `pip install 'custlib[app]'`")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    env = os.environ | {name: str(tmp_path / name) for name in names}
    # The copy comes before the library that is installed, in the kernels too.
    env |= {"PYTHONPATH": str(project)}
    options = [f"--port={port}", "--no-browser", *(["--allow-root"] if target == "lab" else [])]
    log = tmp_path / "log"
    with log.open("w") as told:
        server = subprocess.Popen(
            [*makefile_command(target), *options],
            cwd=project,
            env=env,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
    try:
        # Where the port was taken meanwhile the server takes another.
        pattern = r"http://(?:127\.0\.0\.1|localhost):(\d+)/\S*\?token=(\w+)"
        found = until(lambda: re.search(pattern, log.read_text()), "the server", WAIT)
        yield target, f"http://127.0.0.1:{found[1]}", found[2]
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def enter(browser, name, text):
    """Replace what stands in a field by what is typed."""
    field = FIELD.format(name=json.dumps(name))
    browser.wait(f"!!({field})", WAIT)
    browser.run(f"(one => {{ one.focus(); one.select(); }})(({field}).querySelector('input'))")
    browser.type(text)


def host_of(url):
    return urlsplit(url).netloc


def off(browser, name):
    return browser.run(f"({BUTTON.format(name=json.dumps(name))}).disabled")


def run_first_code(browser):
    """Click into the first code cell and press Shift and Enter once, and wait for the form."""
    cell, shift = ".jp-CodeCell .cm-content", 8
    browser.wait(f"!!document.querySelector('{cell}')", WAIT)
    browser.wait(KERNEL, WAIT)
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "modifiers": shift}

    def text(part):
        return browser.run(f"document.querySelector('.jp-CodeCell {part}')?.textContent ?? ''")

    def shown():
        # JupyterLab draws cells again and moves the focus a moment after it has shown them. A cell
        # that was sent has lost what it was saved with, and has a star until the kernel is done.
        saved = "form appears here" in text(".jp-OutputArea")
        idle = "document.querySelector('[data-status]')?.dataset.status === 'idle'"
        if (saved or text(".jp-InputPrompt") == "[ ]:") and browser.run(idle):
            with contextlib.suppress(AssertionError):
                browser.click(cell)
            if browser.run("!!document.activeElement.closest('.jp-CodeCell')"):
                for kind in ("rawKeyDown", "keyUp"):
                    browser.send("Input.dispatchKeyEvent", type=kind, **key)
        time.sleep(1)
        done = re.fullmatch(r"\[\d+\]:", text(".jp-InputPrompt"))
        return done and browser.run("!!document.querySelector('.custlib-form')")

    until(shown, "the form", WAIT)


def choose(browser, question):
    """Choose the question with this word; between words the list has spaces of another kind."""
    options = "[...document.querySelectorAll('.custlib-choice option')]"
    found = f"{options}.find((one) => one.text.includes({json.dumps(question)}))"
    browser.wait(f"!!{found}", WAIT)
    browser.run(f"{found}.selected = true")
    change = "new Event('change', {bubbles: true})"
    browser.run(f"document.querySelector('.custlib-choice select').dispatchEvent({change})")


@pytest.mark.parametrize("served", ["lab", "app"], indirect=True)
def test_the_form_runs_a_study_with_a_changed_parameter_and_its_report_opens(served, project):
    target, address, token = served
    page = "/lab/tree/notebooks/start_here.ipynb" if target == "lab" else "/"
    with Browser() as browser:
        browser.send("Page.navigate", url=f"{address}{page}?token={token}")
        if target == "lab":
            run_first_code(browser)
        choose(browser, "imply")
        enter(browser, "growth", "7")
        wrong = "document.querySelector('.custlib-problem [role=alert]')?.innerText"
        told = browser.wait(wrong, WAIT)
        assert told == "growth is 7.0.\nExpected growth: float, between -0.5 and 2."
        # The kernel tells the page of the field first and of the buttons after it.
        until(lambda: off(browser, "Run"), "Run to be off", WAIT)
        enter(browser, "growth", GROWTH)
        browser.wait(f"!({wrong})", WAIT)
        until(lambda: not off(browser, "Run"), "Run to be on", WAIT)
        browser.run(f"({BUTTON.format(name=json.dumps('Run'))}).click()")
        browser.wait("/cell \\d+ of 31/.test(document.body.innerText)", WAIT)
        assert off(browser, "Run")
        assert not off(browser, "Stop")
        link = browser.wait("document.querySelector('.custlib-links a')?.href", WAIT)
        # The browser that shows the page may read the report as well.
        text = browser.run(f"fetch({json.dumps(link)}).then((answer) => answer.text())")
        assert "Each patient brings" in text
        assert GROWTH in text
        if target == "app":
            # Its policy lets the page ask nobody else, and what it refuses stands as an error.
            # An address of data has no host.
            assert {*map(host_of, browser.requests)} == {"", host_of(address)}
            assert browser.errors == []
    assert len([*project.glob("reports/clinic_referrals/*/report.html")]) == 1


@pytest.mark.parametrize("served", ["app"], indirect=True)
def test_the_app_hands_out_reports_to_the_holder_of_the_token_and_no_other_file(served, project):
    _, address, token = served
    for name in ("demo/run/report.html", "index.html", ".running/x"):
        file = project / "reports" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("a report")
    for path in ("/voila/files/reports/demo/run/report.html", "/voila/files/reports/index.html"):
        assert answer(address, path, token) == 200
        # Without the token it is the page that asks for it.
        assert answer(address, path) == 302
        assert answer(address, path, "wrong") == 302
        # The name of another host, under which a page from elsewhere would ask.
        assert answer(address, path, token, host="elsewhere.example") == 403
    assert answer(address, "/", token, host="elsewhere.example") == 403
    assert answer(address, "/") == 302
    for path in (
        "pyproject.toml",
        "data/cdnow/card.yaml",
        "reports/../pyproject.toml",
        "reports/%2e%2e/pyproject.toml",
        "reports%2f..%2fpyproject.toml",
        "reports/clinic_referrals/../../pyproject.toml",
        "reports//etc/hostname",
        "/etc/hostname",
        "reports/.running/x",
        "REPORTS/../pyproject.toml",
    ):
        assert answer(address, f"/voila/files/{path}", token) == 403, path


def answer(address, path, token=None, host=None):
    """Status with which the server answers a path, sent as it stands."""
    headers = {"Authorization": f"token {token}"} if token else {}
    headers |= {"Host": host} if host else {}
    connection = HTTPConnection(address.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()
