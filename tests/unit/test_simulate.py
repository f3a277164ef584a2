"""The steel simulation draws what its constants say, and its truth is that of a census."""

import numpy as np
import pandas as pd
import pytest

from custlib.datasets.simulate import simulate_steel_survey
from custlib.datasets.simulate.steel import planted
from custlib.datasets.simulate.steel.fieldwork import draw_responses
from custlib.datasets.simulate.steel.population import (
    ANSWERS,
    ATTRIBUTES,
    FACTORS,
    RANKS,
    RATED,
    latent_answers,
    planted_means,
    simulate_population,
    stream,
)
from custlib.datasets.simulate.steel.survey import draw_survey
from custlib.errors import ParameterError

SEED = 7
MISSING = (98, 99)


@pytest.fixture(scope="module")
def survey():
    return simulate_steel_survey(seed=SEED)


@pytest.fixture(scope="module")
def large():
    """Ten frames in one, so that shares come close to what is planted."""
    return simulate_steel_survey(seed=SEED, n_firms=2400)


@pytest.fixture(scope="module")
def everybody():
    return simulate_population(seed=SEED, n_firms=2400).contacts


def test_one_seed_gives_one_survey(survey):
    again = simulate_steel_survey(seed=SEED)
    for name in ("responses", "firms", "best_worst"):
        pd.testing.assert_frame_equal(getattr(survey, name), getattr(again, name))
    assert survey.truth == again.truth


def test_another_seed_gives_another_survey(survey):
    assert not survey.firms["tonnes"].equals(simulate_steel_survey(seed=SEED + 1).firms["tonnes"])


def test_another_sample_of_one_frame_keeps_the_truth_and_asks_other_firms(survey):
    other = draw_survey(simulate_population(seed=SEED), seed=SEED + 1)
    assert other.truth["mean"] == survey.truth["mean"]
    assert set(other.responses["firm"]) != set(survey.responses["firm"])


def test_the_planned_number_of_firms_is_drawn_in_every_market(survey):
    drawn = survey.responses.groupby("market")["firm"].nunique()
    assert drawn.to_dict() == {"iran": 30, "east_asia": 35, "middle_east": 30}
    frame = survey.firms["market"].value_counts().to_dict()
    assert frame == {"iran": 70, "east_asia": 90, "middle_east": 80}


def test_a_firm_sends_two_to_four_people_or_all_it_has(survey):
    firms = survey.responses.groupby("firm")["contacts_in_firm"].agg(["size", "first"])
    assert (firms["size"] >= np.minimum(firms["first"], 2)).all()
    assert (firms["size"] <= np.minimum(firms["first"], 4)).all()
    assert 180 <= len(survey.responses) <= 250


def test_what_is_said_of_a_firm_agrees_with_the_frame(survey):
    columns = ["firm", "market", "role", "tonnes"]
    merged = survey.responses.merge(survey.firms, on=columns, how="left", validate="many_to_one")
    assert (merged["contacts"] == merged["contacts_in_firm"]).all()


def test_the_weights_of_a_firm_carry_its_tonnes_and_its_chance(survey):
    drawn = {"iran": 30, "east_asia": 35, "middle_east": 30}
    firms = survey.responses.groupby("firm").agg(
        weight=("weight", "sum"),
        tonnes=("tonnes", "first"),
        market=("market", "first"),
        in_market=("firms_in_market", "first"),
    )
    expected = firms["tonnes"] * firms["in_market"] / firms["market"].map(drawn)
    np.testing.assert_allclose(firms["weight"], expected, rtol=1e-6)


def test_every_firm_of_a_market_is_drawn_about_equally_often():
    population = simulate_population(seed=SEED)
    draws = [set(draw_responses(population, stream(seed, "sample"))["firm"]) for seed in range(60)]
    iran = population.firms.loc[population.firms["market"] == "iran", "firm"]
    often = np.array([sum(firm in drawn for drawn in draws) for firm in iran])
    # 60 draws at 30 of 70: 25.7 each, standard deviation 3.8; five of them is a wide fence.
    assert often.min() > 25.7 - 5 * 3.8
    assert often.max() < 25.7 + 5 * 3.8


