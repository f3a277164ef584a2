"""The table of customers on the purchases that the models of repeat buying are compared on."""

import numpy as np
import pytest

from custlib.segmentation import customer_table, order_book

BINS = range(8)  # repeat orders in the calibration period, seven or more in the last
FORECASTS = ("bgnbd_expected", "paretonbd_expected", "published_bgnbd", "published_paretonbd")
# Answered for by test_cdnow_models.py, and by it alone.
MODELS = (
    *("bgnbd", "mbgnbd", "paretonbd", "gammagamma"),
    *(f"calib_bin{at}.{name}" for at in BINS for name in FORECASTS),
)
OUT_OF_SCOPE = dict.fromkeys(MODELS, "pinned in test_cdnow_models.py")
CALIBRATED = "1997-09-30"


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("cdnow")


@pytest.fixture(scope="module")
def book(reference):
    """Orders of one day count as one, as in the published table."""
    path = reference.folder / "cdnow_sample_transactions.csv"
    return order_book(path, customer="id", date="date", amount="dollars", merge_days=True)


@pytest.fixture(scope="module")
def summary(book):
    """x repeat orders, t_x weeks from the first to the last order, T weeks since the first."""
    table = customer_table(book, until=CALIBRATED, as_of=CALIBRATED)
    table["x"] = table["n_orders"] - 1
    table["t_x"] = (table["age_days"] - table["recency_days"]) / 7
    table["T"] = table["age_days"] / 7
    return by_number(table)


@pytest.fixture(scope="module")
def whole(book):
    return by_number(customer_table(book))


def by_number(table):
    """Rows by customer number; a csv's ids are text to an order book."""
    return table.assign(id=table["customer"].astype(int)).set_index("id").sort_index()


def test_customers_transactions_days_and_dollars(reference, book, whole):
    rules = book.rules.set_index("rule")
    reference.expect("data.n_customers", len(whole))
    reference.expect("data.n_transactions_raw", rules.loc["all rows", "n"])
    reference.expect("data.n_customer_days", whole["n_orders"].sum())
    reference.expect("data.total_dollars", whole["amount"].sum())
    assert rules.loc["used", "amount"] == pytest.approx(whole["amount"].sum(), abs=1e-6)


def test_repeat_buyers_and_repeat_orders(reference, summary, whole):
    reference.expect("data.n_repeat_buyers", (summary["x"] > 0).sum())
    reference.expect("data.sum_x", summary["x"].sum())
    reference.expect("data.sum_x_holdout", (whole["n_orders"] - summary["n_orders"]).sum())


def test_the_first_customer_of_the_published_note(reference, summary):
    first = summary.loc[1]
    values = {"x": first["x"], "t_x_rounded": first["t_x"], "T_rounded": first["T"]}
    reference.expect_all("data.customer1", values)


def test_every_customer_has_the_row_of_the_summary(reference, summary, whole):
    exact = reference.data("cdnow_summary_exact.csv").set_index("id")
    assert summary.index.equals(exact.index)
    assert summary["x"].equals(exact["x"])
    # The file has ten significant digits.
    for name in ("t_x", "T"):
        np.testing.assert_allclose(summary[name], exact[name], rtol=1e-9, atol=1e-9)
    held_out = whole["n_orders"] - summary["n_orders"]
    assert held_out.equals(exact["x_holdout39"].rename("n_orders"))


def test_the_mean_of_the_repeat_orders_is_what_is_left_of_the_amount(reference, summary):
    exact = reference.data("cdnow_summary_exact.csv").set_index("id")
    orders = reference.data("cdnow_sample_transactions.csv")
    day = orders.groupby(["id", "date"])["dollars"].sum().groupby("id").first()
    repeat = (summary["amount"] - day)[summary["x"] > 0] / summary["x"]
    np.testing.assert_allclose(repeat.fillna(0), exact["zbar_repeat"], rtol=1e-8, atol=1e-8)


def test_the_shipped_table_with_two_decimals_agrees(reference, summary):
    shipped = reference.data("cdnow_summary_rounded.csv").set_index("ID")
    assert summary["x"].to_numpy().tolist() == shipped["x"].tolist()
    for name in ("t_x", "T"):
        np.testing.assert_allclose(summary[name], shipped[name], atol=0.005)


@pytest.mark.parametrize("at", BINS)
def test_later_orders_by_the_number_of_repeat_orders_before(reference, summary, whole, at):
    held_out = whole["n_orders"] - summary["n_orders"]
    chosen = held_out[summary["x"].clip(upper=max(BINS)) == at]
    reference.expect(f"calib_bin{at}.count", len(chosen))
    reference.expect(f"calib_bin{at}.holdout_actual", chosen.mean())


def test_keys_on_models_are_claimed_by_the_file_on_models(claimed_by):
    assert claimed_by("test_cdnow_models.py", "CDNOW") == MODELS


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("cdnow", OUT_OF_SCOPE)
