"""One kernel for one study: this Python, a fixed environment, and a socket no other can reach."""

import os
import shutil
import signal
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from custlib.errors import StudyError
from custlib.study.environment import kernel_environment
from custlib.study.run.folders import abandoned, owner
from custlib.study.run.nursery import CAN_FORK, ForkingProvisioner

NAME = "python3"
# The path of a socket may have about 100 bytes; what follows the folder takes 45 of them.
LONGEST_FOLDER = 55
PREFIX = "custlib-"
_PLACES: list["KernelPlace"] = []


class ThisPython(KernelSpecManager):
    """Finds one kernel: the Python that runs custlib, whatever kernels the user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Spec of the kernel, under any name that a notebook asks for."""
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        # jupyter_client asks for `curve` before it encrypts a connection over TCP.
        metadata = {"supported_encryption": ["curve"]}
        return KernelSpec(argv=argv, language="python", display_name=kernel_name, metadata=metadata)


@dataclass
class KernelPlace:
    """Where one kernel keeps its socket, its profile and what it writes past the notebook."""

    folder: Path
    cwd: Path
    warm: str = ""
    managers: list[AsyncKernelManager] = field(default_factory=list)
    thread: int = field(default_factory=threading.get_ident)

    @property
    def log(self) -> Path:
        """File with what the kernel's process wrote to its standard streams."""
        return self.folder / "kernel.log"

    @property
    def exit_code(self) -> int | None:
        """Exit code of a kernel that ended by itself; None while it runs or was shut down."""
        provisioner = self.managers[-1].provisioner if self.managers else None
        process = getattr(provisioner, "process", None)
        return None if process is None else process.poll()

    def manager_class(self) -> type[AsyncKernelManager]:
        """Class of a kernel manager that starts its kernel in this place."""
        place = self

        class StudyKernel(AsyncKernelManager):
            """Kernel over a private socket; on Windows, which has none, over encrypted TCP."""

            def __init__(self, **options: Any) -> None:
                super().__init__(**options)
                self.kernel_spec_manager = ThisPython()
                self.shutdown_wait_time = 2.0
                self.connection_file = str(place.folder / "kernel.json")
                if os.name != "nt":
                    self.transport, self.ip = "ipc", str(place.folder / "k")
                elif self.has_trait("transport_encryption"):
                    self.transport_encryption = "auto"
                place.managers.append(self)

            async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
                """Start the kernel in the fixed environment."""
                options["env"] = kernel_environment(place.folder / "ipython")
                options["cwd"] = str(place.cwd)
                if place.warm and CAN_FORK:
                    named = {"kernel_id": uuid.uuid4().hex, "kernel_spec": self.kernel_spec}
                    self.provisioner = ForkingProvisioner(**named, parent=self)
                    self.provisioner.state = place.warm
                with place.log.open("wb") as log:
                    await super().start_kernel(stdout=log, stderr=log, **options)

        return StudyKernel


@contextmanager
def kernel_place(cwd: Path, *, warm: str = "") -> Iterator[KernelPlace]:
    """A private folder for one kernel, with a path short enough for a socket.

    `warm` is the state of library and packages that a forked kernel must have; empty for a kernel
    that does its own imports.
    """
    try:
        parent = Path(tempfile.gettempdir())
        if os.name != "nt" and len(os.fsencode(parent)) > LONGEST_FOLDER:
            parent = Path("/tmp")
        for former in abandoned(parent, PREFIX):
            shutil.rmtree(former, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX + owner(), dir=parent))
    except OSError as problem:
        raise StudyError.because(
            f"No folder for the sockets of a kernel can be made: {problem.strerror}.",
            "Expected a folder for temporary files with a short path, to which you may write.",
            "Name another one in the environment variable TMPDIR.",
        ) from None
    place = KernelPlace(folder, cwd, warm)
    _PLACES.append(place)
    try:
        yield place
    finally:
        _PLACES.remove(place)
        shutil.rmtree(folder, ignore_errors=True)


def end_kernels(thread: int | None = None) -> None:
    """Kill every kernel that this process, or one thread of it, runs; their runs find them dead."""
    for place in [one for one in _PLACES if thread in {None, one.thread}]:
        for manager in place.managers:
            process = getattr(manager.provisioner, "process", None)
            with suppress(OSError):
                if process is not None and process.poll() is None:
                    if os.name == "nt":
                        process.kill()
                    else:
                        os.killpg(process.pid, signal.SIGKILL)
