"""The catalogue finds data sets, says what they are, and sees when a file has changed."""

import dataclasses
import hashlib
import shutil

import pandas as pd
import pytest

from custlib.datasets import list_datasets, load, verify
from custlib.errors import DataError, ParameterError
from custlib.places import data_folder

CARD = """
title: Two shops
kind: real
why: a test
how: made by hand
source: nobody
licence: none
units: points
tables:
  responses.csv:
    row: one customer
    rows: 2
    sha256: {sha256}
    columns: {{customer: name, rating: points}}
"""
TABLE = b"customer,rating\na,4\nb,5\n"
CODEBOOK = "scales: {points: {low: 1, high: 5}}\nitems: {rating: {scale: points}}\n"


ORDERS = b"who,day,paid\na,2025-01-02,4\na,2025-01-05,6\nb,2025-01-03,5\n"
ORDER_CARD = """
title: Orders of a shop
kind: real
why: a test
how: made by hand
source: nobody
licence: none
units: euros
tables:
  {table}.csv:
    row: one order
    rows: 3
    sha256: {sha256}
    columns: {{who: name, day: day, paid: euros}}
roles: {{customer: who, date: day, amount: paid}}
"""


@pytest.fixture
def shops(tmp_path, monkeypatch):
    """A data folder of somebody's own, with one data set, in a path with a space."""
    folder = tmp_path / "my data" / "магазины"
    folder.mkdir(parents=True)
    (folder / "responses.csv").write_bytes(TABLE)
    card = CARD.format(sha256=hashlib.sha256(TABLE).hexdigest())
    (folder / "card.yaml").write_text(card, encoding="utf-8")
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    monkeypatch.setenv("CUSTLIB_DATA", str(folder.parent))
    return folder


@pytest.fixture(params=["orders", "customers"])
def sales(request, tmp_path, monkeypatch):
    """A data folder with one data set whose main table holds no answers."""
    folder = tmp_path / "sales"
    folder.mkdir()
    (folder / f"{request.param}.csv").write_bytes(ORDERS)
    card = ORDER_CARD.format(sha256=hashlib.sha256(ORDERS).hexdigest(), table=request.param)
    (folder / "card.yaml").write_text(card, encoding="utf-8")
    monkeypatch.setenv("CUSTLIB_DATA", str(tmp_path))
    return folder


def test_the_list_says_of_each_data_set_whether_anybody_was_asked():
    listed = list_datasets().set_index("dataset")
    kinds = {"attitude": "real", "housing": "real", "steel_survey": "simulated"}
    assert {name: listed.loc[name, "kind"] for name in kinds} == kinds
    assert listed.loc["housing", ["tables", "rows"]].tolist() == [2, 1681]
    assert listed.loc["cdnow", ["kind", "tables", "rows"]].tolist() == ["real", 1, 6919]


def test_a_data_set_is_loaded_with_all_that_belongs_to_it():
    steel = load("steel_survey")
    assert set(steel.tables) == {"responses", "firms", "best_worst"}
    assert steel.responses is steel.tables["responses"]
    assert steel.codebook.cluster == "firm"
    assert steel.card.kind == "simulated"
    assert steel.truth["firms"] == len(steel.tables["firms"])


def test_orders_and_customers_are_loaded_without_a_codebook(sales):
    table = next(sales.glob("*.csv")).stem
    dataset = load("sales")
    assert dataset.main == table
    assert dataset.codebook is None
    assert dataset.card.roles == {"customer": "who", "date": "day", "amount": "paid"}
    assert dataset.path() == dataset.path(table) == sales / f"{table}.csv"
    assert getattr(dataset, table)["paid"].tolist() == [4, 6, 5]
    assert list_datasets()[["dataset", "rows"]].to_numpy().tolist() == [["sales", 3]]


def test_a_codebook_beside_orders_is_read_all_the_same(sales):
    book = CODEBOOK.replace("points", "s").replace("rating", "paid")
    (sales / "codebook.yaml").write_text(book, encoding="utf-8")
    assert list(load("sales").codebook.items) == ["paid"]


def test_a_table_of_another_kind_is_not_there(sales):
    with pytest.raises(ParameterError, match=r"(?s)table of sales is 'responses'.*one of: \w+\."):
        load("sales").responses  # noqa: B018


def test_the_project_has_orders_with_and_without_a_truth():
    assert load("cdnow").truth is None
    assert load("orders").truth["simulated"]


