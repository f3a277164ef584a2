"""Kernels that start without their imports: forked from one process that has done them."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from custlib.study.environment import kernel_environment
from custlib.study.run.identity import code_state, library_sha256

# Elsewhere a fork of a process with the system's own libraries in it is not safe.
CAN_FORK = sys.platform == "linux"
_MAKING = threading.Lock()
_made: "Nursery | None" = None


@dataclass
class ForkedKernel:
    """A kernel's process by its pid, with as much of subprocess.Popen as jupyter_client asks."""

    pid: int
    nursery: "Nursery"
    stdin: None = None
    stdout: None = None
    stderr: None = None

    def poll(self) -> int | None:
        """Exit code; None while it runs."""
        return self.nursery.ask({"poll": self.pid})["code"]

    # jupyter_client waits only for what it has seen to end.
    wait = poll

    def send_signal(self, number: int) -> None:
        """Send a signal to the process alone."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class Nursery:
    """The process with the imports done; it ends with this one, whichever way that ends."""

    def __init__(self, state: str) -> None:
        self.state = state
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self.process = os.getpid()
        with theirs:
            self._cradle = subprocess.Popen(
                # -P: the folder it is started in is no place of modules.
                [sys.executable, "-P", "-m", "custlib.study.run.cradle", str(theirs.fileno())],
                env=kernel_environment(Path(os.devnull)),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # Ctrl-C in a terminal reaches a whole group; kernels are ended by their own runs.
                start_new_session=True,
            )
        self._stream = self._control.makefile("rw", encoding="utf-8")
        atexit.register(self._leave)

    def close(self) -> None:
        """End the process, and with it the kernels it still has."""
        with suppress(OSError):
            # The socket is shared with whatever was forked from the process that made it.
            if self.process == os.getpid():
                self._control.shutdown(socket.SHUT_RDWR)

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """What the process answers to an order; a kernel whose nursery is gone was killed."""
        with self._lock:
            try:
                self._stream.write(json.dumps(order) + "\n")
                self._stream.flush()
                answer = self._stream.readline()
            except (OSError, ValueError):
                answer = ""
            except BaseException:
                # An interrupted question would get the next one's answer: its kernels end with it.
                self.close()
                raise
        return json.loads(answer) if answer else {"pid": None, "code": -signal.SIGKILL}

    def _leave(self) -> None:
        """At the end of this process nothing is left of it, be its imports done or not."""
        if self.process == os.getpid():
            self._cradle.kill()
            self._cradle.wait()

    def is_over(self) -> bool:
        """Whether the process has ended, or will."""
        return self._cradle.poll() is not None


def _nursery(state: str) -> Nursery:
    """The nursery of this process; a new one where there is none, or it imported other code.

    One that is replaced keeps the kernels it has, and ends with this process.
    """
    global _made
    with _MAKING:
        if _made is None or (_made.process, _made.state) != (os.getpid(), state) or _made.is_over():
            _made = Nursery(state)
        return _made


def prepare_kernels(root: Path) -> None:
    """Begin with the imports, so that they are done when the first kernel is asked for."""
    if CAN_FORK:
        _nursery(code_state(library_sha256(), root))


class ForkingProvisioner(LocalProvisioner):
    """Starts a kernel as a fork; as a process of its own where there is nothing to fork from.

    `state` says which library and packages the kernel has to import.
    """

    state = ""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Start the kernel; its standard streams go to the file given as `log`."""
        order = {
            "command": cmd,
            "env": options["env"],
            "cwd": options["cwd"],
            "log": options["stdout"].name,
        }
        nursery = _nursery(self.state)
        pid = nursery.ask(order)["pid"]
        if pid is None:
            return await super().launch_kernel(cmd, **options)
        self.process: Any = ForkedKernel(pid, nursery)
        self.pid = self.pgid = pid
        self.cwd = options["cwd"]
        return self.connection_info
