"""Worths of rankings and best-worst choices against conditional logits of R's survival."""

import pytest

from custlib.design import SurveyDesign
from custlib.survey.ranking import best_worst_worths, rank_worths

ITEMS = ["price", "quality", "speed", "service"]
DESIGNS = {
    "plain": SurveyDesign(cluster="firm"),
    "weighted": SurveyDesign(cluster="firm", weight="weight"),
}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("rank_worths")


def agrees(reference, prefix, table):
    for measure in ("worth", "log_worth"):
        rows = table[table["measure"] == measure].set_index("item")
        reference.expect_all(f"{prefix}.{measure}", rows["estimate"])
        reference.expect_all(f"{prefix}.{measure}_se", rows["std_error"])


@pytest.mark.parametrize("name", DESIGNS)
def test_worths_of_partial_rankings(reference, name):
    rankings = reference.data("rankings.csv")
    agrees(reference, f"rankings.{name}", rank_worths(rankings, items=ITEMS, design=DESIGNS[name]))


@pytest.mark.parametrize("name", DESIGNS)
def test_worths_of_best_worst_choices(reference, name):
    shown = ["shown_1", "shown_2", "shown_3"]
    found = best_worst_worths(
        reference.data("tasks.csv"), shown=shown, best="best", worst="worst", design=DESIGNS[name]
    )
    agrees(reference, f"tasks.{name}", found)


def test_every_key_is_pinned_or_out_of_scope(account_for_every_key):
    account_for_every_key("rank_worths", {})