def test_the_truth_is_the_mean_over_firms_by_tonnes_of_the_mean_in_the_firm(survey):
    people = simulate_population(seed=SEED).contacts
    people = people.assign(price=people["price"].where(people["price"] <= 5))
    total = norm = 0.0
    for _, firm in people.groupby("firm"):
        each = firm["tonnes"].iloc[0] / len(firm)
        total += each * firm["price"].sum()
        norm += each * firm["price"].notna().sum()
    assert survey.truth["mean"]["everyone"]["everyone"]["price"] == round(total / norm, 6)


def test_the_true_difference_is_end_user_less_trader(survey):
    role = survey.truth["mean"]["role"]
    gap = role["end_user"]["claims_handling"] - role["trader"]["claims_handling"]
    assert survey.truth["difference"]["claims_handling"] == pytest.approx(gap, abs=2e-6)


def test_the_true_deviations_of_an_attribute_are_from_the_other_thirteen(survey):
    mean = survey.truth["mean"]["everyone"]["everyone"]
    others = [mean[item] for item in ATTRIBUTES if item != "price"]
    assert len(others) == 13
    expected = mean["price"] - sum(others) / 13
    assert survey.truth["deviation"]["price"] == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("seed", [SEED, 20160210])
def test_the_verbal_findings_hold_in_the_population(seed):
    truth = simulate_steel_survey(seed=seed).truth
    top, by_role = truth["top_box"]["everyone"]["everyone"], truth["top_box"]["role"]
    lowest = sorted(truth["deviation"], key=truth["deviation"].get)[:2]
    assert 0.65 < top["overall"] < 0.80
    assert top["informed"] > 0.6
    assert min(top["order_management"], top["sales_service"]) > 0.6
    assert lowest == ["claims_handling", "product_development"]
    assert truth["deviation"]["product_development"] > -0.8
    for item in ("product_quality", "product_development", "claims_handling"):
        assert truth["difference"][item] < -0.4
    assert truth["difference"]["sales_service"] > 0.25
    assert min(by_role[role]["partnership"] for role in planted.ROLES) > 0.75


def test_answers_of_one_firm_are_as_alike_as_planted(everybody):
    at = pd.factorize(everybody["firm"])[0]
    latent = latent_answers(everybody, at, np.random.default_rng(1))
    alike = []
    for item in ("packing", "marking", "informed"):
        rest = latent[item] - planted_means(everybody)[item]
        pairs = pd.DataFrame({"firm": at, "rest": rest}).groupby("firm")["rest"]
        sizes, means = pairs.size(), pairs.mean()
        within = ((rest - means.to_numpy()[at]) ** 2).sum() / (len(rest) - len(sizes))
        between = (sizes * (means - rest.mean()) ** 2).sum() / (len(sizes) - 1)
        size = (len(rest) - (sizes**2).sum() / len(rest)) / (len(sizes) - 1)
        alike.append((between - within) / (between + (size - 1) * within))
    assert np.mean(alike) == pytest.approx(0.30, abs=0.03)


def test_answers_spread_as_planted(everybody):
    at = pd.factorize(everybody["firm"])[0]
    latent = latent_answers(everybody, at, np.random.default_rng(1))
    rest = latent[ATTRIBUTES] - planted_means(everybody)[ATTRIBUTES]
    assert rest.std().mean() == pytest.approx(planted.ANSWER_SD, rel=0.02)


def test_roles_differ_in_four_attributes_only(large):
    gaps = {item: large.truth["difference"][item] for item in ANSWERS}
    assert {item for item, gap in gaps.items() if abs(gap) > 0.3} == set(planted.ROLE_GAP)
    assert max(abs(gap) for item, gap in gaps.items() if item not in planted.ROLE_GAP) < 0.12


def test_drivers_move_overall_satisfaction_more_than_the_rest(large):
    found = large.truth["correlation_with_overall"]
    for driver in ("product_quality", "claims_handling"):
        assert found[driver] > max(found["packing"], found["marking"], found["processing"])


def test_first_ranks_follow_the_planted_worths(everybody):
    first = everybody[RANKS].astype(float).eq(1)
    for role in planted.ROLES:
        rows = (everybody["role"] == role) & first.any(axis="columns")
        worth = np.exp([planted.LOG_WORTH[factor][role] for factor in FACTORS])
        np.testing.assert_allclose(first[rows].mean(), worth / worth.sum(), atol=0.025)


