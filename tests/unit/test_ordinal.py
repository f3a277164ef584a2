"""Cumulative models on data that resist: separation, empty groups, gaps, one answer, two scales."""

import numpy as np
import pandas as pd
import pytest

from custlib.columns import VOCABULARY
from custlib.design import SurveyDesign
from custlib.errors import DataError, FitError, ParameterError
from custlib.survey.ordinal.cumulative import cell_scores, probabilities, threshold_rows
from custlib.survey.ordinal.model import cumulative_logit
from custlib.survey.ordinal.slope_tests import score_test
from custlib.survey.ordinal.stack import read_answers, read_covariates, stack_items
from custlib.survey.ordinal.terms import read_terms


@pytest.fixture(scope="module")
def responses():
    random = np.random.default_rng(5)
    n = 240
    role = random.choice(["end_user", "trader", "stockist"], n)
    tonnes = random.lognormal(3, 1, n)
    pull = (role == "trader") * 0.8 + np.log(tonnes) * 0.4 + random.logistic(size=n)
    return pd.DataFrame(
        {
            "role": pd.Categorical(role, ["end_user", "trader", "stockist"]),
            "tonnes": tonnes,
            "firm": random.integers(0, 60, n),
            "weight": random.uniform(0.5, 2, n),
            "quality": np.digitize(pull, [0, 1, 2, 3]) + 1,
            "price": np.digitize(pull + random.logistic(size=n), [0, 1.5, 3]) + 1,
        }
    )


def slopes(model, item="quality"):
    table = model.estimates
    return table[table["item"] == item].set_index("term")


def measure(model, name, item="quality"):
    table = model.fit
    return table[(table["item"] == item) & (table["measure"] == name)].iloc[0]


def test_every_table_speaks_the_vocabulary(responses):
    for design in (None, SurveyDesign(weight="weight", cluster="firm")):
        model = cumulative_logit(
            responses, items=["quality", "price"], terms=["role", "tonnes"], design=design
        )
        for table in (model.estimates, model.thresholds, model.tests, model.fit):
            assert set(table) <= set(VOCABULARY)
            assert list(dict.fromkeys(table["item"])) == ["quality", "price"]


def test_items_of_different_scales_are_fitted_as_if_alone(responses):
    together = cumulative_logit(responses, items=["price", "quality"], terms=["role"])
    for item in ("price", "quality"):
        alone = cumulative_logit(responses, items=[item], terms=["role"])
        pd.testing.assert_series_equal(
            slopes(together, item)["estimate"], slopes(alone, item)["estimate"], rtol=1e-10
        )


def test_the_parameters_are_where_the_likelihood_is_flat(responses):
    model = cumulative_logit(responses, items=["quality"], terms=["role", "tonnes"])
    matrix = np.column_stack(
        [responses["role"] == "trader", responses["role"] == "stockist", responses["tonnes"]]
    ).astype(float)
    rows = threshold_rows(matrix, 5)
    parameters = np.concatenate([model.thresholds["estimate"], model.estimates["estimate"]])
    for link in ("logit", "probit"):
        scores = cell_scores(rows, parameters, link)
        for at in range(len(parameters)):
            step = 1e-6 * (np.arange(len(parameters)) == at)
            above, below = (probabilities(rows @ (parameters + s), link) for s in (step, -step))
            numeric = (np.log(above) - np.log(below)) / 2e-6
            np.testing.assert_allclose(scores[:, :, at], numeric, rtol=1e-5, atol=1e-6)
    scores = cell_scores(rows, parameters, "logit")
    total = scores[np.arange(len(responses)), responses["quality"] - 1].sum(axis=0)
    np.testing.assert_allclose(total, 0, atol=1e-5)


def test_a_numeric_terms_unit_and_origin_change_only_its_own_scale(responses):
    found = cumulative_logit(responses, items=["quality"], terms=["role", "tonnes"])
    kilos = responses.assign(tonnes=responses["tonnes"] * 1000 + 1e6)
    other = cumulative_logit(kilos, items=["quality"], terms=["role", "tonnes"])
    assert slopes(other)["estimate"]["tonnes"] == pytest.approx(
        slopes(found)["estimate"]["tonnes"] / 1000, rel=1e-8
    )
    assert slopes(other)["statistic"].tolist() == pytest.approx(slopes(found)["statistic"].tolist())
    assert measure(other, "log-likelihood")["estimate"] == pytest.approx(
        measure(found, "log-likelihood")["estimate"], rel=1e-12
    )


