"""pyproject.toml, requirements.lock and environment.yml name the same packages."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SPARK_LOCK = (ROOT / "requirements-spark.lock").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
# What conda-forge calls otherwise; extras are packages of their own there.
CONDA_NAMES = {"ibis-framework": "ibis-duckdb", "flit-core": "flit-core"}
INSTALLERS = {"python", "pip"}


def ranges():
    """Canonical name → specifier of every package the project and its tests need."""
    texts = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    parsed = map(Requirement, texts)
    return {canonicalize_name(one.name): str(one.specifier) for one in parsed}


def conda_ranges():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    parsed = [Requirement(line) for line in environment["dependencies"] if isinstance(line, str)]
    return {canonicalize_name(one.name): str(one.specifier) for one in parsed}


def test_conda_users_get_the_same_packages_in_the_same_ranges():
    wanted = {CONDA_NAMES.get(name, name): spec for name, spec in ranges().items()}
    found = conda_ranges()
    assert {n: s for n, s in found.items() if n not in INSTALLERS} == {
        n: s for n, s in wanted.items() if n not in INSTALLERS
    }


def test_conda_users_get_the_same_python():
    assert conda_ranges()["python"] == PROJECT["project"]["requires-python"]


def test_every_package_is_locked_within_its_range():
    locked = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\;]+)", LOCK, flags=re.MULTILINE))
    locked = {canonicalize_name(name): version for name, version in locked.items()}
    for text in PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)])


def test_spark_is_locked_within_its_range():
    (wanted,) = map(Requirement, PROJECT["project"]["optional-dependencies"]["spark"])
    (version,) = re.findall(r"^pyspark==([^ \\;]+)", SPARK_LOCK, flags=re.MULTILINE)
    assert wanted.specifier.contains(version)


@pytest.mark.parametrize("lock", [LOCK, SPARK_LOCK], ids=["all", "spark"])
def test_every_locked_package_carries_a_hash(lock):
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


@pytest.mark.parametrize("lock", [LOCK, SPARK_LOCK], ids=["all", "spark"])
def test_a_lock_names_no_address(lock):
    assert not re.search(r"https?:|file:|--index|--find-links|--trusted", lock)


def test_the_extras_are_those_the_readme_may_promise():
    assert set(PROJECT["project"]["optional-dependencies"]) == {"pdf", "spark", "dask", "app"}
