"""RFM, ABC, XYZ and concentration of a simulated order book, against R's rfm and base R."""

import numpy as np
import pandas as pd
import pytest

from custlib.segmentation import customer_table, order_book
from custlib.segmentation.abc_xyz import abc_classes, abc_xyz_matrix, xyz_classes
from custlib.segmentation.lorenz.measures import concentration, lorenz_points
from custlib.segmentation.rfm import rfm_cuts, rfm_scores, rfm_segments, rfm_summary

AS_OF = pd.Timestamp("2024-12-31")
TIES = {"rfm": "package", "rfm_plain": "below", "rfm_ntile": "equal_groups"}
QUESTIONS = {"recency": "R", "frequency": "F", "monetary": "M"}
SCORES = [f"{question}_score" for question in QUESTIONS]
OUT_OF_SCOPE: dict[str, str] = {
    "totals.customer_days": "a fact of the orders, before there are customers",
    "monthly_total": "sums of the months over all customers, before there are customers",
    "monthly_active": "counts of the months over all customers, before there are customers",
    "monthly_total_cv_ddof1": "of the whole book, not of a customer",
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("rfm_sim")


@pytest.fixture(scope="module")
def customers(reference):
    """Customers in an order of their own, as no result may hang on it."""
    roles = {"customer": "customer_id", "date": "order_date", "amount": "revenue"}
    book = order_book(reference.folder / "orders.csv", as_of=AS_OF, **roles)
    return customer_table(book).sample(frac=1, random_state=1)


@pytest.fixture(scope="module")
def expected(reference):
    return reference.data("expected_customers.csv").set_index("customer_id")


def of(table, column):
    return table.set_index("customer")[column].sort_index()


def test_the_table_of_customers(customers, expected):
    exact = {"recency_days": "recency_days", "n_orders": "transaction_count", "amount": "amount"}
    for name, column in exact.items():
        assert of(customers, name).tolist() == expected[column].tolist(), name
    close = {
        "active_share": "active_share",
        "amount_cv": "cv_ddof1",
        "amount_cv_since_first": "cv_since_first",
    }
    for name, column in close.items():  # the file has 12 digits
        np.testing.assert_allclose(of(customers, name), expected[column], rtol=1e-11, err_msg=name)


def test_totals_of_the_table(reference, customers):
    amounts = customers["amount"]
    values = {
        "customers": len(customers),
        "orders": customers["n_orders"].sum(),
        "revenue": amounts.sum(),
        "aov": amounts.sum() / customers["n_orders"].sum(),
        "orders_per_customer": customers["n_orders"].mean(),
        "repeat_customers": (customers["n_orders"] > 1).sum(),
        "distinct_recency": customers["recency_days"].nunique(),
        "distinct_amount": amounts.nunique(),
        "tied_amount_customers": amounts.duplicated(keep=False).sum(),
    }
    for name, value in values.items():
        reference.expect(f"totals.{name}", value)
    variation = customers["amount_cv"].agg(["min", "median", "mean", "max"])
    reference.expect_all("cv_summary_ddof1", variation)


def test_the_cuts_of_the_package(reference, customers):
    cuts = rfm_cuts(customers, ties="package").groupby("measure")["estimate"]
    for question in QUESTIONS:
        values = cuts.get_group(question).to_list()
        names = [f"c{at}" for at in range(1, 5)]
        reference.expect_all(f"rfm.cut_{question}", dict(zip(names, values, strict=True)))


@pytest.mark.parametrize("prefix", TIES)
def test_scores_of_each_customer_under_each_rule_of_ties(reference, customers, expected, prefix):
    found = rfm_scores(customers, ties=TIES[prefix])
    kind = prefix.removeprefix("rfm")
    for question, letter in QUESTIONS.items():
        scores = of(found, f"{question}_score")
        assert scores.tolist() == expected[letter + kind].tolist()
        key = f"{prefix}.count_{question}" if prefix == "rfm" else f"{prefix}.count_{letter}{kind}"
        counts = scores.value_counts()
        reference.expect_all(key, {f"s{score}": counts.get(score, 0) for score in range(1, 6)})


def test_the_scores_as_one_number(reference, customers):
    found = rfm_scores(customers, ties="package")
    joint = found[SCORES] @ [100, 10, 1]
    reference.expect("rfm.distinct_scores", joint.nunique())
    reference.expect("rfm.sum_of_scores", joint.sum())
    plain = rfm_scores(customers)
    differ = (plain[SCORES] != found[SCORES]).any(axis=1).sum()
    reference.expect("rfm_plain.differs_from_package", differ)


def test_segments_by_the_first_rule_that_matches(reference, customers, expected):
    rules = reference.data("segment_rules.csv")
    rules = rules.rename(
        columns={
            f"{letter}_{short}": f"{question}_{end}"
            for question, letter in QUESTIONS.items()
            for short, end in (("lo", "low"), ("hi", "high"))
        }
    )
    scored = rfm_scores(customers, ties="package")
    found = rfm_segments(scored, rules=rules, overlap="first", rest="Others")
    assert of(found, "segment").tolist() == expected["segment"].tolist()
    names = [*rules["segment"], "Others"]
    summary = rfm_summary(found, segments=names).set_index("segment")
    assert summary.index.tolist() == names
    for name, row in summary.iterrows():
        key = "".join(one if one.isalpha() else "_" for one in name)
        values = {"customers": row["n"], "orders": row["n_orders"], "revenue": row["amount"]}
        if row["n"]:
            values |= {
                "median_recency": row["median_recency_days"],
                "median_frequency": row["median_orders"],
                "median_amount": row["median_amount"],
            }
        reference.expect_all(f"segment.{key}", values)


@pytest.mark.parametrize("rule, crossing", [("inclusive", "down"), ("crossing", "up")])
def test_abc_with_the_customer_who_crosses_going_down_or_up(
    reference, customers, expected, rule, crossing
):
    found = abc_classes(customers, crossing=crossing)
    assert of(found, "abc").tolist() == expected[f"abc_{rule}"].tolist()
    np.testing.assert_allclose(of(found, "abc_share"), expected["cum_share"], rtol=1e-11)
    for name, members in found.groupby("abc"):
        values = {"customers": len(members), "revenue": members["amount"].sum()}
        reference.expect_all(f"abc.{rule}.{name}", values)


def test_who_crosses_the_cuts(reference, customers):
    up, down = (of(abc_classes(customers, crossing=way), "abc") for way in ("up", "down"))
    reference.expect("abc.differs", (up != down).sum())
    changed = {up[name]: name for name in up.index[up != down]}
    reference.expect("abc.first_customer_crossing_80", changed["A"])
    reference.expect("abc.first_customer_crossing_95", changed["B"])


XYZ = {
    "xyz_cv_ddof1": {"rule": "variation"},
    "xyz_cv_since_first": {"rule": "variation", "since_first": True},
    "xyz_frequency": {},
}


@pytest.mark.parametrize("prefix", XYZ)
def test_xyz_by_each_rule(reference, customers, expected, prefix):
    found = of(xyz_classes(customers, **XYZ[prefix]), "xyz")
    known = {"xyz_cv_ddof1": "xyz_cv", "xyz_cv_since_first": "xyz_since_first"}
    column = expected[known.get(prefix, prefix)]
    assert found.fillna("").tolist() == column.fillna("").tolist()
    counts = found.value_counts()
    values = {name: counts.get(name, 0) for name in "XYZ"}
    if prefix == "xyz_cv_since_first":
        values["missing"] = found.isna().sum()
    reference.expect_all(prefix, values)


def test_xyz_by_the_deviation_with_n_in_place_of_n_less_one(reference, customers):
    smaller = customers.assign(amount_cv=customers["amount_cv"] * (23 / 24) ** 0.5)
    counts = xyz_classes(smaller, rule="variation")["xyz"].value_counts()
    reference.expect_all("xyz_cv_ddof0", {name: counts.get(name, 0) for name in "XYZ"})


@pytest.mark.parametrize("name, rule", [("cv", "variation"), ("frequency", "frequency")])
def test_the_nine_cells(reference, customers, name, rule):
    found = abc_xyz_matrix(xyz_classes(abc_classes(customers), rule=rule))
    values = {}
    for row in found.to_dict("records"):
        values[f"{row['abc']}{row['xyz']}.customers"] = row["n"]
        values[f"{row['abc']}{row['xyz']}.revenue"] = row["amount"]
    reference.expect_all(f"cell_crossing_{name}", values)


def test_gini_shares_and_the_number_of_equal_customers(reference, customers):
    found = concentration(customers).set_index("measure")
    value = found["estimate"]
    reference.expect("gini", value["gini"])
    reference.expect("gini_mean_difference_check", value["gini"])
    reference.expect("gini_unbiased", value["gini_unbiased"])

    def held(count):
        table = concentration(customers, top=count / 600).set_index("measure")
        assert table.loc["top_share", "customer_share"] == pytest.approx(count / 600, abs=1e-12)
        return table.loc["top_share", "estimate"]

    reference.expect_all(
        "concentration",
        {
            "top20_n": found.loc["top_share", "customer_share"] * 600,
            "top20_share": value["top_share"],
            "top10pct_share": held(60),
            "top1_share": held(1),
            "cr4": held(4),
            "hhi": value["hhi"],
            "hhi_10000": 1e4 * value["hhi"],
            "effective_number": value["effective_number"],
            "n_for_80": found.loc["share_needed", "numerator"],
            "share_of_customers_for_80": value["share_needed"],
        },
    )


def test_the_lorenz_curve_at_tenths(reference, customers):
    points = lorenz_points(customers, points=10)["estimate"]
    reference.expect_all("lorenz", {f"p{10 * at}": points[at] for at in range(1, 10)})


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("rfm_sim", OUT_OF_SCOPE)
