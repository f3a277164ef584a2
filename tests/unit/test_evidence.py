"""What a file tells about importance, what it lacks, and whether methods agree."""

import pandas as pd
import pytest

from custlib import datasets, survey
from custlib.errors import CodebookError, DataError, ParameterError
from custlib.survey.evidence import first_driver, importance_evidence, method_agreement

SCALES = {"s": {"low": 1, "high": 5}, "place": {"low": 1, "high": 3}}
ITEMS = ["price", "speed", "advice"]


@pytest.fixture
def answers():
    table = pd.DataFrame({"person": list("abcd"), "firm": list("xxyz"), "overall": [1, 2, 4, 5]})
    for at, item in enumerate(ITEMS):
        table[item] = [1 + at, 2, 3, 2]
        table[f"rank_{item}"] = [1 + at, 1 + (at + 1) % 3, 1 + at, 3 - at]
    return table


def book(ranks=ITEMS, outcome="overall", **more):
    items = {item: {"scale": "s", "block": "all"} for item in ITEMS} | {outcome: {"scale": "s"}}
    items |= {f"rank_{item}": {"scale": "place"} for item in ranks}
    parts = {"scales": SCALES, "items": items, "blocks": {"all": {"label": "All"}}}
    return survey.Codebook.from_mapping(parts | more)


def evidence(table, codebook=None, **options):
    codebook = codebook or book()
    plan = survey.analysis_plan(table, codebook)
    return importance_evidence(plan, codebook, **{"outcome": "overall"} | options)


def tasks(items=ITEMS, people="abc"):
    rows = [
        {"person": one, **dict(zip(["shown_1", "shown_2"], items, strict=False))} for one in people
    ]
    return pd.DataFrame(rows).assign(best=items[0], worst=items[1])


def test_a_full_file_leaves_no_gap(answers):
    found = evidence(answers, tasks=tasks())
    assert found.items == ITEMS
    assert found.ranked == {item: f"rank_{item}" for item in ITEMS}
    assert found.attributes["method"].tolist() == ["rated and ranked"] * 3
    assert found.gaps.empty
    assert found.rankings["speed"].tolist() == answers["rank_speed"].tolist()


def test_what_is_lacking_becomes_a_gap(answers):
    asked = book(ranks=["price"], outcome="joy")
    found = evidence(answers.assign(speed=3, joy=[1, 2, 3, 4]), asked, outcome=None)
    assert found.items == ["price", "advice"]
    assert found.ranked == {}
    assert found.outcome is None
    assert found.tasks is None
    assert found.gaps["measure"].tolist() == ["speed", "outcome", "ranks", "best-worst tasks"]
    assert found.importance() == {}


def test_importance_is_asked_for_as_far_as_it_is_known(answers):
    found = evidence(answers)
    assert list(found.importance()) == ["derived", "stated"]
    assert list(found.importance("stated")) == ["stated"]
    derived, stated = found.importance().values()
    assert (derived["outcome"], derived["method"], derived["items"]) == ("overall", "lmg", ITEMS)
    assert (stated["stated_scale"], stated["stated_best"]) == ((1, 3), "low")
    map_of_stated = survey.importance_performance(answers, **stated, n_boot=9, seed=1)
    assert set(map_of_stated.quadrants["item"]) == set(ITEMS)


def test_more_items_than_lmg_can_take_are_weighted_by_johnson():
    names = [f"item_{at}" for at in range(21)]
    table = pd.DataFrame({name: [1, 2, 3] for name in [*names, "overall"]})
    codebook = survey.Codebook.from_mapping(
        {"scales": SCALES, "items": {name: {"scale": "s"} for name in table.columns}}
    )
    assert evidence(table, codebook).importance()["derived"]["method"] == "relative_weights"


def test_a_driver_that_is_no_item_is_refused(answers):
    with pytest.raises(CodebookError, match="'joy' is no item"):
        evidence(answers, drivers=["price", "joy"])


def test_an_outcome_that_is_named_must_be_there_and_one_that_is_not_is_overall(answers):
    assert evidence(answers, outcome=None).outcome == "overall"
    with pytest.raises(ParameterError, match="Did you mean 'overall'"):
        evidence(answers, outcome="overal")


def test_the_outcome_is_no_driver_of_itself(answers):
    assert evidence(answers, drivers=["price", "overall"]).items == ["price"]


