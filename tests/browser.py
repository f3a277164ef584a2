"""A headless Chromium for tests of pages, driven over its DevTools protocol."""

import base64
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest
import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--remote-debugging-port=0"),
    "--remote-allow-origins=*",
)
# Seconds: other tests may have the machine busy.
WAIT = 120
# Number and text of keys that are no letters.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, ""), "ArrowDown": (40, "")}


class Browser:
    """One browser with one page; `errors` and `requests` collect what the page did.

    Use it in `with`, so that the browser is gone afterwards whatever the test does.
    """

    def __init__(self, width=1280, height=900):
        program = next(filter(None, map(shutil.which, NAMES)), None)
        if program is None:
            pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
        self.errors, self.requests, self.count = [], [], 0
        self.home = tempfile.mkdtemp()
        shape = (f"--user-data-dir={self.home}", f"--window-size={width},{height}", "about:blank")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = [program, *FLAGS, *shape]
        self.process = subprocess.Popen(command, **quiet, start_new_session=True)
        try:
            self.socket = websocket.create_connection(self._address(), timeout=WAIT)
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.send(f"{domain}.enable")
            self.size(width, height)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _address(self):
        """Address of the page's socket; the browser tells its port in a file."""
        told = Path(self.home, "DevToolsActivePort")
        until(lambda: told.is_file() and told.read_text().count("\n"), "the browser's port")
        port = told.read_text().splitlines()[0]

        def pages():
            address = f"http://127.0.0.1:{port}/json/list"
            with urllib.request.urlopen(address, timeout=WAIT) as answer:
                return [one for one in json.load(answer) if one["type"] == "page"]

        return until(pages, "the browser's page")[0]["webSocketDebuggerUrl"]

    def send(self, method, **params):
        """Send one command of the protocol, and return its result."""
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.count:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self._note(message.get("method"), message.get("params", {}))

    def _note(self, event, params):
        entry = params.get("entry", {})
        if event == "Runtime.exceptionThrown":
            self.errors.append(params["exceptionDetails"].get("exception", {}).get("description"))
        elif event == "Runtime.consoleAPICalled" and params["type"] in {"error", "assert"}:
            self.errors.append(str([one.get("value") for one in params["args"]]))
        elif event == "Log.entryAdded" and entry["level"] == "error":
            self.errors.append(entry["text"])
        elif event == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def open(self, page):
        """Open a file or an address, and wait until it is loaded."""
        address = page.resolve().as_uri() if isinstance(page, Path) else page
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=address)
        self.wait(f"location.href.startsWith({json.dumps(re.sub('#.*', '', address))})")
        self.wait("document.readyState === 'complete'")

    def run(self, code):
        """Value of an expression of JavaScript; what it promises is waited for."""
        how = {"returnByValue": True, "awaitPromise": True, "userGesture": True}
        answer = self.send("Runtime.evaluate", expression=code, **how)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, code, seconds=WAIT):
        """Wait until an expression holds, and return its value."""
        return until(lambda: self.run(code), code, seconds)

    def click(self, selector):
        """Click in the middle of the first element that matches, as a mouse does."""
        place = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{place}.scrollIntoView({{block: 'center'}})")
        box = self.run(f"{place}.getBoundingClientRect().toJSON()")
        spot = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **spot)

    def type(self, text):
        """Type a text into whatever has the focus."""
        self.send("Input.insertText", text=text)

    def press(self, key):
        """Press and release a key: one of KEYS, or a letter."""
        code, text = KEYS.get(key, (ord(key[0].upper()), key))
        how = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        kind = {"type": "keyDown", "text": text} if text else {"type": "rawKeyDown"}
        self.send("Input.dispatchKeyEvent", **kind, **how)
        self.send("Input.dispatchKeyEvent", type="keyUp", **how)

    def size(self, width, height):
        """Make the page as large as a screen; narrow ones are phones."""
        shape = {"width": width, "height": height, "mobile": width < 600}
        self.send("Emulation.setDeviceMetricsOverride", **shape, deviceScaleFactor=1)

    def screenshot(self, path):
        """Write a picture of the whole page, to be looked at."""
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        Path(path).write_bytes(base64.b64decode(shot["data"]))

    def close(self):
        """End the browser and every process of its own, and wait until it is gone."""
        if socket := getattr(self, "socket", None):
            with contextlib.suppress(OSError, websocket.WebSocketException):
                socket.send(json.dumps({"id": 0, "method": "Browser.close"}))
            socket.close()
            self.socket = None
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            # With all its children, which the group of its own session holds.
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def until(holds, what, seconds=WAIT):
    """Wait until a callable returns something true, and return that."""
    limit = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < limit, f"waited {seconds} s for {what}"
        time.sleep(0.02)
    return value
