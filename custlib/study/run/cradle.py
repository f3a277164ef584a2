"""The process that kernels are forked from: it does the imports of a study once, for many runs.

It speaks JSON lines over one socket: `{"command", "env", "cwd", "log"}` starts a kernel and is
answered with its `pid`; `{"poll": pid}` is answered with its `code`, null while it runs. When the
socket closes it ends, and its kernels notice that they have lost their parent.
"""

import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any

# What nearly every study imports, and nothing whose threads a study would miss: a fork copies one
# thread alone. (Arrow's allocator has one that tidies memory; a kernel does without.)
IMPORTS = (
    "ipykernel.kernelapp",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "seaborn",
    "statsmodels.api",
    "custlib.charts",
    "custlib.datasets",
    "custlib.loyalty",
    "custlib.report.tables",
    "custlib.study",
    "custlib.survey",
)


def fork_kernels(control: socket.socket) -> None:
    """Fork a kernel for each order until the other end of the socket closes."""
    # Ctrl-C is for whoever ordered the kernels; it ends them, and this process by its socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # ipykernel reads at its import which process it has to outlive by no more than a second.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    for name in IMPORTS:
        importlib.import_module(name)
    gc.freeze()
    codes: dict[int, int] = {}
    with suppress(ConnectionError), control.makefile("rw", encoding="utf-8") as stream:
        for line in stream:
            order = json.loads(line)
            if "poll" in order:
                answer = {"code": _code(order["poll"], codes)}
            elif pid := _forked():
                codes.pop(pid, None)
                answer = {"pid": max(pid, 0) or None}
            else:
                # The socket is the cradle's: whoever held a copy would hide that it has closed.
                os.dup2(os.open(os.devnull, os.O_RDWR), control.fileno())
                _become_kernel(order)
                return
            stream.write(json.dumps(answer) + "\n")
            stream.flush()


def _forked() -> int:
    """What fork gives: 0 in the child, its pid here; negative where the system refused."""
    try:
        return os.fork()
    except OSError:
        return -1


def _code(pid: int, codes: dict[int, int]) -> int | None:
    """Exit code of a kernel, negative for a signal; None while it runs."""
    if pid not in codes:
        try:
            ended, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return -signal.SIGKILL
        if not ended:
            return None
        codes[pid] = os.waitstatus_to_exitcode(status)
    return codes[pid]


def _become_kernel(order: dict[str, Any]) -> None:
    """This process as the kernel that was ordered; returns when it is shut down."""
    import numpy as np
    from ipykernel import kernelapp

    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    os.chdir(order["cwd"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)
    # Chance that nobody seeded must differ between kernels, as it does between fresh ones.
    random.seed()
    np.random.seed()  # noqa: NPY002
    # The command is `python -m ipykernel_launcher …`; the launcher's name is what argv begins with.
    sys.argv = order["command"][2:]
    kernelapp.launch_new_instance()


if __name__ == "__main__":
    fork_kernels(socket.socket(fileno=int(sys.argv[1])))