@pytest.mark.parametrize(
    "given, told",
    [
        (tasks().rename(columns={"person": "code"}), "column code is not in the answers"),
        (tasks(items=["paint", "gifts"]), "fewer than two of the items"),
        (tasks(people="abq"), "1 of people not in the answers"),
    ],
)
def test_tasks_that_do_not_fit_are_told(answers, given, told):
    found = evidence(answers, tasks=given)
    assert told in found.gaps.set_index("measure").loc["best-worst tasks", "note"]


def test_tasks_of_one_firm_or_person_are_one_cluster(answers):
    assert evidence(answers, tasks=tasks()).sets["design"].cluster == "person"
    with_firms = evidence(answers, book(cluster="firm"), tasks=tasks())
    assert with_firms.sets["design"].cluster == "firm"
    counts = survey.best_worst_counts(with_firms.tasks, **with_firms.sets)
    price = counts.query("item == 'price' and measure == 'best'").iloc[0]
    assert (price["estimate"], price["n"]) == (1, 3)


def test_the_steel_survey_offers_all_there_is():
    source = datasets.survey_source(None, codebook=None, default="steel_survey")
    responses = survey.read_responses(
        survey.read_raw(source.path, codebook=source.codebook), codebook=source.codebook
    )
    plan = survey.analysis_plan(responses, source.codebook)
    found = importance_evidence(
        plan, source.codebook, outcome="overall", tasks=source.table("best_worst")
    )
    assert (len(found.items), len(found.ranked), len(found.tasks)) == (14, 8, 1260)
    # Six tasks a person: more rows than people in the firm, who are no stage of this sample.
    counts = survey.best_worst_counts(found.tasks, **found.sets)
    assert set(counts["n"]) == {630}
    assert found.sets["design"].stratum == "market"
    assert found.gaps.empty


def test_places_share_ties_and_leave_out_what_a_method_lacks():
    first = pd.DataFrame({"item": ["price", "speed", "advice"], "estimate": [0.5, 0.2, 0.3]})
    second = pd.DataFrame({"item": ["speed", "price", "paint"], "estimate": [0.4, 0.4, 0.2]})
    places, agreement = method_agreement({"ranks": first, "LMG": second})
    wide = places.pivot_table("estimate", "item", "method")
    assert wide.loc["price"].to_dict() == {"ranks": 1, "LMG": 1.5}
    assert wide.loc["speed"].to_dict() == {"ranks": 2, "LMG": 1.5}
    assert places["item"].unique().tolist() == ["price", "speed"]
    # Squared deviations of the rank sums 2.5 and 3.5 from 3: 0.5; one tie of two.
    expected = 12 * 0.5 / (2**2 * (2**3 - 2) - 2 * (2**3 - 2))
    assert agreement.fit.loc[0, "estimate"] == pytest.approx(expected)
    told = "left out, as a method lacks them: advice, paint"
    assert agreement.fit["note"].tolist() == [told] * 2
    with pytest.raises(ParameterError, match="more than once: price"):
        method_agreement({"ranks": first, "LMG": pd.concat([second, second[1:2]])})


def driven(slopes, n_boot):
    """Shares of three drivers crossed in full, four times over, so that slopes rule alone."""
    grid = pd.MultiIndex.from_product([range(1, 4)] * 3, names=ITEMS).to_frame(index=False)
    table = pd.concat([grid] * 4, ignore_index=True)
    table["overall"] = table[ITEMS] @ slopes + (table.index % 5) / 5
    asked = {"outcome": "overall", "drivers": ITEMS, "n_boot": n_boot, "seed": 1}
    return survey.driver_shares(table, **asked).estimates


def test_a_driver_far_ahead_is_surely_first_and_one_of_equals_is_not():
    first, place, ends = first_driver(driven([0.1, 3, 0.1], 99))
    assert (first["item"], place, ends["verdict"]) == ("speed", "rank 1 (interval 1 to 1)", "sure")
    assert ends["low"] < first["estimate"] < ends["high"]
    assert ends["n"] == 108
    _, place, ends = first_driver(driven([1, 1, 1], 99))
    assert place.endswith("to 3)")
    assert ends["verdict"] == "open"


def test_without_resamples_no_driver_is_surely_first():
    _, place, ends = first_driver(driven([0.1, 3, 0.1], 0))
    assert (place, ends["verdict"]) == ("rank 1", "open")


def test_no_driver_is_first_in_an_empty_table_or_without_ranks():
    rows = driven([0.1, 3, 0.1], 0)
    with pytest.raises(DataError, match="shares of drivers has no row"):
        first_driver(rows.iloc[:0])
    with pytest.raises(DataError, match="ranks of speed has no row"):
        first_driver(rows[rows["measure"] != "rank"])
