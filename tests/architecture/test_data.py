"""Data sets are what their cards say: files, checksums, columns, codebooks, simulated or real."""

import hashlib
import json
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import custlib
from custlib.datasets import list_datasets, load
from custlib.datasets.catalogue import MAIN_TABLES
from custlib.datasets.simulate import simulate_steel_survey
from custlib.survey.reading.responses import read_responses

DATA = Path(custlib.__file__).resolve().parent.parent / "data"
NAMES = sorted(path.name for path in DATA.iterdir() if path.is_dir())
# Every data set is one of a kind: answers with a codebook, an order book, customers and so on.
KINDS = [main for name in NAMES for main in MAIN_TABLES if (DATA / name / f"{main}.csv").exists()]
SURVEYS, ORDER_BOOKS, CUSTOMERS = (
    [name for name in NAMES if (DATA / name / f"{main}.csv").exists()]
    for main in ("responses", "orders", "customers")
)
ORACLES = Path(__file__).parents[1] / "oracles"
LANGUAGES = {"en", "ru", "sl"}


@pytest.fixture(scope="module", params=NAMES)
def dataset(request):
    return load(request.param)


@pytest.fixture(scope="module", params=SURVEYS)
def surveyed(request):
    return load(request.param)


@pytest.fixture(scope="module", params=ORDER_BOOKS)
def ordered(request):
    return load(request.param)


@pytest.fixture(scope="module", params=CUSTOMERS)
def listed(request):
    return load(request.param)


def test_every_data_set_has_one_main_table():
    assert len(KINDS) == len(NAMES)


def test_answers_have_a_codebook_and_other_tables_say_which_column_is_what(dataset):
    if dataset.main == "responses":
        assert dataset.codebook is not None
        assert dataset.card.roles == {}
    else:
        columns = dataset.card.roles.values()
        assert set(MAIN_TABLES[dataset.main]) <= set(dataset.card.roles)
        assert len(set(columns)) == len(columns)
        assert set(columns) <= set(dataset.tables[dataset.main])


def test_every_folder_of_data_is_in_the_catalogue():
    assert list_datasets()["dataset"].tolist() == NAMES


def test_every_file_of_a_folder_is_on_its_card(dataset):
    listed = {*dataset.card.tables, *dataset.card.files, "card.yaml"}
    listed |= {"codebook.yaml"} if dataset.codebook else set()
    assert {path.name for path in dataset.folder.iterdir()} == listed


def test_the_checksums_on_the_card_are_those_of_the_files(dataset):
    sums = {name: table.sha256 for name, table in dataset.card.tables.items()}
    for name, expected in (sums | dataset.card.files).items():
        assert hashlib.sha256((dataset.folder / name).read_bytes()).hexdigest() == expected, name


def test_the_card_describes_every_column_in_order_and_counts_the_rows(dataset):
    for name, card in dataset.card.tables.items():
        table = pd.read_csv(dataset.folder / name)
        assert list(table) == list(card.columns), name
        assert len(table) == card.rows, name
        assert all(card.columns.values()), name


def test_text_files_end_their_lines_the_same_everywhere(dataset):
    for path in dataset.folder.iterdir():
        assert b"\r" not in path.read_bytes(), path.name


def test_a_simulation_says_so_and_keeps_its_truth_and_seed(dataset):
    if dataset.card.kind == "simulated":
        assert "simulated" in dataset.card.title
        assert not dataset.codebook or "simulated" in dataset.codebook.title["en"]
        assert dataset.truth["simulated"] is True
        assert dataset.card.seed is not None
    else:
        assert "simulated" not in dataset.card.title
        assert dataset.truth is None
        assert dataset.card.seed is None


def test_the_card_names_source_licence_and_units(dataset):
    for text in (dataset.card.source, dataset.card.licence, dataset.card.units, dataset.card.why):
        assert len(text.split()) >= 3, text


