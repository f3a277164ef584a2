"""A study reads the project's data, or a user's file with its codebook."""

import pytest

from custlib.datasets import survey_source
from custlib.errors import CodebookError, DataError, ParameterError

BOOK = """
title: Our customers 2026
scales: {s: {low: 1, high: 5}}
items: {price: {scale: s}}
"""


def test_without_a_file_the_default_data_set_is_read_and_said_to_be_simulated():
    source = survey_source(None, codebook=None, default="steel_survey")
    assert source.simulated
    assert source.path.name == "responses.csv"
    assert "claims_handling" in source.codebook.items


def test_a_real_data_set_is_not_called_simulated():
    assert not survey_source(None, codebook=None, default="housing").simulated


def test_a_data_set_may_be_named_and_brings_its_codebook():
    source = survey_source("attitude", codebook=None, default="steel_survey")
    assert "complaints" in source.codebook.items
    assert not source.simulated


def test_a_users_file_comes_with_its_codebook(tmp_path):
    book = tmp_path / "анкета 2026.yaml"
    book.write_text(BOOK, encoding="utf-8")
    source = survey_source(str(tmp_path / "a.csv"), codebook=str(book), default="steel_survey")
    assert source.title == "Our customers 2026"
    assert list(source.codebook.items) == ["price"]
    assert not source.simulated


def test_a_file_without_a_codebook_is_refused_with_a_remedy():
    with pytest.raises(ParameterError, match="there is no codebook"):
        survey_source("answers.csv", codebook=None, default="steel_survey")


def test_a_codebook_that_is_not_there_is_named():
    with pytest.raises(CodebookError, match=r"no\.yaml"):
        survey_source("answers.csv", codebook="no.yaml", default="steel_survey")


def test_a_data_set_brings_its_other_tables():
    source = survey_source(None, codebook=None, default="steel_survey")
    assert source.table("best_worst").columns[0] == "respondent"
    assert source.table("ladder") is None


def test_a_users_table_is_read_only_where_it_is_named(tmp_path):
    book, tasks = tmp_path / "book.yaml", tmp_path / "best_worst.csv"
    book.write_text(BOOK, encoding="utf-8")
    tasks.write_text("respondent,best\n1,price\n", encoding="utf-8")
    source = survey_source(str(tmp_path / "a.csv"), codebook=str(book), default="steel_survey")
    assert source.table("best_worst") is None
    assert source.table("best_worst", file=str(tasks))["best"].tolist() == ["price"]
    with pytest.raises(DataError, match=r"no file none\.csv"):
        source.table("best_worst", file=str(tmp_path / "none.csv"))
