"""The plan takes what file and codebook offer, and owns up to the rest."""

import pandas as pd
import pytest

from custlib.errors import ParameterError
from custlib.survey.codebook.book import Codebook
from custlib.survey.plan import analysis_plan

ANSWERS = pd.DataFrame(
    {
        "price": [1, 2, 5, 4, 3, 2],
        "role": ["user", "user", "trader", "trader", "user", "trader"],
        "market": ["north", "north", "north", "south", "south", "south"],
        "firm": list("aabcde"),
        "tonnes": [1.0, 1.0, 2.0, 1.0, 1.0, 2.0],
    }
)
BARE = {"scales": {"s": {"low": 1, "high": 5}}, "items": {"price": {"scale": "s"}}}
FULL = BARE | {
    "groups": {"role": {"values": ["user", "trader"]}, "market": {"values": ["north", "south"]}},
    "weight": "tonnes",
    "stratum": "market",
    "cluster": "firm",
    "population": {"north": 10, "south": 20},
    "targets": {"role": {"user": 0.25, "trader": 0.75}},
}


def plan(codebook=FULL, responses=ANSWERS, **options):
    return analysis_plan(responses, Codebook.from_mapping(codebook), **options)


def lacking(found):
    return dict(zip(found.gaps["measure"], found.gaps["note"], strict=True))


def test_a_full_codebook_leaves_no_gap():
    found = plan(by="role")
    assert lacking(found) == {}
    assert found.by == "role"
    assert (found.design.stratum, found.design.cluster) == ("market", "firm")
    assert found.design.population == {"north": 10, "south": 20}


def test_people_per_firm_reach_the_design():
    asked = ANSWERS.assign(people=[4, 4, 3, 1, 2, 1])
    found = plan(FULL | {"cluster_population": "people"}, asked, by="role")
    assert found.design.cluster_population == "people"


def test_raked_weights_meet_the_targets():
    found = plan(by="role")
    weights = found.responses[found.design.weight]
    share = weights[ANSWERS["role"] == "trader"].sum() / weights.sum()
    assert share == pytest.approx(0.75)
    assert found.design.margins == ("role",)
    assert found.design.base_weight == "tonnes"


def test_the_design_weight_is_taken_as_it_is():
    found = plan(by="role", weight="design")
    assert found.design.weight == "tonnes"
    assert len(found.margins) == 0


def test_the_cost_of_the_weights_is_kishs():
    # Weights 1 1 2 1 1 2: (sum 8)² / (sum of squares 12).
    assert plan(by="role", weight="design").n_effective == pytest.approx(64 / 12)
    assert plan(by="role", weight="none").n_effective == 6
    assert plan(weight="design", market="north").n_effective == pytest.approx(16 / 6)


def test_no_weights_may_be_asked_for_without_a_gap():
    found = plan(by="role", weight="none")
    assert found.design.weight is None
    assert lacking(found) == {}


def test_any_column_may_be_the_weight():
    other = ANSWERS.assign(mine=2.0)
    assert plan(responses=other, by="role", weight="mine").design.weight == "mine"


def test_a_bare_codebook_says_all_it_lacks():
    assert list(lacking(plan(BARE, by="role"))) == [
        "weights",
        "raking",
        "strata",
        "clusters",
        "finite population",
    ]


def test_targets_for_a_column_the_file_lacks_are_a_gap():
    found = plan(responses=ANSWERS.drop(columns="role"))
    assert lacking(found)["raking"] == "the file has no column role: nothing was raked"
    assert found.design.weight == "tonnes"


def test_rows_without_a_firm_are_owned_up_to():
    found = plan(responses=ANSWERS.assign(firm=["a", "a", None, "c", "d", None]), by="role")
    assert lacking(found)["clusters"] == (
        "2 rows without firm: each counts as a cluster of its own"
    )


def test_one_group_only_is_a_gap_not_an_error():
    found = plan(responses=ANSWERS.assign(role="user"), by="role", weight="none")
    assert found.by is None
    assert "one group only" in lacking(found)["comparison of groups"]


def test_one_group_and_gaps_beside_it_are_still_one_group():
    alone = ANSWERS.assign(role=["user", None, "user", None, "user", None])
    assert plan(responses=alone, by="role", weight="none").by is None


def test_a_market_marks_its_rows_and_keeps_the_others():
    found = plan(by="role", market="north")
    assert len(found.responses) == 6
    assert found.n == 3
    assert found.responses[found.design.domain].tolist() == [True] * 3 + [False] * 3


def test_a_market_with_one_group_is_a_gap():
    split = ANSWERS.assign(role=["user"] * 3 + ["trader"] * 3)
    assert plan(responses=split, by="role", market="north").by is None


def test_a_market_that_is_not_there_names_the_nearest():
    with pytest.raises(ParameterError, match="Did you mean 'north'"):
        plan(market="nord")


def test_a_market_needs_a_stratum():
    with pytest.raises(ParameterError, match="names no stratum"):
        plan(BARE, market="north")


def test_an_item_is_no_column_of_groups():
    with pytest.raises(ParameterError, match="an item answered on a scale"):
        plan(by="price")


@pytest.mark.parametrize("options", [{"by": "branch"}, {"weight": "branch"}])
def test_a_column_that_is_not_there_is_an_error(options):
    with pytest.raises(ParameterError, match=f"{next(iter(options))} is 'branch'"):
        plan(**options)