def test_a_frequency_of_three_is_three_rows(responses):
    counts = np.arange(len(responses)) % 4
    table = responses.assign(people=counts)
    repeated = responses.loc[responses.index.repeat(counts)]
    weighted = cumulative_logit(table, items=["quality"], terms=["role"], weight="people")
    plain = cumulative_logit(repeated, items=["quality"], terms=["role"])
    pd.testing.assert_frame_equal(weighted.estimates, plain.estimates, rtol=1e-9)
    pd.testing.assert_frame_equal(weighted.fit, plain.fit, rtol=1e-9)


def test_design_weights_may_have_any_unit(responses):
    for scale in (1, 1e6):
        table = responses.assign(weight=responses["weight"] * scale)
        design = SurveyDesign(weight="weight", cluster="firm")
        model = cumulative_logit(table, items=["quality"], terms=["role"], design=design)
        if scale == 1:
            first = model
    columns = ["estimate", "std_error", "p_value", "df"]
    pd.testing.assert_frame_equal(first.estimates[columns], model.estimates[columns], rtol=1e-9)
    pd.testing.assert_frame_equal(first.fit, model.fit, rtol=1e-9)
    assert np.isnan(measure(model, "AIC")["estimate"])


def test_separated_answers_are_noted_and_refuse_to_predict(responses):
    apart = responses.assign(
        quality=np.where(responses["role"] == "trader", 5, responses["price"].clip(1, 4))
    )
    model = cumulative_logit(apart, items=["quality", "price"], terms=["role"])
    assert slopes(model)["estimate"].isna().all()
    assert slopes(model)["std_error"].isna().all()
    assert slopes(model)["note"].str.startswith("separated").all()
    assert measure(model, "converged")["estimate"] == 0
    assert slopes(model, "price")["estimate"].notna().all()
    with pytest.raises(FitError, match="'quality' has no maximum: separated") as caught:
        model.predict(responses)
    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize("answers, note", [(3, "every answer is the same"), (np.nan, "no answers")])
def test_an_item_with_fewer_than_two_answers_keeps_its_rows(responses, answers, note):
    model = cumulative_logit(responses.assign(flat=answers), items=["flat"], terms=["role"])
    assert model.estimates["note"].tolist() == [note] * 2
    assert model.estimates["estimate"].isna().all()
    assert model.tests["note"].tolist() == [note] * 2
    assert model.thresholds.empty
    with pytest.raises(FitError, match=note):
        model.predict(responses)


def test_an_answer_nobody_gave_is_named_and_has_probability_zero(responses):
    order = pd.CategoricalDtype([0, 1, 2, 3, 4, 5], ordered=True)
    gap = responses.assign(quality=responses["quality"].replace({3: 4}).astype(order))
    model = cumulative_logit(gap, items=["quality"], terms=["role"])
    assert set(model.estimates["note"]) == {"nobody answered 0, 3"}
    assert model.thresholds["term"].tolist() == ["1|2", "2|4", "4|5"]
    found = model.predict(responses[["role"]].head(2))
    assert found["answer"].tolist() == [0, 1, 2, 3, 4, 5] * 2
    assert found["estimate"][[0, 3, 6, 9]].tolist() == [0] * 4
    assert found["estimate"].sum() == pytest.approx(2)


def test_merging_an_empty_answer_is_fitting_the_answers_given(responses):
    gap = responses.assign(quality=responses["quality"].replace({3: 4}))
    dense = gap.assign(quality=gap["quality"].map({1: 1, 2: 2, 4: 3, 5: 4}))
    found = cumulative_logit(gap, items=["quality"], terms=["role"])
    plain = cumulative_logit(dense, items=["quality"], terms=["role"])
    assert found.estimates["estimate"].equals(plain.estimates["estimate"])


def test_empty_categories_of_a_term_keep_noted_rows(responses):
    roles = ["nobody", "end_user", "trader", "stockist", "agent"]
    table = responses.assign(role=responses["role"].cat.set_categories(roles))
    found = slopes(cumulative_logit(table, items=["quality"], terms=["role"]))
    assert found.index.tolist() == [f"role: {r}" for r in roles if r != "end_user"]
    for role in ("nobody", "agent"):
        assert found["note"][f"role: {role}"] == "no answers to estimate it from"
        assert np.isnan(found["estimate"][f"role: {role}"])
    plain = slopes(cumulative_logit(responses, items=["quality"], terms=["role"]))
    assert found["estimate"]["role: trader"] == pytest.approx(plain["estimate"]["role: trader"])


