"""ABC classes: cumulated shares, who crosses a cut, and limits read off the curve."""

import math

import numpy as np
import pandas as pd
import pytest
from table import table

from custlib.segmentation.abc_xyz import abc_classes, abc_limits

customers = table(
    """
    customer | amount
    ---------+-------
    east     |     40
    north    |     20
    west     |     12
    south    |      8
    alpha    |      6
    beta     |      5
    gamma    |      4
    delta    |      3
    omega    |      1
    kappa    |      1
    """
)


def classes(frame, **options):
    return "".join(abc_classes(frame, **options)["abc"])


def test_shares_are_cumulated_from_the_largest_customer_down():
    found = abc_classes(customers)["abc_share"].tolist()
    assert found == pytest.approx([0.4, 0.6, 0.72, 0.8, 0.86, 0.91, 0.95, 0.98, 1, 0.99])


def test_a_customer_exactly_at_a_cut_crosses_nothing():
    # 80 % end with south, 95 % with gamma: both rules agree.
    assert classes(customers) == classes(customers, crossing="down") == "AAAABBBCCC"


def test_who_crosses_goes_up_or_down():
    # south crosses 75 % (from 72 to 80); beta crosses 90 % (from 86 to 91).
    cuts = {"a_cut": 0.75, "b_cut": 0.90}
    assert classes(customers, **cuts) == "AAAABBCCCC"
    assert classes(customers, **cuts, crossing="down") == "AAABBCCCCC"


def test_going_down_may_leave_a_empty():
    one = pd.DataFrame({"customer": ["a", "b"], "amount": [90, 10]})
    assert classes(one) == "AB"
    assert classes(one, crossing="down") == "BC"


def test_equal_values_are_parted_by_name():
    ties = pd.DataFrame({"customer": ["b", "c", "a"], "amount": [5, 5, 5]})
    # a has 33 %, b 67 %, c 100 %.
    assert abc_classes(ties, a_cut=0.5, b_cut=0.9)["abc_share"].tolist() == pytest.approx(
        [2 / 3, 1, 1 / 3]
    )
    assert classes(ties, a_cut=0.3, b_cut=0.5) == "BCA"


def test_customers_at_or_below_zero_are_c_and_take_no_share():
    book = pd.DataFrame({"customer": list("abcd"), "amount": [90, 10, 0, -50]})
    found = abc_classes(book)
    assert found["abc"].tolist() == ["A", "B", "C", "C"]
    assert found["abc_share"].tolist() == pytest.approx([0.9, 1, 1, 1])


def test_limits_are_read_off_the_curve():
    # Squared distance to (0, 1) at three customers: 0.3² + 0.28² = 0.1684; at two 0.04 + 0.16,
    # at four 0.16 + 0.04. The mean is 10: three customers are not below it.
    found = abc_limits(customers).set_index("measure")
    assert found.loc[["pareto_point", "break_even", "a_limit"], "n"].tolist() == [3, 3, 3]
    # To (0.3, 1): at four 0.01 + 0.04 = 0.05, at five 0.04 + 0.0196 = 0.0596.
    assert found.loc[["submarginal", "b_limit"], "n"].tolist() == [4, 4]
    assert found.loc["a_limit", ["estimate", "amount_share", "customer_share"]].tolist() == (
        pytest.approx([12, 0.72, 0.3])
    )
    assert classes(customers, limits="computed") == "AAABCCCCCC"


def test_the_second_of_the_two_points_sets_the_limit_of_b():
    # Nearest to (0, 1) lies later than break-even: mean 10, only one above it.
    book = pd.DataFrame({"customer": range(10), "amount": [19, 9.5, 9.4, 9.3, 9.2] + [8.72] * 5})
    found = abc_limits(book).set_index("measure")["n"]
    total = np.cumsum(book["amount"]) / 100
    share = np.arange(1, 11) / 10
    pareto = int(np.argmin([math.hypot(x, 1 - y) for x, y in zip(share, total, strict=True)])) + 1
    assert book["amount"].sum() == pytest.approx(100)
    assert found["pareto_point"] == pareto == 4
    assert found["break_even"] == found["a_limit"] == 1
    away = [math.hypot(x - pareto / 10, 1 - y) for x, y in zip(share, total, strict=True)]
    assert found["submarginal"] == int(np.argmin(away)) + 1 == 7


def test_no_value_above_zero_leaves_only_c():
    book = pd.DataFrame({"customer": [1, 2], "amount": [0, -1]})
    assert classes(book) == classes(book, limits="computed") == "CC"
    assert set(abc_limits(book)["note"]) == {"no value above zero"}
