"""Opens an oracle folder, compares values within its own tolerances, and keeps account of keys."""

import ast
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

HERE = Path(__file__).parent
# Scripts that made the reference data would run, and write, when searched for doctests.
collect_ignore_glob = ["*/*.py", "oracle_helper.py"]


class Oracle:
    """One folder of reference data and the values another program computed from them."""

    def __init__(self, name: str) -> None:
        self.folder = HERE / name
        text = (self.folder / "expected.json").read_text(encoding="utf-8")
        self.values: dict[str, dict] = json.loads(text)["values"]
        self.pinned: set[str] = set()

    def data(self, file: str, **options) -> pd.DataFrame:
        """A CSV file of the folder; options go to pandas.read_csv."""
        return pd.read_csv(self.folder / file, **options)

    def json(self, file: str):
        """A JSON file of the folder."""
        return json.loads((self.folder / file).read_text(encoding="utf-8"))

    def keys(self, prefix: str = "") -> list[str]:
        """Keys equal to the prefix or below it: "a.b" holds "a.b" and "a.b.c", not "a.bc"."""
        return [key for key in self.values if not prefix or under(key, prefix)]

    def expect(self, key: str, value) -> None:
        """The value agrees within the tolerance the oracle states; the key is recorded."""
        entry = self.values[key]
        expected, tolerance = entry["value"], entry.get("tol", 0)
        if isinstance(expected, str | bool):
            agrees = value == expected
        else:
            allowed = tolerance * abs(expected) if entry.get("tol_type") == "rel" else tolerance
            # NaN compares false, so a missing number never passes.
            agrees = abs(float(value) - expected) <= allowed
        assert agrees, f"{key}: got {value!r}, the oracle has {expected!r} (tolerance {tolerance})"
        self.pinned.add(key)

    def expect_all(self, prefix: str, values: Mapping) -> None:
        """Every key below the prefix, no more and no fewer, agrees with values[rest of the key]."""
        values = dict(values)
        wanted = {key.removeprefix(f"{prefix}.") for key in self.keys(prefix)}
        assert wanted == {str(name) for name in values}, f"keys below {prefix}"
        for name, value in values.items():
            self.expect(f"{prefix}.{name}", value)


def under(key: str, prefix: str) -> bool:
    return key == prefix or key.startswith(f"{prefix}.")


@pytest.fixture(scope="module")
def oracle() -> Callable[[str], Oracle]:
    """`oracle("rank_tests")` opens that folder, once a test file."""
    opened: dict[str, Oracle] = {}

    def open_folder(name: str) -> Oracle:
        if name not in opened:
            opened[name] = Oracle(name)
        return opened[name]

    return open_folder


@pytest.fixture
def account_for_every_key(request, oracle) -> Callable[..., None]:
    """Pinned keys and out-of-scope prefixes together are all keys, and no key is both.

    Goes into the last test of a file, as it looks at what the tests above have pinned:
    `account_for_every_key("rank_tests", OUT_OF_SCOPE)`; `within=` limits it to some prefixes.
    """
    # Doctests are items without a module.
    items = [i for i in request.session.items if getattr(i, "module", None) is request.module]
    ran = {item.originalname for item in items}
    written = {name for name in vars(request.module) if name.startswith("test_")}
    if written - ran:
        pytest.skip("only some tests of this file were selected")

    def check(name: str, out_of_scope: Mapping[str, str], *, within: tuple[str, ...] = ()) -> None:
        reference = oracle(name)
        keys = [key for key in reference.values if not within or any(under(key, p) for p in within)]
        listed = {key for key in keys if any(under(key, prefix) for prefix in out_of_scope)}
        stale = [p for p in (*out_of_scope, *within) if not reference.keys(p)]
        assert not stale, f"prefixes that match no key of {name}: {stale}"
        assert all(reason.strip() for reason in out_of_scope.values()), "a reason is empty"
        both = sorted(listed & reference.pinned)
        assert not both, f"pinned and out of scope at once: {both}"
        neither = sorted(set(keys) - listed - reference.pinned)
        assert not neither, f"neither pinned nor out of scope: {neither}"

    return check


@pytest.fixture
def claimed_by() -> Callable[[str, str], tuple[str, ...]]:
    """`claimed_by("test_a.py", "NAME")`: prefixes that another test file says it answers for."""

    def read(file: str, name: str) -> tuple[str, ...]:
        for node in ast.parse((HERE / file).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name:
                return ast.literal_eval(node.value)
        raise LookupError(f"{file} has no {name}")

    return read
