"""Where a browser finds a file: through JupyterLab, through Voilà, or on the disk."""

import json
import os
from pathlib import Path
from urllib.parse import quote

from custlib.study.catalogue import project_root


def under_voila() -> bool:
    """Whether the page is served by Voilà, which shows this one notebook and nothing else."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def address_of(path: Path) -> str | None:
    """Address of a file for the browser that shows the page; None where the server reaches it not.

    Notes
    -----
    A kernel is a child of its server, and each server of Jupyter tells its address and its folder
    in a file named by its process. Voilà tells its address in variables; `make app` starts it in
    the project's root. Neither serves what a link inside its folder leads to outside of it.
    """
    if under_voila():
        base, root, way = os.environ.get("VOILA_SERVER_URL", "/"), project_root(), "voila/files"
    elif server := _server():
        base, root, way = server["base_url"], Path(server["root_dir"]).resolve(), "files"
    else:
        return path.as_uri()
    if not path.is_relative_to(root):
        return None
    inside = quote(path.relative_to(root).as_posix())
    return f"{base.rstrip('/')}/{way}/{inside}"


def _server() -> dict[str, str]:
    """What the server of Jupyter says of itself whose kernel this is; nothing else."""
    from jupyter_core.paths import jupyter_runtime_dir

    told = Path(jupyter_runtime_dir(), f"jpserver-{os.getppid()}.json")
    try:
        server = json.loads(told.read_text(encoding="utf-8"))
        return {name: str(server[name]) for name in ("base_url", "root_dir")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
