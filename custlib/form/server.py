"""Voilà for `make app`: its page and the files of reports, for whoever holds the token."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import authenticated
from voila.app import Voila
from voila.static_file_handler import AllowListFileHandler


class ReportHandler(JupyterHandler, AllowListFileHandler):
    """A file of a report; Voilà itself would give it to anybody, under any name of the host."""

    @authenticated
    async def get(self, path: str, include_body: bool = True) -> None:
        """Answer with the file."""
        await AllowListFileHandler.get(self, path, include_body)


class FormServer(Voila):
    """Voilà with `ReportHandler` in the place of its own handler of files, and our template."""

    def setup_template_dirs(self) -> None:
        """Where templates are looked for: here first."""
        super().setup_template_dirs()
        self.template_paths.insert(0, str(Path(__file__).parent))

    def init_handlers(self) -> list[Sequence[Any]]:
        """Where each address leads."""
        return [
            (route, ReportHandler if handler is AllowListFileHandler else handler, *settings)
            for route, handler, *settings in super().init_handlers()
        ]


if __name__ == "__main__":
    FormServer.launch_instance()