def test_a_group_that_skipped_an_item_does_not_spoil_the_others(responses):
    skipped = responses.assign(quality=responses["quality"].where(responses["role"] != "trader"))
    model = cumulative_logit(skipped, items=["quality", "price"], terms=["role"])
    found = slopes(model)
    assert np.isnan(found["estimate"]["role: trader"])
    assert found["estimate"]["role: stockist"] == pytest.approx(
        slopes(
            cumulative_logit(
                responses[responses["role"] != "trader"], items=["quality"], terms=["role"]
            )
        )["estimate"]["role: stockist"]
    )
    shares = model.predict(pd.DataFrame({"role": ["trader", "stockist"]}))
    quality = shares[shares["item"] == "quality"].set_index("role")["estimate"]
    assert quality["trader"].isna().all()
    assert quality["stockist"].sum() == pytest.approx(1)


def test_a_base_category_without_answers_is_noted(responses):
    skipped = responses.assign(quality=responses["quality"].where(responses["role"] != "end_user"))
    found = slopes(cumulative_logit(skipped, items=["quality", "price"], terms=["role"]))
    assert found["estimate"].isna().all()
    assert found["note"].str.contains("the base category has none").all()


def test_terms_that_say_the_same_are_noted(responses):
    twice = responses.assign(kilos=responses["tonnes"] * 1000)
    model = cumulative_logit(twice, items=["quality"], terms=["tonnes", "kilos"])
    assert model.estimates["note"].str.startswith("the answers do not tell the terms apart").all()


def test_missing_answers_and_terms_are_counted_out(responses):
    table = responses.assign(
        quality=responses["quality"].where(responses.index % 10 > 0),
        role=responses["role"].where(responses.index % 10 != 1),
    )
    model = cumulative_logit(table, items=["quality"], terms=["role"])
    complete = cumulative_logit(
        table.dropna(subset=["quality", "role"]), items=["quality"], terms=["role"]
    )
    assert model.estimates["n"].tolist() == [192] * 2
    assert model.estimates["n_missing"].tolist() == [48] * 2
    assert model.estimates["estimate"].equals(complete.estimates["estimate"])


def test_parallel_slopes_are_tested_by_scores_where_free_slopes_have_no_maximum(responses):
    hole = (responses["role"] == "stockist") & (responses["quality"] == 3)
    model = cumulative_logit(responses[~hole], items=["quality"], terms=["role"])
    row = model.tests.set_index("measure").loc["parallel slopes"]
    assert row["method"] == "score test"
    assert row["df"] == 6
    assert 0 < row["p_value"] < 1
    assert "free slopes have no maximum" in row["note"]


@pytest.mark.parametrize("design", [None, SurveyDesign(weight="one")])
def test_the_score_test_agrees_with_the_likelihood_ratio_where_both_exist(responses, design):
    table = responses.assign(one=1.0)
    likelihood = cumulative_logit(table, items=["quality"], terms=["role"]).tests
    covariates = read_covariates(table, read_terms(table, ["role"]))
    ones = np.ones(len(table))
    answers = read_answers(table, "quality", covariates.pattern, ones, None)
    stack = stack_items([answers], covariates, "logit")
    sample = None if design is None else design.sample(table)
    row = score_test(stack, stack.fit(), [0, 1], 0, sample)
    statistic = row["statistic"] * (1 if design is None else row["df"])
    assert statistic == pytest.approx(likelihood["statistic"][1], rel=0.15)


def test_two_answers_have_no_slopes_to_be_parallel(responses):
    two = responses.assign(quality=responses["quality"] > 3)
    model = cumulative_logit(two, items=["quality"], terms=["role"])
    assert model.tests["note"].tolist() == ["", "two answers have one threshold"]


def test_rows_outside_the_domain_do_not_count(responses):
    table = responses.assign(here=responses.index < 150)
    found = cumulative_logit(
        table, items=["quality"], terms=["role"], design=SurveyDesign(domain="here")
    )
    alone = cumulative_logit(responses[:150], items=["quality"], terms=["role"])
    pd.testing.assert_frame_equal(found.estimates, alone.estimates)
    design = SurveyDesign(cluster="firm", domain="here")
    domain = cumulative_logit(table, items=["quality"], terms=["role"], design=design)
    assert domain.estimates["estimate"].tolist() == pytest.approx(alone.estimates["estimate"])
    assert domain.estimates["n"].tolist() == [150] * 2