def test_every_variable_of_the_codebook_is_a_column(surveyed):
    assert set(surveyed.codebook.columns.values()) <= set(surveyed.responses)


def test_every_answer_is_on_its_scale_or_a_declared_missing_code(surveyed):
    for item in surveyed.codebook.items:
        scale = surveyed.codebook.scale_of(item)
        allowed = {*range(scale.low, scale.high + 1), *map(int, scale.missing)}
        assert set(surveyed.responses[item].dropna()) <= allowed, item


def test_every_survey_is_read_through_its_codebook(surveyed):
    responses = read_responses(surveyed.path(), codebook=surveyed.codebook)
    assert len(responses) == surveyed.card.tables["responses.csv"].rows
    for item in surveyed.codebook.items:
        scale = surveyed.codebook.scale_of(item)
        assert responses[item].dropna().between(scale.low, scale.high).all(), item
        stored = surveyed.responses[item]
        absent = stored.isna() | stored.isin([int(code) for code in scale.missing])
        assert responses[item].isna().tolist() == absent.tolist(), item


def test_every_group_of_the_data_is_in_the_codebook_and_the_other_way_round(surveyed):
    for name, group in surveyed.codebook.groups.items():
        assert set(surveyed.responses[name]) == set(group.values), name


def test_every_text_is_there_in_each_language(surveyed):
    book = surveyed.codebook
    texts = {"title": book.title}
    for name, part in {**book.items, **book.blocks, **book.groups}.items():
        texts[name] = part.label
    for name, item in book.items.items():
        texts |= {f"{name} wording": item.wording} if item.wording else {}
    for name, scale in book.scales.items():
        texts |= {f"{name} {code}": text for code, text in (scale.labels | scale.missing).items()}
    for name, group in book.groups.items():
        texts |= {f"{name} {value}": text for value, text in group.values.items()}
    texts |= {name: statement.text for name, statement in book.statements.items()}
    assert {name for name, text in texts.items() if set(text) != LANGUAGES} == set()


# --- order books and tables of customers ---


def test_an_order_book_says_who_bought_when_and_for_how_much(ordered):
    roles = ordered.card.roles
    assert {"customer", "date", "amount"} <= set(roles)
    orders = ordered.orders
    days = pd.to_datetime(orders[roles["date"]], format="%Y-%m-%d")
    assert days.notna().all()
    for role in set(roles) & {"amount", "profit", "quantity"}:
        assert np.isfinite(orders[roles[role]].to_numpy(float)).all(), role


def test_an_order_book_has_no_flaw_that_its_truth_does_not_count(ordered):
    roles, orders = ordered.card.roles, ordered.orders
    flaws = (ordered.truth or {}).get("dirt", {})
    assert orders[roles["customer"]].isna().sum() == flaws.get("missing_customers", 0)
    assert (orders[roles["amount"]] < 0).sum() == sum(
        flaws.get(name, 0) for name in ("returns", "cancellations")
    )
    if "order" in roles:
        assert orders[roles["order"]].notna().all()
        assert orders[roles["order"]].duplicated().sum() == flaws.get("duplicates", 0)


def test_a_table_of_customers_has_one_row_a_customer(listed):
    customer = listed.customers[listed.card.roles["customer"]]
    assert customer.notna().all()
    assert customer.is_unique


def test_the_numbers_of_customers_are_finite_or_missing(listed):
    numbers = listed.customers.select_dtypes("number").to_numpy(float)
    assert not np.isinf(numbers).any()
    assert listed.customers.notna().any().all()


# --- steel_survey ---


def test_the_steel_files_are_what_the_generator_gives_at_the_seed_on_the_card(tmp_path):
    steel = load("steel_survey")
    simulate_steel_survey(seed=steel.card.seed).write(tmp_path)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == sorted({*steel.card.tables, *steel.card.files})
    for name in written:
        assert (tmp_path / name).read_bytes() == (steel.folder / name).read_bytes(), name