def test_both_roles_put_quality_and_price_first(large):
    for role in planted.ROLES:
        worth = large.truth["planted"]["worth"][role]
        assert set(sorted(worth, key=worth.get)[-2:]) == {"product_quality", "price"}
        assert sum(worth.values()) == pytest.approx(1, abs=1e-5)


def test_ranks_are_complete_or_end_after_the_third(survey):
    rows = survey.responses[RANKS].astype("Float64")
    given = rows.notna().sum(axis="columns")
    assert set(given.unique()) <= {0, 3, 8}
    assert (given == 8).mean() > 0.85
    for _, row in rows[given > 0].iterrows():
        assert sorted(row.dropna()) == list(range(1, int(row.count()) + 1))


def test_each_factor_is_shown_to_each_respondent_three_times(survey):
    shown = survey.best_worst.melt("respondent", [f"shown_{place}" for place in range(1, 5)])
    counts = shown.groupby(["respondent", "value"]).size()
    assert len(counts) == len(survey.responses) * len(FACTORS)
    assert (counts == 3).all()


def test_best_and_worst_are_two_of_the_factors_shown(survey):
    tasks = survey.best_worst
    shown = tasks[[f"shown_{place}" for place in range(1, 5)]]
    assert (tasks["best"] != tasks["worst"]).all()
    assert shown.nunique(axis="columns").eq(4).all()
    for choice in ("best", "worst"):
        assert shown.eq(tasks[choice], axis="index").any(axis="columns").all()


def test_best_choices_follow_the_planted_worths(large):
    tasks = large.best_worst.merge(large.responses[["respondent", "role"]], on="respondent")
    shown = tasks[[f"shown_{place}" for place in range(1, 5)]].to_numpy()
    worth = pd.DataFrame(planted.LOG_WORTH)
    rows = zip(tasks["role"], shown, strict=True)
    utility = np.exp([[worth.loc[role, factor] for factor in row] for role, row in rows])
    chance = utility / utility.sum(axis=1, keepdims=True)
    for factor in FACTORS:
        expected = chance[shown == factor].sum()
        assert (tasks["best"] == factor).sum() == pytest.approx(expected, rel=0.1)


def test_missing_answers_come_as_often_as_planted(large):
    answers = large.responses[RATED]
    assert (answers == 98).mean().mean() == pytest.approx(0.01, abs=0.003)
    rest = answers.drop(columns="product_development")
    assert (rest == 99).mean().mean() == pytest.approx(0.03, abs=0.005)


def test_traders_often_have_no_view_of_product_development(large):
    unknown = large.responses["product_development"].eq(99).groupby(large.responses["role"]).mean()
    assert unknown["trader"] == pytest.approx(0.10, abs=0.03)
    assert unknown["end_user"] == pytest.approx(0.03, abs=0.02)


def test_answers_are_on_their_scale_or_a_declared_code(survey):
    rated = survey.responses[RATED]
    assert rated[ANSWERS].isin([1, 2, 3, 4, 5, *MISSING]).all(axis=None)
    assert rated["recommend"].isin([*range(11), *MISSING]).all()


def test_straight_liners_are_named_in_the_truth(survey):
    named = survey.responses["respondent"].isin(survey.truth["straight_liners"])
    answers = survey.responses[ANSWERS]
    flat = answers.eq(answers["price"], axis="index").all(axis="columns")
    assert flat[named].all()
    assert 1 <= named.sum() <= 12


def test_speeders_are_named_in_the_truth_and_nobody_else_is_as_fast(survey):
    named = survey.responses["respondent"].isin(survey.truth["speeders"])
    seconds = survey.responses["duration_seconds"]
    assert seconds[named].max() <= 210 < seconds[~named].quantile(0.01)
    assert seconds[~named].median() == pytest.approx(840, rel=0.1)


def test_answers_come_in_over_six_weeks_in_the_order_of_their_names(survey):
    days = pd.to_datetime(survey.responses["submitted"])
    assert days.is_monotonic_increasing
    assert survey.responses["respondent"].is_monotonic_increasing
    assert days.min() >= pd.Timestamp("2015-09-07")
    assert days.max() < pd.Timestamp("2015-09-07") + pd.Timedelta(days=42)


@pytest.mark.parametrize("options", [{"seed": -1}, {"seed": 1, "n_firms": 5}])
def test_what_cannot_be_drawn_is_refused(options):
    with pytest.raises(ParameterError):
        simulate_steel_survey(**options)
