"""Item deviations: an item's mean less the mean of the other items' means."""

import math

import pandas as pd
import pytest
from table import table

from custlib.design import SurveyDesign
from custlib.errors import ParameterError
from custlib.survey.deviations import item_deviations

answers = table(
    """
    firm | price | delivery | quality
    -----+-------+----------+--------
    a    |     1 |        4 |       3
    a    |     3 |        4 |       5
    b    |     2 |        4 |       4
    c    |     2 |        5 |       5
    """
)
ITEMS = ["price", "delivery", "quality"]


def by_item(result, column):
    return dict(zip(result["item"], result[column], strict=True))


def test_the_others_count_alike():
    deviations = by_item(item_deviations(answers, items=ITEMS), "estimate")
    price, delivery, quality = 8 / 4, 17 / 4, 17 / 4
    assert deviations["price"] == pytest.approx(price - (delivery + quality) / 2)
    assert deviations["delivery"] == pytest.approx(delivery - (price + quality) / 2)


def test_complete_answers_give_the_paired_standard_error():
    # Per respondent: price less the mean of the others: -2.5, -1.5, -2, -3; mean -2.25.
    differences = [1 - 3.5, 3 - 4.5, 2 - 4, 2 - 5]
    mean = sum(differences) / 4
    variance = sum((value - mean) ** 2 for value in differences) / 3 / 4
    result = item_deviations(answers, items=ITEMS)
    assert by_item(result, "std_error")["price"] == pytest.approx(math.sqrt(variance))
    assert by_item(result, "df")["price"] == 3


def test_answers_of_one_firm_count_as_one_cluster():
    differences = [-2.5, -1.5, -2, -3]
    mean = sum(differences) / 4
    firms = [(-2.5 - mean - 1.5 - mean) / 4, (-2 - mean) / 4, (-3 - mean) / 4]
    variance = 3 / 2 * sum(value**2 for value in firms)
    result = item_deviations(answers, items=ITEMS, design=SurveyDesign(cluster="firm"))
    assert by_item(result, "std_error")["price"] == pytest.approx(math.sqrt(variance))


def test_an_item_nobody_answered_is_left_out_of_the_others():
    result = item_deviations(answers.assign(quality=None), items=ITEMS)
    assert by_item(result, "estimate")["price"] == pytest.approx(8 / 4 - 17 / 4)
    assert by_item(result, "note")["quality"] == "too few answers"


def test_an_item_that_a_whole_firm_skipped_leaves_the_degrees_of_freedom_of_those_who_did_not():
    skipped = answers.assign(price=[1, 3, 2, None])
    design = SurveyDesign(cluster="firm")
    result = item_deviations(skipped, items=ITEMS, design=design)
    # Firms a and b answered price: 2 − 1 = 1, fewer than the 3 − 1 of the other two items. All
    # three deviations hold the mean of price, so none has more.
    assert result["df"].tolist() == [1, 1, 1]
    # Of t with 1 df the 0.975 quantile is tan(0.475 π) = 12.706; with 2 it would be 4.303.
    half = math.tan(0.475 * math.pi) * result["std_error"]
    assert (result["ci_high"] - result["estimate"]).tolist() == pytest.approx(half.tolist())
    # Without price the two others have the 2 of the three firms.
    both = item_deviations(skipped, items=["delivery", "quality"], design=design)
    assert both["df"].tolist() == [2, 2]


def test_repeated_index_labels_do_not_matter():
    once = item_deviations(answers, items=ITEMS)["estimate"].tolist()
    assert item_deviations(pd.concat([answers, answers]), items=ITEMS)["estimate"].tolist() == once


def test_a_single_item_deviates_from_nothing():
    row = item_deviations(answers, items=["price"]).loc[0]
    assert row["note"] == "no other item"
    assert math.isnan(row["estimate"])


@pytest.mark.parametrize(
    "items, told",
    [([], "0 items"), (["price", "price"], "more than once: price"), ("price", "is the text")],
)
def test_items_are_a_list_without_repeats(items, told):
    with pytest.raises(ParameterError, match=told):
        item_deviations(answers, items=items)
