"""Results speak one language: every estimator's columns come from custlib/columns.py, in order."""

import ast
from pathlib import Path

import pandas as pd
import pytest

import custlib
from custlib import columns
from custlib.errors import ParameterError

ROOT = Path(custlib.__file__).parent
SYNONYMS = {"pval", "p_val", "pvalue", "se", "stderr", "lower", "upper", "lcl", "ucl", "estimates_"}


def test_a_table_is_put_in_the_house_order():
    row = {"note": None, "n": 3, "ci_high": 2, "estimate": 1, "ci_low": 0, "item": "price"}
    table = columns.arrange([row], keys=["item"])
    assert list(table) == ["item", "estimate", "ci_low", "ci_high", "n", "note"]
    assert table["note"].tolist() == [""]


def test_counts_are_whole_numbers_and_estimates_are_not():
    table = columns.arrange([{"estimate": 1, "n": 3.0, "numerator": None}])
    assert [str(dtype) for dtype in table.dtypes] == ["float64", "int64", "Int64"]


def test_a_word_outside_the_vocabulary_is_refused():
    with pytest.raises(ParameterError, match="pval"):
        columns.arrange([{"pval": 0.1}])


def test_a_grouping_variable_keeps_its_own_name():
    table = columns.arrange([{"role": "trader", "estimate": 1}], keys=["role"])
    assert list(table) == ["role", "estimate"]


def test_the_index_of_the_rows_is_forgotten():
    rows = pd.DataFrame({"estimate": [1.0, 2.0]}, index=[7, 7])
    assert columns.arrange(rows).index.tolist() == [0, 1]


@pytest.mark.parametrize("name", columns.VOCABULARY)
def test_every_word_has_meaning_unit_and_dtype(name):
    word = columns.VOCABULARY[name]
    assert word.meaning
    assert word.unit
    assert pd.api.types.pandas_dtype(word.dtype)


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.stem)
def test_no_module_writes_a_synonym_of_a_result_column(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    keys = {
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    assert not keys & SYNONYMS
