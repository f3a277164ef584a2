"""papermill's engine with a measure: a cell that floods its output leaves head and tail of it."""

from typing import Any

from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.log import logger

from custlib.study.manifest import FIGURE, FINDING, TABLE

NAME = "custlib"
# Characters that a cell may print on each of its streams, and that its displays may have together.
# What a study records is never cut.
PRINTED, SHOWN = 100_000, 10_000_000
# Seconds that a kernel may take to start, and the outputs of a cell that is done to arrive;
# papermill's own 60 and nbclient's 4 are too few on a busy machine, and a study then seems to have
# failed or to have run out of time.
ARRIVAL = 600
DISPLAYS = ("display_data", "execute_result", "update_display_data")


class Excerpt:
    """Head and tail of a text that comes in parts; whole while it is no longer than `longest`.

    Examples
    --------
    >>> text = Excerpt(8)
    >>> text.add("abcdef"), text.add("ghijkl")
    ('abcd', '')
    >>> text.rest
    '\\n… 4 characters left out …\\nijkl'
    """

    def __init__(self, longest: int) -> None:
        self.half = longest // 2
        self.size = 0
        self.parts: list[str] = []
        self.held = 0

    def add(self, text: str) -> str:
        """Take the next part; returns what of it belongs to the head."""
        head = text[: max(self.half - self.size, 0)]
        self.size += len(text)
        if rest := text[len(head) :]:
            self.parts.append(rest[-self.half :])
            self.held += len(self.parts[-1])
        if self.held > 8 * self.half:
            # Joined now and then, so that a million small parts cost no million copies.
            self.parts = ["".join(self.parts)[-self.half :]]
            self.held = len(self.parts[0])
        return head

    @property
    def rest(self) -> str:
        """What follows the head: how much was left out, if any, and the tail."""
        tail = "".join(self.parts)[-self.half :]
        left_out = self.size - min(self.size, self.half) - len(tail)
        return f"\n… {left_out:,} characters left out …\n{tail}" if left_out else tail


def excerpt(text: str, longest: int = PRINTED) -> str:
    """Head and tail of a text, with the number of characters between them."""
    made = Excerpt(longest)
    return made.add(text) + made.rest


class StudyClient(PapermillNotebookClient):
    """Runs the cells and keeps a bounded part of what each prints and shows, as it comes in."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self.printed: dict[str, Excerpt] = {}
        self.tails: dict[str, NotebookNode] = {}
        self.shown = 0
        self.at: int | None = None

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take one message of the kernel; what is beyond the measure goes no further."""
        kind, content = msg["msg_type"], msg["content"]
        if cell_index != self.at or kind == "clear_output":
            self.finish()
            self.printed, self.tails, self.shown, self.at = {}, {}, 0, cell_index
        if kind == "stream":
            return self._stream(msg, cell, cell_index)
        if kind in DISPLAYS:
            self._bound(content)
        elif kind == "error":
            content["evalue"] = excerpt(content["evalue"])
            content["traceback"] = [excerpt(line) for line in content["traceback"]]
        elif kind == "status" and content["execution_state"] == "idle":
            self.finish()
        return super().process_message(msg, cell, cell_index)

    def finish(self) -> None:
        """Write the tails of what the cell printed into its outputs."""
        for name, node in self.tails.items():
            node["text"] = self.printed[name].rest

    def _stream(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        content, name = msg["content"], msg["content"]["name"]
        text = content["text"]
        printed = self.printed.setdefault(name, Excerpt(PRINTED))
        output = None
        if head := printed.add(text):
            content["text"] = head
            output = super().process_message(msg, cell, cell_index)
        if len(head) < len(text) and name not in self.tails:
            # One output for all that follows the head; its text is set when the cell is done.
            content["text"] = ""
            output = super().process_message(msg, cell, cell_index)
            if output is not None:
                self.tails[name] = output
        return output

    def _bound(self, content: dict[str, Any]) -> None:
        data = content["data"]
        if any(kind in data for kind in (FINDING, TABLE, FIGURE)):
            return
        size = sum(len(part) if isinstance(part, str) else len(str(part)) for part in data.values())
        if self.shown + size <= SHOWN:
            self.shown += size
            return
        told = f"… {size:,} characters left out: a cell may show {SHOWN:,} …"
        content["data"], content["metadata"] = {"text/plain": told}, {}


class StudyEngine(NBClientEngine):
    """Engine of papermill under the name that `execute` asks for."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **options: Any
    ) -> None:
        """Execute the cells with the client that keeps measure."""
        known = ("kernel_manager_class", "on_cell_start", "on_cell_executed", "timeout_func")
        client = StudyClient(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=ARRIVAL,
            log=logger,
            iopub_timeout=ARRIVAL,
            **{name: options[name] for name in known},
        )
        # Saved once, when all is over: papermill would write the whole notebook twice a cell, which
        # takes longer than running most cells.
        path, nb_man.output_path = nb_man.output_path, None
        try:
            client.execute()
        finally:
            client.finish()
            nb_man.output_path = path
            nb_man.save()


papermill_engines.register(NAME, StudyEngine)
