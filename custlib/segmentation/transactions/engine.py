"""Engines: DuckDB in this process unless another one is named, or the orders lie on one."""

import os
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import ibis

from custlib.errors import ParameterError

# Packages whose errors tell of the data an engine was given, and not of a fault of ours.
ENGINES = {"duckdb", "_duckdb", "pyspark", "py4j", "pyarrow", "sqlite3"}


def of_an_engine(problem: Exception) -> bool:
    """Whether the error was raised by an engine or a reader of files."""
    return type(problem).__module__.partition(".")[0] in ENGINES


def embedded_engine(
    *, memory_limit: str | None = None, spill_folder: str | None = None, threads: int | None = None
) -> Any:
    """DuckDB in this process, an Ibis backend that reads files and data frames.

    Parameters
    ----------
    memory_limit : str, optional
        Memory the engine may hold, such as "1GB"; by default 80 % of the machine's.
    spill_folder : str, optional
        Where it lays what does not fit; by default in the system's folder for temporary files.
    threads : int, optional
        By default as many as there are cores.

    Returns
    -------
    ibis.backends.duckdb.Backend

    Raises
    ------
    ParameterError
        The engine refuses the limit.

    Examples
    --------
    >>> embedded_engine(memory_limit="1GB", threads=1).name
    'duckdb'
    """
    settings: dict[str, Any] = {"preserve_insertion_order": False}
    if memory_limit is not None:
        settings["memory_limit"] = memory_limit
    spill = Path(spill_folder or Path(gettempdir()) / f"custlib-spill-{os.getpid()}")
    settings["temp_directory"] = str(spill.expanduser())
    if threads is not None:
        settings["threads"] = threads
    try:
        return ibis.duckdb.connect(**settings)
    except Exception as problem:  # duckdb has an error class for each setting
        raise ParameterError.because(
            f"The engine did not start: {str(problem).splitlines()[0]}",
            "Expected memory_limit such as '1GB', spill_folder a folder, threads a whole number.",
            "Correct the setting, or leave it out.",
        ) from problem


def holds_instants(table: ibis.Table, column: str) -> bool:
    """Whether times are points in time: Spark has these and others, and Ibis shows them alike."""
    engine = ibis.get_backend(table)
    if engine.name != "pyspark":
        return False
    rows = engine.raw_sql(engine.compile(table.select(column).limit(0)))
    return rows.schema[0].dataType.typeName() == "timestamp"