def test_prediction_keeps_the_rows_and_refuses_strangers(responses):
    model = cumulative_logit(responses, items=["quality"], terms=["role", "tonnes"])
    asked = pd.DataFrame({"role": ["trader", None, "trader"], "tonnes": [10, 10, np.nan]})
    found = model.predict(asked)
    assert found["estimate"].isna().tolist() == [False] * 5 + [True] * 10
    with pytest.raises(DataError, match="'role' has values the model was not fitted on: agent"):
        model.predict(pd.DataFrame({"role": ["agent"], "tonnes": [1]}))
    with pytest.raises(DataError, match="tonnes"):
        model.predict(asked[["role"]])


@pytest.mark.parametrize(
    "change, error, found",
    [
        ({"terms": []}, ParameterError, "terms is empty"),
        ({"terms": ["role", "role"]}, ParameterError, "each named once"),
        ({"terms": "role"}, ParameterError, "terms is the text 'role'"),
        ({"terms": ["numbers"]}, DataError, "'numbers' holds numbers, but its type is object"),
        ({"items": []}, ParameterError, "0 items"),
        ({"items": ["quality", "quality"]}, ParameterError, "more than once: quality"),
        ({"terms": ["market"]}, DataError, "market"),
        ({"terms": ["constant"]}, DataError, "'constant' takes 1 value"),
        ({"link": "cloglog"}, ParameterError, "link is 'cloglog'"),
        ({"adjust": "fdr"}, ParameterError, "adjust is 'fdr'"),
        ({"weight": "weight"}, DataError, "no counts of respondents"),
        (
            {"weight": "constant", "design": SurveyDesign(weight="weight")},
            ParameterError,
            "beside a design",
        ),
        ({"items": ["tonnes"]}, DataError, "different answers"),
        ({"items": ["words"]}, DataError, "not a number"),
        ({"items": ["unordered"]}, DataError, "unordered categories"),
    ],
)
def test_what_cannot_be_fitted_is_refused(responses, change, error, found):
    words = responses["quality"].astype(str).radd("level ")
    table = responses.assign(constant=1, words=words, unordered=words.astype("category"))
    table["numbers"] = table["firm"].astype(object).where(table.index > 3, None)
    options = {"items": ["quality"], "terms": ["role"]} | change
    with pytest.raises(error, match=found) as caught:
        cumulative_logit(table, **options)
    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize("values", [["1", "2"], [True, False]])
def test_codes_in_text_and_truths_with_gaps_are_categories(responses, values):
    told = pd.Series(values * 120, dtype=object).where(responses.index > 3, None)
    model = cumulative_logit(responses.assign(told=told), items=["quality"], terms=["told"])
    assert model.estimates["term"].tolist() == [f"told: {max(values)}"]


def test_probabilities_keep_their_digits_in_both_tails():
    shares = probabilities(np.array([[-40.0, -39.0, 39.0, 40.0]]), "logit")[0]
    # Without abs=0 a share of zero would pass as one of 1e-17.
    assert shares[1] == pytest.approx(np.exp(-39) - np.exp(-40), rel=1e-12, abs=0)
    assert shares[3] == pytest.approx(shares[1], rel=1e-12, abs=0)
    assert shares[4] == pytest.approx(shares[0], rel=1e-12, abs=0)


def test_tests_keep_their_columns_where_no_item_could_be_fitted():
    few = pd.DataFrame({"x": [1, 2, 3, 4], "role": list("aabb")})
    tests = cumulative_logit(few, items=["x"], terms=["role"]).tests
    assert tests["p_adjusted"].isna().all()
    assert len(tests) > 0


def test_a_group_of_one_under_a_design_is_fitted_not_refused():
    lone = pd.DataFrame(
        {"x": [1, 2, 3, 4, 5, 3, 2, 2], "role": ["a"] * 6 + ["b", "c"], "firm": list("pqrstuvw")}
    )
    model = cumulative_logit(lone, items=["x"], terms=["role"], design=SurveyDesign(cluster="firm"))
    assert model.estimates["term"].tolist() == ["role: b", "role: c"]