@pytest.mark.parametrize("margin", ["market", "role"])
def test_the_steel_targets_are_the_tonnes_of_the_frame(margin):
    steel = load("steel_survey")
    tonnes = steel.tables["firms"].groupby(margin)["tonnes"].sum()
    targets = steel.codebook.targets[margin]
    assert targets == pytest.approx((tonnes / tonnes.sum()).to_dict(), abs=5e-7)
    assert sum(targets.values()) == pytest.approx(1, abs=1e-12)


def test_the_steel_population_is_the_firms_of_the_frame():
    steel = load("steel_survey")
    assert steel.codebook.population == steel.tables["firms"]["market"].value_counts().to_dict()


def test_the_steel_codebook_holds_the_seven_findings_and_fourteen_attributes():
    book = load("steel_survey").codebook
    assert len(book.statements) == 7
    blocks = Counter(item.block for item in book.items.values() if item.block)
    assert blocks == {"product": 3, "shipment": 4, "service": 5, "commercial": 2}


def test_the_steel_truth_satisfies_every_bound_of_the_statements():
    steel = load("steel_survey")
    truth = steel.truth
    for statement in steel.codebook.statements.values():
        for condition in statement.holds_if:
            if condition.measure == "top_box":
                by, group = condition.by or "everyone", condition.group or "everyone"
                values = truth["top_box"][by][group]
            else:
                values = truth[condition.measure]
            for item in condition.items:
                assert condition.above is None or values[item] > condition.above, item
                assert condition.below is None or values[item] < condition.below, item


def test_the_steel_truth_is_readable_json_with_whole_sections():
    truth = json.loads((DATA / "steel_survey" / "truth.json").read_text(encoding="utf-8"))
    assert set(truth) >= {"mean", "top_box", "difference", "deviation", "planted"}


# --- housing and attitude ---


def test_the_housing_residents_are_the_published_cells_repeated():
    housing = load("housing")
    keys = ["satisfaction", "influence", "dwelling", "contact"]
    steps = {1: "low", 2: "medium", 3: "high"}
    people = housing.responses.assign(satisfaction=housing.responses["satisfaction"].map(steps))
    cells = housing.tables["cells"]
    assert len(cells) == len(cells[keys].drop_duplicates()) == 72
    assert people.groupby(keys).size().to_dict() == cells.set_index(keys)["count"].to_dict()


def test_the_housing_counts_are_those_of_the_published_table():
    satisfaction = load("housing").responses["satisfaction"].value_counts().to_dict()
    assert satisfaction == {1: 567, 2: 446, 3: 668}


def test_the_attitude_ratings_have_the_published_mean():
    # help(attitude) in R: mean(attitude$rating) is 64.63333.
    rating = load("attitude").responses["rating"]
    assert rating.mean() == pytest.approx(64.63333, abs=5e-6)


# --- cdnow ---


def test_the_cdnow_orders_are_those_of_the_oracle():
    copied = (ORACLES / "cdnow" / "cdnow_sample_transactions.csv").read_bytes()
    assert load("cdnow").path().read_bytes() == copied


def test_the_cdnow_orders_have_the_published_counts():
    # Fader, Hardie & Lee (2005): 2,357 customers; the file of the sample: 6,919 transactions.
    orders = load("cdnow").orders
    assert (orders["id"].nunique(), len(orders)) == (2357, 6919)
    assert (orders["date"].min(), orders["date"].max()) == ("1997-01-01", "1998-06-30")
    assert orders.groupby("id")["date"].min().max() < "1997-04-01"


def test_git_keeps_the_bytes_of_the_data():
    rules = (DATA / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "* -text" in rules
    tracked = subprocess.run(
        ["git", "check-attr", "text", "housing/cells.csv"],
        cwd=DATA,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tracked.returncode or tracked.stdout.strip().endswith("unset")
