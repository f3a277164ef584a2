"""RFM scores of ten customers by hand, under the three rules of ties and own cut points."""

import pandas as pd
import pytest
from table import table

from custlib.segmentation.rfm import rfm_cuts, rfm_scores

customers = table(
    """
    customer | recency_days | n_orders | amount
    ---------+--------------+----------+-------
    j        |            1 |        1 |     10
    i        |           10 |        1 |     20
    h        |           20 |        1 |     30
    g        |           30 |        1 |     40
    f        |           40 |        2 |     50
    e        |           50 |        2 |     60
    d        |           60 |        3 |     70
    c        |           70 |        4 |     80
    b        |           80 |        5 |     90
    a        |           90 |        9 |    100
    """
)


def scores(question, **options):
    return rfm_scores(customers, **options)[f"{question}_score"].tolist()


def test_cuts_are_quantiles_of_type_seven():
    # At the share p the type 7 quantile lies at place 1 + 9p: 2.8, 4.6, 6.4, 8.2.
    cuts = rfm_cuts(customers).set_index("measure")["estimate"]
    assert cuts["monetary"].tolist() == pytest.approx([28, 46, 64, 82])
    assert cuts["frequency"].tolist() == pytest.approx([1, 1.6, 2.4, 4.2])


def test_a_score_is_one_more_than_the_cuts_strictly_below():
    assert scores("monetary") == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_few_days_are_good():
    # Cuts of the days: 18, 36, 54, 72; the score is 5 less the cuts strictly below.
    assert scores("recency") == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


def test_equal_values_share_a_score_and_may_leave_one_empty():
    # Cuts of the orders: 1, 1.6, 2.4, 4.2. Four customers with one order, nobody in score 2.
    assert scores("frequency") == [1, 1, 1, 1, 3, 3, 4, 4, 5, 5]


def test_the_package_adds_one_to_the_cuts():
    # Orders against 2, 2.6, 3.4, 5.2: a value at a cut goes up.
    assert scores("frequency", ties="package") == [1, 1, 1, 1, 2, 2, 3, 4, 4, 5]


def test_groups_of_one_size_part_equal_values_by_name():
    # One order each: g, h, i, j by name; two orders: e before f.
    by_name = dict(
        zip(customers["customer"], scores("frequency", ties="equal_groups"), strict=True)
    )
    assert [by_name[name] for name in "ghijefdcba"] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_groups_of_one_size_count_recency_from_the_longest_absence():
    assert scores("recency", ties="equal_groups") == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


def test_own_cut_points():
    cuts = {"recency": [10, 20, 50, 80], "monetary": [25, 50, 75, 95]}
    assert scores("monetary", cuts=cuts) == [1, 1, 2, 2, 2, 3, 3, 4, 4, 5]
    assert scores("recency", cuts=cuts) == [5, 5, 4, 3, 3, 3, 2, 2, 2, 1]
    assert scores("frequency", cuts=cuts) == scores("frequency")


def test_three_scores():
    # Thirds of ten values by type 7: cuts at places 4 and 7.
    assert scores("monetary", scores=3) == [1, 1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_a_customer_who_never_ordered_was_last_here_endlessly_ago():
    never = pd.DataFrame(
        {"customer": ["z"], "recency_days": [None], "n_orders": [0], "amount": [-5.0]}
    )
    found = rfm_scores(pd.concat([customers, never], ignore_index=True))
    assert found["recency_score"].tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 1]
