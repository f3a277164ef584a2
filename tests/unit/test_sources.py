"""A study reads the project's data, or a user's file with its codebook or its roles."""

import dataclasses

import pandas as pd
import pytest

from custlib.datasets import load, survey_source, table_source
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


# --- orders and customers ---


def test_without_a_file_the_default_orders_come_with_their_roles_and_truth():
    source = table_source(None, default="orders")
    assert source.path == str(load("orders").path())
    assert source.simulated
    assert source.truth["simulated"]
    assert "simulated" in source.title
    assert source.roles == {
        name: name for name in ("customer", "date", "amount", "order", "profit")
    }


def test_real_orders_may_be_named_and_have_no_truth():
    source = table_source("cdnow", default="orders")
    assert (source.simulated, source.truth) == (False, None)
    assert source.roles == {"customer": "id", "date": "date", "amount": "dollars"}


def test_roles_of_the_user_win_over_those_of_the_card():
    asked = {"amount": "cds", "date": None, "quantity": "cds"}
    source = table_source("cdnow", default="orders", roles=asked)
    assert source.roles == {"customer": "id", "date": "date", "amount": "cds", "quantity": "cds"}


def test_orders_of_the_user_have_the_roles_named_or_the_columns_of_the_roles_names():
    source = table_source("my/sales_*.parquet", default="orders", roles={"customer": "Kunde"})
    assert source.path == "my/sales_*.parquet"
    assert source.title == "sales_*.parquet"
    assert (source.simulated, source.truth) == (False, None)
    assert source.roles == {"customer": "Kunde", "date": "date", "amount": "amount"}


def test_a_source_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        table_source("cdnow", default="orders").title = "mine"


def test_a_misspelt_data_set_brings_the_nearest():
    with pytest.raises(ParameterError, match=r"(?s)'cdnwo'.*Did you mean 'cdnow'\?"):
        table_source("cdnwo", default="orders")


@pytest.mark.parametrize(
    "name, default, told",
    [
        ("housing", "orders", r"(?s)a data set of responses.*Expected a data set of orders"),
        ("cdnow", "b2b_firms", r"(?s)a data set of orders.*Expected a data set of customers"),
    ],
)
def test_a_data_set_of_another_kind_is_refused(name, default, told):
    with pytest.raises(ParameterError, match=told):
        table_source(name, default=default)


def test_a_data_set_without_answers_is_no_survey():
    with pytest.raises(ParameterError, match=r"(?s)of orders.*Expected a data set of responses"):
        survey_source("cdnow", codebook=None, default="housing")


def test_without_a_file_the_default_customers_come_with_their_roles_and_truth():
    source = table_source(None, default="b2b_firms")
    assert source.simulated
    assert source.truth["simulated"]
    assert source.roles == load("b2b_firms").card.roles
    assert source.read().equals(load("b2b_firms").customers)


def test_customers_of_the_user_are_read_from_every_file_of_a_glob(tmp_path):
    for at, name in ((2, "b"), (1, "a")):
        pd.DataFrame({"customer": [name], "amount": [at]}).to_parquet(tmp_path / f"c_{at}.parquet")
    source = table_source(str(tmp_path / "c_*.parquet"), default="b2b_firms")
    assert source.read()["customer"].tolist() == ["a", "b"]
    assert source.roles == {"customer": "customer"}
    assert not source.simulated


def test_a_csv_of_the_user_is_read_in_its_encoding_and_with_its_delimiter(tmp_path):
    path = tmp_path / "клиенты [1].csv"
    path.write_bytes("клиент;сумма\nЗавод, цех 1;10\nСклад;20\n".encode("cp1251"))
    table = table_source(str(path), default="b2b_firms").read()
    assert table.to_dict("list") == {"клиент": ["Завод, цех 1", "Склад"], "сумма": [10, 20]}


@pytest.mark.parametrize(
    "written, read",
    [
        ("1 234,5;0,5", [1234.5, 0.5]),
        ("1.234,50;2,00", [1234.5, 2.0]),
        ("1,5;", [1.5, None]),
        ("1,5;unknown", ["1,5", "unknown"]),
        ("1,234;2,345", ["1,234", "2,345"]),  # thousands or decimals: nobody can tell
    ],
)
def test_numbers_of_a_csv_are_read_where_every_text_is_one(tmp_path, written, read):
    path = tmp_path / "c.csv"
    rows = [f"{name};{text}" for name, text in zip("ab", written.split(";"), strict=True)]
    path.write_text("\n".join(["customer;paid", *rows]), encoding="utf-8")
    found = table_source(str(path), default="b2b_firms").read()["paid"]
    assert [None if pd.isna(value) else value for value in found] == read


def test_a_second_table_lies_beside_the_first_of_a_data_set_or_is_the_users(tmp_path):
    source = table_source(None, default="b2b_firms")
    assert source.table("costs") is None
    path = tmp_path / "costs.csv"
    path.write_bytes("источник;цена\nвыставка;1,5\n".encode("cp1251"))
    costs = source.table("costs", file=str(path))
    assert costs.to_dict("list") == {"источник": ["выставка"], "цена": [1.5]}
    with pytest.raises(DataError, match=r"no file none\.csv"):
        source.table("costs", file=str(tmp_path / "none.csv"))


def test_customers_that_are_not_there_are_named(tmp_path):
    with pytest.raises(DataError, match=r"no file firms_\*\.csv"):
        table_source(str(tmp_path / "firms_*.csv"), default="b2b_firms").read()