def test_real_data_have_no_truth():
    assert load("attitude").truth is None


def test_answers_are_loaded_with_the_codes_of_the_field():
    assert load("steel_survey").responses["price"].isin([98, 99]).any()


def test_a_path_leads_to_the_file_of_a_table():
    steel = load("steel_survey")
    for name in steel.tables:
        assert pd.read_csv(steel.path(name)).equals(steel.tables[name])


def test_a_loaded_data_set_cannot_be_exchanged_in_part():
    with pytest.raises(dataclasses.FrozenInstanceError):
        load("attitude").truth = {}


def test_a_misspelt_name_brings_the_nearest():
    with pytest.raises(ParameterError, match=r"(?s)'steel_servey'.*Did you mean 'steel_survey'\?"):
        load("steel_servey")


def test_a_misspelt_table_brings_the_nearest():
    with pytest.raises(ParameterError, match=r"(?s)'firm'.*Did you mean 'firms'\?"):
        load("steel_survey").path("firm")


def test_an_own_data_folder_takes_the_place_of_the_projects(shops):
    assert list_datasets()["dataset"].tolist() == ["магазины"]
    assert load("магазины").responses["rating"].tolist() == [4, 5]


def test_untouched_files_pass():
    assert verify()["ok"].all()


def test_one_changed_byte_is_found(shops):
    (shops / "responses.csv").write_bytes(TABLE.replace(b"4", b"5"))
    row = verify().iloc[0]
    assert not row["ok"]
    assert row["found"] == hashlib.sha256(TABLE.replace(b"4", b"5")).hexdigest()


def test_a_file_that_is_gone_is_reported_beside_the_others(tmp_path, monkeypatch):
    shutil.copytree(data_folder() / "steel_survey", tmp_path / "steel_survey")
    monkeypatch.setenv("CUSTLIB_DATA", str(tmp_path))
    (tmp_path / "steel_survey" / "truth.json").unlink()
    found = verify().set_index("file")
    assert found.loc["truth.json", "found"] == "absent"
    assert found["ok"].to_dict() == {
        "responses.csv": True,
        "firms.csv": True,
        "best_worst.csv": True,
        "truth.json": False,
    }


def test_loading_without_a_file_names_the_file(shops):
    (shops / "responses.csv").unlink()
    with pytest.raises(DataError, match=r"responses\.csv is absent"):
        load("магазины")


def test_a_card_with_a_word_too_many_is_refused(shops):
    card = shops / "card.yaml"
    card.write_text(card.read_text("utf-8") + "colour: red\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"(?s)card of магазины.*colour"):
        list_datasets()


def test_a_card_without_responses_is_refused(shops):
    card = shops / "card.yaml"
    card.write_text(card.read_text("utf-8").replace("responses.csv", "people.csv"), "utf-8")
    with pytest.raises(DataError, match=r"lists people\.csv"):
        list_datasets()


def test_a_card_with_two_main_tables_is_refused(sales):
    card = sales / "card.yaml"
    second = "  responses.csv: {row: r, rows: 1, sha256: x, columns: {}}\nroles:"
    card.write_text(card.read_text("utf-8").replace("roles:", second), encoding="utf-8")
    with pytest.raises(DataError, match=r"exactly one of responses\.csv, orders\.csv, customers"):
        list_datasets()


@pytest.mark.parametrize(
    "roles, told",
    [
        ("customer: whom", r"(?s)gives a role to whom.*columns of \w+\.csv: who, day, paid"),
        ("buyer: who", r"(?s)card of sales cannot be read.*buyer"),
    ],
)
def test_a_role_of_no_column_or_of_no_meaning_is_refused(sales, roles, told):
    card = sales / "card.yaml"
    card.write_text(card.read_text("utf-8").replace("customer: who", roles), encoding="utf-8")
    with pytest.raises(DataError, match=told):
        list_datasets()


def test_answers_without_their_codebook_are_not_loaded(shops):
    (shops / "codebook.yaml").unlink()
    with pytest.raises(DataError, match=r"codebook\.yaml is absent"):
        load("магазины")


def test_a_data_folder_that_is_not_there_says_how_to_point_at_one(tmp_path, monkeypatch):
    monkeypatch.setenv("CUSTLIB_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"(?s)nowhere.*set CUSTLIB_DATA"):
        verify()
