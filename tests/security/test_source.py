"""What the source of the library never does: load objects, run text, or reach the network."""

import ast
from pathlib import Path

import pytest

import custlib

ROOT = Path(custlib.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
PICKLERS = {"pickle", "cPickle", "cloudpickle", "dill", "marshal", "shelve", "jsonpickle"}
SAFE_LOADERS = {"SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader"}
NETWORK = {"requests", "urllib.request", "http.client", "httpx", "aiohttp", "ftplib", "smtplib"}


def nodes(path):
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def dotted(node):
    """`a.b.c` of an attribute or a name; empty for anything else."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *parts[::-1]]) if isinstance(node, ast.Name) else ""


def calls(path):
    for node in nodes(path):
        if isinstance(node, ast.Call):
            yield dotted(node.func) or getattr(node.func, "attr", ""), node


def imported(path):
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def faults(path):
    """Everything in a module that could turn data into code, or fetch it."""
    for name in imported(path):
        if name.partition(".")[0] in PICKLERS:
            yield f"imports {name}"
        if any(name == net or name.startswith(f"{net}.") for net in NETWORK):
            yield f"imports {name}"
    for name, call in calls(path):
        last = name.rpartition(".")[2]
        options = {word.arg: word.value for word in call.keywords}
        if name in {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}:
            yield f"calls {name}"
        if last in {"read_pickle", "to_pickle", "from_string"} or name == "joblib.load":
            yield f"calls {name}"
        allowed = options.get("allow_pickle")
        if allowed is not None and getattr(allowed, "value", True) is not False:
            yield f"{name} allows pickles"
        if getattr(options.get("shell"), "value", False):
            yield f"{name} asks a shell"
        if name.startswith("yaml.") and last in {"load", "load_all", "compose", "parse"}:
            loader = options.get("Loader") or (call.args[1] if len(call.args) > 1 else None)
            if dotted(loader).rpartition(".")[2] not in SAFE_LOADERS:
                yield f"{name} without a safe loader"
        if name.startswith("yaml.") and ("unsafe" in last or "full" in last.casefold()):
            yield f"calls {name}"


def test_no_module_loads_a_pickle_runs_a_text_or_reaches_the_network():
    found = {path.relative_to(ROOT).as_posix(): list(faults(path)) for path in MODULES}
    assert {name: told for name, told in found.items() if told} == {}


BAD = {
    "import pickle": "imports pickle",
    "from joblib.externals import cloudpickle\nimport dill": "imports dill",
    "import yaml\nyaml.load(text)": "yaml.load without a safe loader",
    "import yaml\nyaml.load(text, Loader=yaml.FullLoader)": "yaml.load without a safe loader",
    "import yaml\nyaml.load(text, yaml.Loader)": "yaml.load without a safe loader",
    "yaml.unsafe_load(text)": "calls yaml.unsafe_load",
    "pd.read_pickle(path)": "calls pd.read_pickle",
    "np.load(path, allow_pickle=True)": "np.load allows pickles",
    "np.load(path, allow_pickle=chosen)": "np.load allows pickles",
    "eval(text)": "calls eval",
    "subprocess.run(text, shell=True)": "subprocess.run asks a shell",
    "import urllib.request": "imports urllib.request",
    "environment().from_string(text)": "calls from_string",
}


@pytest.mark.parametrize("source", BAD)
def test_the_search_finds_what_it_searches_for(source, tmp_path):
    path = tmp_path / "bad.py"
    path.write_text(source, encoding="utf-8")
    assert BAD[source] in list(faults(path))


def test_every_template_escapes_what_is_put_into_it():
    from custlib.report.page import environment

    assert environment().autoescape is True
    for template in (ROOT / "report" / "templates").glob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert "autoescape" not in text, template.name
