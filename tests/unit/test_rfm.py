"""RFM: tables of rules are proven, scores and segments refuse what they cannot read."""

import numpy as np
import pandas as pd
import pytest

from custlib.errors import DataError, ParameterError
from custlib.segmentation.rfm import (
    check_rules,
    rfm_cuts,
    rfm_rules,
    rfm_scores,
    rfm_segments,
    rfm_summary,
)

SCORES = ["recency_score", "frequency_score", "monetary_score"]


def base(n, seed=1):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer": range(n),
            "recency_days": random.integers(0, 300, n).astype(float),
            "n_orders": random.geometric(0.3, n),
            "amount": np.round(random.lognormal(4, 1, n)),
        }
    )


def cells():
    grid = np.stack(np.meshgrid(*[range(1, 6)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    return pd.DataFrame(grid, columns=SCORES)


# --- scores ---


def test_the_input_is_not_changed_and_only_scores_are_added():
    table = base(50).set_axis(range(50, 0, -1))
    found = rfm_scores(table)
    assert found.columns.tolist() == [*table.columns, *SCORES]
    assert found.index.equals(table.index)
    assert (found[SCORES].dtypes == np.int64).all()
    assert found[SCORES].min().min() == 1
    assert found[SCORES].max().max() == 5


@pytest.mark.parametrize("ties", ["below", "package", "equal_groups"])
def test_one_customer_is_scored(ties):
    found = rfm_scores(base(1), ties=ties)[SCORES]
    assert found.notna().all(axis=None)


def test_when_all_are_equal_they_share_a_score():
    table = base(20).assign(recency_days=3.0, n_orders=1, amount=9.0)
    assert rfm_scores(table)[SCORES].drop_duplicates().to_numpy().tolist() == [[5, 1, 1]]
    assert set(rfm_cuts(table)["note"]) == {"equals another cut"}


def test_nobody_ever_ordered():
    table = base(4).assign(recency_days=np.nan)
    assert rfm_scores(table)["recency_score"].tolist() == [1] * 4
    assert rfm_cuts(table).query("measure == 'recency'")["estimate"].isna().all()


@pytest.mark.parametrize(
    "change, match",
    [
        ({"amount": [1, None, 3]}, "1 missing values in 'amount'"),
        ({"n_orders": [1, None, 3]}, "1 missing values in 'n_orders'"),
        ({"customer": [1, 1, 2]}, "repeated customer"),
        ({"recency_score": 1}, "already has: recency_score"),
        ({"amount": ["a", 1, 2]}, "not a number"),
    ],
)
def test_unusable_tables_are_refused(change, match):
    with pytest.raises(DataError, match=match):
        rfm_scores(base(3).assign(**change))


@pytest.mark.parametrize(
    "options",
    [
        {"scores": 1},
        {"ties": "random"},
        {"scores": 2.5},
        {"cuts": "recency"},
        {"cuts": {"days": [1, 2, 3, 4]}},
        {"cuts": {"recency": [1, 2, 3]}},
        {"cuts": {"monetary": [1, 2, 2, 3]}},
        {"cuts": {"monetary": [1, 2, np.nan, 3]}},
    ],
)
def test_unusable_arguments_are_refused(options):
    with pytest.raises(ParameterError):
        rfm_scores(base(3), **options)


# --- rules ---


def test_the_shipped_rules_part_all_125_cells():
    check_rules(rfm_rules())
    rules = rfm_rules()
    matched = [
        sum(
            row[f"{one}_low"] <= cell[at] <= row[f"{one}_high"]
            for at, one in enumerate(("recency", "frequency", "monetary"))
        )
        == 3
        for cell in cells().to_numpy()
        for row in rules.to_dict("records")
    ]
    assert np.reshape(matched, (125, len(rules))).sum(axis=1).tolist() == [1] * 125


def test_an_uncovered_and_a_doubled_cell_are_named():
    rules = rfm_rules()
    with pytest.raises(DataError, match=r"8 of 125 cells in no rule: \(4, 4, 4\), \(4, 4, 5\)"):
        check_rules(rules.iloc[1:])
    lost = rules.index[rules["segment"] == "Lost"][0]
    rules.loc[lost, "frequency_high"] = 2
    with pytest.raises(DataError, match=r"5 of 125 cells in several rules: \(1, 2, 1\)"):
        check_rules(rules)


@pytest.mark.parametrize(
    "change",
    [
        {"recency_low": 0},
        {"recency_high": 6},
        {"monetary_low": 2.5},
        {"frequency_low": np.nan},
        {"segment": None},
        {"recency_low": 5, "recency_high": 4},
    ],
)
def test_a_rule_nobody_can_match_is_refused(change):
    rules = rfm_rules().astype({"monetary_low": float, "frequency_low": float})
    for column, value in change.items():
        rules.loc[2, column] = value
    with pytest.raises(DataError, match=r"1 rules that no customer can match; first rows: \[2\]"):
        check_rules(rules)


def test_rules_without_their_columns_are_refused():
    with pytest.raises(DataError, match="monetary_high"):
        check_rules(rfm_rules().drop(columns="monetary_high"))
    with pytest.raises(DataError, match="segment"):
        rfm_segments(cells(), rules=rfm_rules().drop(columns="segment"))


def test_rules_for_three_scores():
    whole = pd.DataFrame([("All", 1, 3, 1, 3, 1, 3)], columns=rfm_rules().columns)
    check_rules(whole, scores=3)
    with pytest.raises(DataError, match="98 of 125 cells in no rule"):
        check_rules(whole)


# --- segments ---


def test_every_cell_has_the_segment_of_its_box():
    found = rfm_segments(cells())
    for row in rfm_rules().to_dict("records"):
        inside = np.all(
            [
                found[f"{one}_score"].between(row[f"{one}_low"], row[f"{one}_high"])
                for one in ("recency", "frequency", "monetary")
            ],
            axis=0,
        )
        assert set(found["segment"][inside]) == {row["segment"]}


def test_overlap_and_rest_are_refused_unless_their_meaning_is_said():
    columns = rfm_rules().columns
    rules = pd.DataFrame(
        [("Best", 4, 5, 4, 5, 1, 5), ("Recent", 3, 5, 1, 5, 1, 5)], columns=columns
    )
    for options in ({}, {"overlap": "first"}, {"rest": "Others"}):
        with pytest.raises(DataError):
            rfm_segments(cells(), rules=rules, **options)
    found = rfm_segments(cells(), rules=rules, overlap="first", rest="Others")
    assert found["segment"].value_counts().to_dict() == {"Best": 20, "Recent": 55, "Others": 50}


@pytest.mark.parametrize("score", [0, 6, 2.5, np.nan])
def test_scores_off_the_scale_are_refused(score):
    table = cells().astype(float)
    table.loc[3, "frequency_score"] = score
    with pytest.raises(
        DataError, match="1 scores in 'frequency_score' off the scale; first: row 3"
    ):
        rfm_segments(table)


# --- summary ---


def test_shares_of_a_summary_sum_to_one_and_the_missing_are_a_group():
    table = base(40).assign(segment=["a", "b", None, "b"] * 10, profit=2.0)
    found = rfm_summary(table, profit="profit")
    assert set(found["segment"]) == {"a", "b", "(missing)"}
    for column in ("estimate", "amount_share", "profit_share"):
        assert found[column].sum() == pytest.approx(1)
    assert found["n"].sum() == found["denominator"].iloc[0] == 40
    assert found["amount"].is_monotonic_decreasing


@pytest.mark.parametrize(
    "names, order",
    [
        (pd.array([10, 2, None, 2], dtype="Int64"), [2, 10, "(missing)"]),
        (pd.Series([10, 2, None, 2], dtype=object), [2, 10, "(missing)"]),
        (pd.array([True, False, None, False], dtype="boolean"), [False, True, "(missing)"]),
        ([1, "a", None, "a"], ["a", 1, "(missing)"]),
    ],
)
def test_segments_that_are_not_text_and_lack_one_are_summed(names, order):
    firms = pd.DataFrame({"segment": names, "n_orders": 1, "recency_days": [1, 2, 3, 4]})
    found = rfm_summary(firms.assign(amount=[2.0, 1.0, 2.0, 2.0]))
    assert found["segment"].tolist() == order
    assert found.set_index("segment").loc[order, "n"].tolist() == [2, 1, 1]
    assert found["amount"].tolist() == [3, 2, 2]


def test_segments_of_one_revenue_stand_in_the_order_of_their_numbers():
    firms = pd.DataFrame({"segment": [10, 2, 1], "n_orders": 1, "recency_days": 1, "amount": 5.0})
    assert rfm_summary(firms)["segment"].tolist() == [1, 2, 10]


def test_a_segment_named_twice_is_refused():
    firms = pd.DataFrame({"segment": ["a", None], "n_orders": 1, "recency_days": 1, "amount": 5.0})
    for segments in (["a", "a"], ["a", "(missing)"]):
        with pytest.raises(DataError, match="More than one segment would be called"):
            rfm_summary(firms, segments=segments)


def test_cuts_of_no_order_say_so():
    cuts = rfm_cuts(base(5).assign(recency_days=np.nan)).set_index("measure")
    assert cuts.loc["recency", "estimate"].isna().all()
    assert set(cuts.loc["recency", "note"]) == {"no customer with an order"}


def test_a_sum_not_above_zero_has_no_shares_and_a_note():
    table = base(2).assign(segment=["a", "b"], amount=[5.0, 1.0], profit=[1.0, -1.0])
    found = rfm_summary(table, segments=["a", "b", "empty"], profit="profit")
    assert found["profit_share"].isna().all()
    assert found["amount_share"].tolist() == [5 / 6, 1 / 6, 0]
    told = "profit does not sum to more than zero"
    assert found["note"].tolist() == [told, told, "no customer"]


def test_named_segments_keep_their_order_and_empty_ones_a_row():
    table = base(4).assign(segment=["a", "b", "a", "b"])
    found = rfm_summary(table, segments=["b", "empty", "a"])
    assert found["segment"].tolist() == ["b", "empty", "a"]
    assert found["note"].tolist() == ["", "no customer", ""]
    assert found["n"].tolist() == [2, 0, 2]
    as_series = rfm_summary(table, segments=pd.Series(["b", "empty", "a"]))
    assert as_series["segment"].tolist() == ["b", "empty", "a"]
    with pytest.raises(DataError, match="not among those named: b"):
        rfm_summary(table, segments=["a"])


@pytest.mark.parametrize("ties", ["below", "equal_groups"])
def test_none_of_a_million_customers_is_lost(ties):
    table = base(10**6).assign(n_orders=1)
    assert rfm_summary(rfm_segments(rfm_scores(table, ties=ties)))["n"].sum() == 10**6


@pytest.mark.parametrize("scores", [-1, 2.5])
def test_a_number_of_scores_that_is_no_whole_number_is_refused(scores):
    with pytest.raises(ParameterError, match="Expected a whole number, at least 1"):
        check_rules(rfm_rules(), scores=scores)
    with pytest.raises(ParameterError, match="Expected a whole number, at least 1"):
        rfm_segments(cells(), scores=scores)
