"""Intervals of the satisfaction profile cover the truth of the steel population as often as said.

Surveys are drawn again and again from the one population behind data/steel_survey; its truth is a
census of all contacts of all firms, so nothing but the sampling moves.
"""

import pandas as pd
import pytest

from custlib.datasets import load
from custlib.datasets.simulate.steel.fieldwork import draw_responses
from custlib.datasets.simulate.steel.population import (
    ATTRIBUTES,
    simulate_population,
    stream,
)
from custlib.datasets.simulate.steel.truth import census
from custlib.design import SurveyDesign
from custlib.survey.comparison.contrasts import compare_groups
from custlib.survey.deviations import item_deviations
from custlib.survey.profile import satisfaction_profile
from custlib.survey.weights.adjustment import rake

# Three of the items with a gap between the roles, one without, and the overall judgement.
FIVE = ["product_quality", "claims_handling", "sales_service", "price", "overall"]
KEYS = ["measure", "role", "item"]
EVERY = [*ATTRIBUTES, "overall", "informed", "partnership"]
SAMPLING = {
    "stratum": "market",
    "cluster": "firm",
    "population": "firms_in_market",
    "cluster_population": "contacts_in_firm",
}
STEEL = load("steel_survey")


def for_everyone(responses, design, items):
    profile = satisfaction_profile(responses, items=items, scale=(1, 5), design=design)
    return profile.assign(role="everyone")


def for_each_role(responses, design, items):
    return satisfaction_profile(responses, items=items, scale=(1, 5), design=design, by="role")


def between_roles(responses, design, items):
    table = compare_groups(responses, items=items, by="role", method="welch", design=design)
    # Groups come in order of appearance, so a contrast may be the other way round.
    turned = table["contrast"].eq("trader - end_user").map({True: -1.0, False: 1.0})
    ends = table[["ci_low", "ci_high"]].mul(turned, axis="index")
    return table.assign(ci_low=ends.min(axis=1), ci_high=ends.max(axis=1), role="everyone")


def from_the_others(responses, design, items):
    rated = [item for item in items if item in ATTRIBUTES]
    return item_deviations(responses, items=rated, design=design).assign(role="everyone")


EVERYTHING = [for_everyone, for_each_role, between_roles, from_the_others]


def true_values(truth, items):
    """True value of every quantity, from the census alone."""
    rows = {}
    for measure in ("mean", "top_box"):
        for role in ("everyone", "end_user", "trader"):
            by = "everyone" if role == "everyone" else "role"
            values = truth[measure][by][role]
            rows |= {(measure, role, item): values[item] for item in items}
    rows |= {("difference", "everyone", item): truth["difference"][item] for item in items}
    means = {item: truth["mean"]["everyone"]["everyone"][item] for item in items}
    rated = [item for item in items if item in ATTRIBUTES]
    for item in rated:
        others = [means[other] for other in rated if other != item]
        rows["deviation", "everyone", item] = means[item] - sum(others) / len(others)
    return pd.Series(rows).rename_axis(KEYS).rename("truth")


def coverage(n_surveys, items, wanted):
    """Share of intervals that hold the truth, by design (weighted, raked), measure and role."""
    population = simulate_population(seed=STEEL.card.seed)
    truth = true_values(census(population), items).reset_index()
    tables = []
    for seed in range(n_surveys):
        responses = draw_responses(population, stream(seed, "sample"))
        responses[items] = responses[items].where(responses[items] <= 5)
        raking = rake(responses, targets=STEEL.codebook.targets, base_weight="weight", name="raked")
        designs = {
            "weighted": SurveyDesign(weight="weight", **SAMPLING),
            "raked": raking.design(**SAMPLING),
        }
        for name, estimators in wanted.items():
            for estimator in estimators:
                table = estimator(raking.cases, designs[name], items)
                tables.append(table[[*KEYS, "ci_low", "ci_high"]].assign(design=name))
    rows = pd.concat(tables)
    rows = rows.merge(truth, on=KEYS, how="left", validate="many_to_one")
    assert rows["truth"].notna().all()
    inside = (rows["ci_low"] <= rows["truth"]) & (rows["truth"] <= rows["ci_high"])
    return inside.groupby([rows["design"], rows["measure"], rows["role"]]).mean()


def assert_as_often_as_said(shares, record_property):
    record_property("coverage", {" ".join(key): share for key, share in shares.items()})
    off = shares[(shares < 0.92) | (shares > 0.98)]
    assert off.empty, shares.to_string()


@pytest.mark.filterwarnings("ignore::custlib.errors.WeightWarning")
def test_intervals_cover_the_truth_in_200_surveys(record_property):
    shares = coverage(200, FIVE, {"weighted": [for_everyone], "raked": EVERYTHING})
    assert len(shares) == 2 + 8
    assert_as_often_as_said(shares, record_property)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::custlib.errors.WeightWarning")
def test_intervals_of_every_item_cover_the_truth_in_2000_surveys(record_property):
    shares = coverage(2000, EVERY, {"weighted": EVERYTHING, "raked": EVERYTHING})
    assert len(shares) == 8 + 8
    assert_as_often_as_said(shares, record_property)


@pytest.mark.filterwarnings("ignore::custlib.errors.WeightWarning")
def test_the_second_stage_is_part_of_the_error():
    """Asking some of a firm's people only widens the interval; asking all of them does not."""
    responses = STEEL.responses.assign(overall=STEEL.responses["overall"].where(lambda x: x <= 5))
    first_stage = {key: value for key, value in SAMPLING.items() if key != "cluster_population"}
    one, two = (
        for_everyone(responses, SurveyDesign(weight="weight", **stages), ["overall"])
        for stages in (first_stage, SAMPLING)
    )
    assert (two["std_error"] > one["std_error"] * 1.01).all()
    asked = responses.groupby("firm")["firm"].transform("size")
    whole = responses.assign(contacts_in_firm=asked)
    all_asked = for_everyone(whole, SurveyDesign(weight="weight", **SAMPLING), ["overall"])
    assert all_asked["std_error"].tolist() == pytest.approx(one["std_error"].tolist(), rel=1e-12)
