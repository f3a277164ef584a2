"""Net promoter score: groups, designs, thin data, plans, and what bad input gives."""

import datetime

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.errors import DataError, ParameterError
from custlib.loyalty import (
    net_promoter_bounds,
    net_promoter_change,
    net_promoter_sample_size,
    net_promoter_score,
    net_promoter_views,
    promoter_retention,
    promoter_shares,
    recommendation_plan,
)
from custlib.loyalty.recommendation.trinomial import Shares, bootstrap_ends

ANSWERS = pd.DataFrame(
    {
        "recommend": [10, 9, 8, 3, 9, 6, 7, 10, 2, 9, 9, None],
        "wave": pd.Categorical(list("aaaabbbbbbbb"), categories=["a", "b", "c"]),
        "firm": list("wxyzwxyzwxyz"),
        "days": [1, 2, 3, 12, 1, 14, 15, 2, 20, 1, 11, 4],
        "stayed": [1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1],
    }
)
METHODS = ["adjusted_wald", "score", "wald", "bootstrap"]


def score(answers, **options):
    return net_promoter_score(pd.DataFrame({"x": answers}), item="x", **options).iloc[0]


# --- scores ---------------------------------------------------------------------------------------
def test_groups_keep_their_order_and_empty_ones_a_noted_row():
    found = net_promoter_score(ANSWERS, item="recommend", by="wave")
    assert found["wave"].tolist() == ["a", "b", "c"]
    assert found["n"].tolist() == [4, 7, 0]
    assert found["n_missing"].tolist() == [0, 1, 0]
    assert found["note"].tolist() == ["", "", "no answers"]
    assert found.loc[2, ["estimate", "ci_low", "std_error"]].isna().all()


def test_rows_without_a_group_form_one():
    table = pd.DataFrame({"x": [9, 9, 3, 3], "wave": ["a", "a", None, None]})
    found = net_promoter_score(table, item="x", by="wave")
    assert found["wave"].tolist() == ["a", "(missing)"]
    assert found["estimate"].tolist() == [100, -100]


@pytest.mark.parametrize(
    "function, options, name",
    [
        (net_promoter_score, {}, "item"),
        (net_promoter_score, {}, "n"),
        (promoter_shares, {}, "category"),
        (promoter_shares, {}, "estimate"),
        (net_promoter_bounds, {"days": "days"}, "measure"),
        (net_promoter_bounds, {"days": "days"}, "invited"),
        (net_promoter_views, {"wave": "a", "n_boot": 9, "seed": 1}, "measure"),
    ],
)
def test_a_column_of_groups_writes_over_no_column_of_the_result(function, options, name):
    table = ANSWERS.rename(columns={"wave": name})
    with pytest.raises(ParameterError) as problem:
        function(table, item="recommend", by=name, **options)
    told = str(problem.value)
    assert f"The column {name!r} has a name that the result needs" in told
    assert len(told.splitlines()) == 3


@pytest.mark.parametrize(
    "function", [net_promoter_score, promoter_shares, net_promoter_bounds, net_promoter_change]
)
def test_groups_of_no_row_are_told(function):
    with pytest.raises(DataError, match="The table has no row"):
        function(ANSWERS.head(0).astype({"wave": object}), item="recommend", by="wave")
    empty = net_promoter_score(ANSWERS.head(0), item="recommend", by="wave")
    assert empty["note"].tolist() == ["no answers"] * 3  # categories are groups without a row, too


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("answers, note", [([], "no answers"), ([9], "one answer")])
def test_no_answer_and_one_answer_have_no_numbers(method, answers, note):
    row = score(np.array(answers, float), method=method)
    assert row[["estimate", "std_error", "ci_low", "ci_high"]].isna().all()
    assert row["note"] == note


def test_thin_groups_say_so():
    assert score([9, 9, 3], min_base=10)["note"] == "fewer than 10 answers"


@pytest.mark.parametrize("method", ["adjusted_wald", "score"])
@pytest.mark.parametrize("answer", [10, 8, 0])
def test_answers_that_are_all_alike_keep_an_interval(method, answer):
    for design in (None, SurveyDesign(cluster="firm")):
        table = pd.DataFrame({"x": [answer] * 12, "firm": list("abcdef") * 2})
        row = net_promoter_score(table, item="x", method=method, design=design).iloc[0]
        assert row["ci_high"] - row["ci_low"] > 10


@pytest.mark.parametrize("method", ["wald", "bootstrap"])
def test_or_none_rather_than_one_of_no_width(method):
    row = score([10] * 12, method=method, n_boot=99, seed=1)
    assert row["estimate"] == 100
    assert np.isnan(row["ci_low"])
    assert row["note"] == f"all answers count alike: no interval by {method}"


def test_off_the_scale_is_refused_with_its_rows():
    with pytest.raises(DataError, match=r"2 answers in 'x' off the scale; first: row 1: 99, row 3"):
        score([10, 99, 3, 11])
    with pytest.raises(DataError, match="whole numbers from 1 to 5"):
        score([5, 0], scale=(1, 5))
    with pytest.raises(DataError, match="off the scale"):
        score([9.5, 3])


def test_words_are_refused():
    with pytest.raises(DataError, match="not a number"):
        score([9, "ten"])


@pytest.mark.parametrize(
    "options, told",
    [
        ({"scale": (1, 7)}, "who is a promoter"),
        ({"promoters_from": 6}, "promoters from 6"),
        ({"promoters_from": 11}, "promoters from 11"),
        ({"detractors_to": -1}, "Detractors up to -1"),
        ({"promoters_from": 8.5}, "not whole: 8.5"),
        ({"detractors_to": 6.5}, "not whole: 6.5"),
        ({"scale": (0, 10.5)}, "not whole: 10.5"),
        ({"scale": (0, np.inf)}, "not whole: inf"),
        ({"method": "exact"}, "method is 'exact'"),
        ({"conf_level": 95}, "conf_level is 95"),
    ],
)
def test_wrong_arguments_are_told(options, told):
    with pytest.raises(ParameterError, match=told):
        score([9, 3], **options)


def test_a_scale_without_usual_cut_points_takes_given_ones():
    row = score([7, 6, 1, 4], scale=(1, 7), promoters_from=6, detractors_to=3)
    assert row["estimate"] == 25
    assert row["method"].endswith("promoters 6–7, passives 4–5, detractors 1–3")


def test_a_missing_column_is_told():
    with pytest.raises(DataError, match="recomend"):
        net_promoter_score(ANSWERS, item="recomend")


# --- the bootstrap --------------------------------------------------------------------------------
def test_resamples_come_near_the_exact_distribution():
    answers = [10] * 52 + [8] * 30 + [2] * 18
    exact = score(answers, method="bootstrap")
    drawn = score(answers, method="bootstrap", n_boot=20_000, seed=1)
    # A step of the score is one point; a quantile of 20,000 resamples is known to about 0.2.
    for name in ("ci_low", "ci_high"):
        assert drawn[name] == pytest.approx(exact[name], abs=1.01)
    assert drawn["std_error"] == pytest.approx(exact["std_error"], rel=0.02)


def test_long_distributions_are_cut_where_nothing_is_left():
    """The window of the transform is much shorter than the scores there could be."""
    n = 200_000
    up, down = 0.3, 0.5
    error = np.sqrt((up + down - (up - down) ** 2) / n)
    shares = Shares(*(np.array([one]) for one in (up, down, error, n, float(n), np.inf)))
    low, high = bootstrap_ends(shares, 0.95)
    assert [low[0], high[0]] == pytest.approx([-0.2 - 1.96 * error, -0.2 + 1.96 * error], abs=2e-5)


def test_rare_detractors_are_no_normal_distribution():
    """One detractor in a thousand: their number is nearly Poisson with mean 1."""
    answers = [8] * 999 + [2]
    row = score(answers, method="bootstrap")
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx([-0.3, 0.0])


def test_few_answers_keep_the_whole_distribution():
    """Four draws with three promoters to one detractor: all four detract in 1 of 256 resamples."""
    answers = [10, 10, 10, 2]
    assert score(answers, method="bootstrap", conf_level=0.999)["ci_low"] == -100
    assert score(answers, method="bootstrap", conf_level=0.99)["ci_low"] == -50


def test_clusters_are_drawn_whole_under_a_design():
    table = pd.DataFrame({"x": np.repeat([10, 2, 8, 10, 3, 9], 8), "firm": np.repeat(range(6), 8)})
    asked = {"item": "x", "method": "bootstrap", "n_boot": 4000, "seed": 3}
    alone = net_promoter_score(table, **asked).iloc[0]
    together = net_promoter_score(table, design=SurveyDesign(cluster="firm"), **asked).iloc[0]
    linear = net_promoter_score(
        table, item="x", method="wald", design=SurveyDesign(cluster="firm")
    ).iloc[0]
    assert together["std_error"] == pytest.approx(linear["std_error"], rel=0.05)
    assert together["std_error"] > 2 * alone["std_error"]


def test_missing_answers_are_no_part_of_the_resamples():
    asked = {"item": "recommend", "method": "bootstrap", "n_boot": 99, "seed": 1}
    asked["design"] = SurveyDesign(cluster="firm")
    whole = net_promoter_score(ANSWERS, **asked).iloc[0]
    without = net_promoter_score(ANSWERS.dropna(subset="recommend"), **asked).iloc[0]
    for name in ("estimate", "std_error", "ci_low", "ci_high"):
        assert whole[name] == pytest.approx(without[name]), name


def test_a_bootstrap_under_a_design_asks_for_a_seed_and_a_number():
    design = SurveyDesign(cluster="firm")
    asked = {"item": "recommend", "method": "bootstrap", "design": design}
    with pytest.raises(ParameterError, match="seed is absent"):
        net_promoter_score(ANSWERS, **asked)
    with pytest.raises(ParameterError, match="n_boot is 0"):
        net_promoter_score(ANSWERS, seed=1, **asked)


def test_one_seed_gives_one_interval():
    asked = {"method": "bootstrap", "n_boot": 200}
    first, same, other = (score([10, 9, 3, 8, 2, 9], seed=seed, **asked) for seed in (1, 1, 2))
    assert first.equals(same)
    assert first["std_error"] != other["std_error"]


# --- designs --------------------------------------------------------------------------------------
def test_a_domain_limits_the_answers_and_not_the_design():
    table = ANSWERS.assign(inside=ANSWERS["wave"] == "b")
    design = SurveyDesign(cluster="firm", domain="inside")
    whole = net_promoter_score(table, item="recommend", design=design, method="wald").iloc[0]
    group = net_promoter_score(
        table, item="recommend", by="wave", design=SurveyDesign(cluster="firm"), method="wald"
    ).iloc[1]
    for name in ("estimate", "std_error", "n", "n_missing"):
        assert whole[name] == group[name]


def test_too_few_clusters_are_noted():
    table = pd.DataFrame({"x": [9, 3, 8], "firm": ["a"] * 3})
    row = net_promoter_score(table, item="x", design=SurveyDesign(cluster="firm")).iloc[0]
    assert row["note"] == "too few clusters for a standard error"
    assert row["estimate"] == 0
    assert np.isnan(row["ci_low"])


def test_shares_sum_to_one_and_keep_empty_groups():
    for design in (None, SurveyDesign(cluster="firm")):
        found = promoter_shares(ANSWERS, item="recommend", by="wave", design=design)
        sums = found.groupby("wave", observed=False)["estimate"].sum(min_count=3)
        assert sums[["a", "b"]].tolist() == pytest.approx([1, 1])
        assert found[found["wave"] == "c"]["note"].tolist() == ["no answers"] * 3


# --- changes --------------------------------------------------------------------------------------
def test_pairs_are_successive_all_or_named():
    table = pd.DataFrame({"x": [9, 3] * 4, "wave": [1, 1, 2, 2, 3, 3, 4, 4]})
    asked = {"item": "x", "by": "wave"}
    assert net_promoter_change(table, **asked)["contrast"].tolist() == ["2 - 1", "3 - 2", "4 - 3"]
    every = net_promoter_change(table, pairs="all", **asked)
    assert len(every) == 6
    assert "4 - 1" in every["contrast"].tolist()
    named = net_promoter_change(table, pairs=[(1, 4), (3, 2)], **asked)
    assert named["contrast"].tolist() == ["4 - 1", "2 - 3"]


@pytest.mark.parametrize(
    "first, second",
    [
        (pd.Timestamp("2024-01-01"), pd.Timestamp("2024-04-01")),
        (pd.Period("2024-03", "M"), pd.Period("2024-11", "M")),
        (datetime.date(2024, 1, 1), datetime.date(2024, 4, 1)),
        (9, 10),
        (9.5, 10.5),
    ],
)
def test_waves_of_numbers_and_dates_come_in_their_order_however_the_rows_lie(first, second):
    table = pd.DataFrame({"x": [3] * 3 + [9] * 3, "wave": [second] * 3 + [first] * 3})
    for wave in (table["wave"], table["wave"].astype(object)):
        found = net_promoter_change(table.assign(wave=wave), item="x", by="wave")
        # From promoters alone to detractors alone: 100 points became −100.
        assert found["contrast"].tolist() == [f"{second} - {first}"]
        assert found["estimate"].tolist() == [-200]


@pytest.mark.parametrize(
    "wave", [["10"] * 3 + ["9"] * 3, pd.Categorical([10] * 3 + [9] * 3, categories=[10, 9])]
)
def test_waves_of_text_and_categories_keep_the_order_they_have(wave):
    table = pd.DataFrame({"x": [3] * 3 + [9] * 3, "wave": wave})
    found = net_promoter_change(table, item="x", by="wave")
    assert (found["contrast"].item(), found["estimate"].item()) == ("9 - 10", 200)


def test_waves_without_answers_are_passed_over_and_rows_without_a_wave_left_out():
    table = pd.DataFrame({"x": [9, 3, None, None, 9, 9, 3], "wave": [1, 1, 2, 2, 3, 3, None]})
    found = net_promoter_change(table, item="x", by="wave")
    assert found["contrast"].tolist() == ["3.0 - 1.0"]
    assert found["n"].tolist() == [4]


def test_many_pairs_are_adjusted():
    random = np.random.default_rng(1)
    table = pd.DataFrame({"x": random.integers(0, 11, 400), "wave": np.repeat(range(8), 50)})
    asked = {"item": "x", "by": "wave", "pairs": "all"}
    holm = net_promoter_change(table, **asked)
    none = net_promoter_change(table, adjust="none", **asked)
    least = none["p_value"].min()
    assert holm["p_adjusted"].min() == pytest.approx(min(1, 28 * least))
    assert none["p_adjusted"].equals(none["p_value"])


@pytest.mark.parametrize("method", ["adjusted_wald", "score", "wald"])
def test_the_verdict_names_the_side(method):
    table = pd.DataFrame({"x": [9] * 20 + [3] * 20 + [9] * 19 + [3] * 21 + [9] * 38 + [3] * 2})
    table["wave"] = np.repeat([1, 2, 3], 40)
    found = net_promoter_change(
        table, item="x", by="wave", pairs=[(1, 3), (3, 1), (1, 2)], method=method
    )
    assert found["verdict"].tolist() == ["higher", "lower", "not distinguishable"]


@pytest.mark.parametrize("own_cluster", [True, False])
def test_the_p_value_of_score_is_that_of_its_own_interval_under_a_design(own_cluster):
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"x": rng.integers(0, 11, 120), "wave": [1] * 60 + [2] * 60})
    table["firm"] = range(120) if own_cluster else list(range(60)) * 2
    options = {"item": "x", "by": "wave", "design": SurveyDesign(cluster="firm"), "method": "score"}
    p_value = net_promoter_change(table, **options)["p_value"].iloc[0]
    assert 0.001 < p_value < 1
    at = net_promoter_change(table, conf_level=1 - p_value, **options).iloc[0]
    assert min(abs(at["ci_low"]), abs(at["ci_high"])) == pytest.approx(0, abs=1e-6)


def test_equal_scores_have_a_p_value_of_one():
    table = pd.DataFrame({"x": [9, 3, 8, 9, 3, 8], "wave": [1, 1, 1, 2, 2, 2]})
    for method in ("adjusted_wald", "score", "wald"):
        row = net_promoter_change(table, item="x", by="wave", method=method).iloc[0]
        assert row["p_value"] == pytest.approx(1)
        assert row["verdict"] == "not distinguishable"


@pytest.mark.parametrize("method", ["adjusted_wald", "score"])
def test_a_low_level_keeps_the_change_inside(method):
    """The adjusted scores differ by less than the scores, and a low level hides none of it."""
    table = pd.DataFrame({"x": [8] * 500 + [10] * 3, "wave": [1] * 500 + [2] * 3})
    asked = {"item": "x", "by": "wave", "method": method}
    row = net_promoter_change(table, conf_level=0.1, **asked).iloc[0]
    assert row["ci_low"] <= row["estimate"] == 100
    assert row["ci_high"] >= 100


def test_customers_in_both_waves_are_counted():
    found = net_promoter_change(
        ANSWERS, item="recommend", by="wave", design=SurveyDesign(cluster="firm")
    )
    assert found["note"].tolist() == ["4 clusters in both"]


def test_a_wave_too_thin_for_a_change_is_noted():
    table = pd.DataFrame({"x": [9, 3, 9], "wave": [1, 1, 2]})
    row = net_promoter_change(table, item="x", by="wave").iloc[0]
    assert row["note"] == "2: one answer"
    assert row[["estimate", "ci_low", "p_value", "p_adjusted"]].isna().all()
    assert row["verdict"] == ""


@pytest.mark.parametrize("pair", [("1", "5"), ("1", "1"), ("1",), ("1", "2", "1"), "12", 1])
def test_a_wrong_pair_is_told(pair):
    table = pd.DataFrame({"x": [9, 3, 9, 3], "wave": list("1122")})
    with pytest.raises(ParameterError, match="A pair"):
        net_promoter_change(table, item="x", by="wave", pairs=[pair])


def test_no_pair_is_told():
    table = pd.DataFrame({"x": [9, 3, 9, 3], "wave": [1, 1, 2, 2]})
    with pytest.raises(ParameterError, match="pairs is an empty list"):
        net_promoter_change(table, item="x", by="wave", pairs=[])


def test_one_wave_is_no_change():
    with pytest.raises(DataError, match="Groups of 'wave' with answers: 1"):
        net_promoter_change(pd.DataFrame({"x": [9, 3], "wave": 1}), item="x", by="wave")


# --- sizes ----------------------------------------------------------------------------------------
def test_several_shares_and_targets_make_a_table():
    found = net_promoter_sample_size(
        promoter_share=[0.4, 0.5], detractor_share=[0.3, 0.1], margin_points=[5, 10],
        change_points=5,
    )  # fmt: skip
    assert found["measure"].tolist() == ["score"] * 4 + ["change"] * 2
    assert found["target_points"].tolist() == [5, 10, 5, 10, 5, 5]
    assert found["promoter_share"].tolist() == [0.4, 0.4, 0.5, 0.5, 0.4, 0.5]


def test_a_base_of_one_mind_needs_a_note_and_not_no_answers():
    found = net_promoter_sample_size(promoter_share=1, detractor_share=0, margin_points=5)
    assert found["estimate"].isna().all()
    assert "no spread" in found["note"][0]


@pytest.mark.parametrize(
    "options, told",
    [
        ({"promoter_share": 40}, "promoter_share"),
        ({"promoter_share": 0.8}, "more than all"),
        ({"margin_points": 0}, "margin_points"),
        ({"margin_points": None}, "Neither"),
        ({"power": 80, "change_points": 5}, "power is 80"),
        ({"power": 0.025, "change_points": 5}, "power is 0.025"),
        ({"power": 0.001, "change_points": 5}, "between 0.025 and 1"),
        ({"power": 0.05, "change_points": 5, "conf_level": 0.9}, "power is 0.05"),
        ({"population": 0}, "population is 0"),
        ({"design_effect": -1}, "design_effect is -1"),
    ],
)
def test_plans_that_cannot_be_are_told(options, told):
    asked = {"promoter_share": 0.4, "detractor_share": 0.3, "margin_points": 5} | options
    with pytest.raises(ParameterError, match=told):
        net_promoter_sample_size(**asked)


def test_more_power_takes_more_answers_from_the_least_on():
    asked = {"promoter_share": 0.4, "detractor_share": 0.3, "change_points": 5}
    powers = [0.026, 0.05, 0.2, 0.5, 0.8, 0.99]
    found = [net_promoter_sample_size(power=one, **asked)["estimate"].item() for one in powers]
    assert found == sorted(found)


# --- silence --------------------------------------------------------------------------------------
def bounds(**options):
    found = net_promoter_bounds(ANSWERS, item="recommend", **options)
    return found.set_index("measure")


def test_without_invitations_or_days_the_rest_is_said():
    rows = bounds(days="days")
    assert rows.loc["extrapolated", "note"] == "number invited not known"
    assert rows.loc["extrapolated", ["estimate", "bound_low"]].isna().all()
    assert rows.loc["late_less_early", "estimate"] < 0
    rows = bounds(invited=40)
    assert rows.loc["extrapolated", "note"] == "no days until the answer"
    assert np.isnan(rows.loc["extrapolated", "estimate"])
    assert rows.loc["extrapolated", "bound_high"] - rows.loc["extrapolated", "bound_low"] == (
        pytest.approx(200 * (1 - 11 / 40))
    )


def test_the_silent_bound_the_score_of_the_invited_whatever_the_weights():
    # 50 promoters and 50 detractors of 200 invited: the others are all one or all the other.
    table = pd.DataFrame({"x": [10] * 50 + [0] * 50, "w": [1.0] * 50 + [3.0] * 50})
    found = net_promoter_bounds(table, item="x", invited=200, design=SurveyDesign(weight="w"))
    row = found.set_index("measure").loc["extrapolated"]
    assert (row["bound_low"], row["bound_high"]) == (-50, 50)


def test_invitations_by_wave():
    found = net_promoter_bounds(
        ANSWERS, item="recommend", by="wave", days="days", invited={"a": 10, "b": 20}
    )
    assert found["invited"].tolist()[:12] == [10] * 6 + [20] * 6
    row = found[found["wave"] == "c"].set_index("measure").loc["answered"]
    assert row["note"] == "no answers"


def test_answers_without_days_count_as_early_and_are_counted():
    table = ANSWERS.assign(days=ANSWERS["days"].where(ANSWERS.index > 1))
    found = net_promoter_bounds(table, item="recommend", days="days", invited=30)
    assert set(found["note"]) == {"2 without days count as early"}


def test_nobody_late_leaves_nothing_to_carry_on():
    rows = bounds(days="days", late_after_days=99, invited=30)
    assert rows.loc["extrapolated", "note"] == "too few early or late answers"
    assert rows.loc["late", "note"] == "no answers"
    assert rows.loc["extrapolated", "bound_low"] < -50


@pytest.mark.parametrize("method", ["adjusted_wald", "score"])
def test_clusters_widen_what_is_said_of_the_silent(method):
    table = pd.concat([ANSWERS] * 10, ignore_index=True)
    asked = {"item": "recommend", "days": "days", "invited": 300, "method": method}
    plain = net_promoter_bounds(table, **asked).set_index("measure")
    firm = net_promoter_bounds(table, design=SurveyDesign(cluster="firm"), **asked)
    rows = firm.set_index("measure")
    assert rows["estimate"].to_numpy() == pytest.approx(plain["estimate"].to_numpy(), nan_ok=True)
    assert rows.loc["extrapolated", "std_error"] > plain.loc["extrapolated", "std_error"]


def mover(estimates, rows, weights):
    """Ends of a weighted sum of the early and the late, from the intervals of the table."""
    errors = rows.loc[["early", "late"], "std_error"]
    gap = rows.loc["late_less_early", "std_error"]
    rho = (errors.pow(2).sum() - gap**2) / (2 * errors.prod())
    assert abs(rho) > 0.1
    ends = []
    for side, name in ((-1, "ci_low"), (1, "ci_high")):
        far = []
        for weight, part in zip(weights, ("early", "late"), strict=True):
            facing = name if weight > 0 else {"ci_low": "ci_high", "ci_high": "ci_low"}[name]
            far.append(weight * (rows.loc[part, facing] - rows.loc[part, "estimate"]))
        # Both distances point the same way; their correlation has the sign of the weights.
        cross = 2 * rho * np.sign(weights[0] * weights[1]) * abs(far[0] * far[1])
        ends.append(estimates + side * np.sqrt(far[0] ** 2 + far[1] ** 2 + cross))
    return ends


def test_what_early_and_late_share_in_a_firm_is_counted_once():
    random = np.random.default_rng(8)
    firm = np.repeat(range(40), 6)
    mood = random.normal(0, 2, 40)[firm]
    table = pd.DataFrame({"firm": firm, "days": np.tile([1, 2, 3, 11, 12, 13], 40)})
    table["recommend"] = np.clip(np.round(7.8 + mood + random.normal(0, 1, 240)), 0, 10)
    found = net_promoter_bounds(
        table, item="recommend", days="days", invited=480, design=SurveyDesign(cluster="firm")
    )
    rows = found.set_index("measure")
    for name, weights in (("late_less_early", (-1, 1)), ("extrapolated", (0.25, 0.75))):
        low, high = mover(rows.loc[name, "estimate"], rows, weights)
        assert rows.loc[name, ["ci_low", "ci_high"]].tolist() == pytest.approx([low, high])


def test_weights_move_the_share_of_the_late():
    table = ANSWERS.assign(weight=np.where(ANSWERS["days"] > 10, 3.0, 1.0))
    design = SurveyDesign(weight="weight")
    found = net_promoter_bounds(table, item="recommend", days="days", invited=22, design=design)
    rows = found.set_index("measure")["estimate"]
    # Late answers weigh 15 of 21: the whole is their mixture, half of all are silent.
    whole = (6 * rows["early"] + 15 * rows["late"]) / 21
    assert rows["answered"] == pytest.approx(whole)
    assert rows["extrapolated"] == pytest.approx((whole + rows["late"]) / 2)


@pytest.mark.parametrize(
    "options, error, told",
    [
        ({"invited": 10}, ParameterError, "10 invited, but 11 answered"),
        ({"invited": np.inf}, ParameterError, "inf invited, but 11 answered"),
        ({"invited": 20.5}, ParameterError, "20.5 invited, but 11 answered"),
        ({"invited": "20"}, ParameterError, "'20' invited, but 11 answered"),
        ({"invited": {"a": 10}, "by": "wave"}, ParameterError, "no number for b"),
        ({"invited": {"a": 3, "b": 20}, "by": "wave"}, ParameterError, "3 invited of a"),
        ({"days": "firm"}, DataError, "not a number"),
        ({"method": "wald"}, ParameterError, "method is 'wald'"),
    ],
)
def test_wrong_invitations_and_days_are_told(options, error, told):
    with pytest.raises(error, match=told):
        bounds(**options)


def test_days_below_zero_are_refused_with_their_rows():
    table = ANSWERS.assign(days=-1.0)
    with pytest.raises(DataError, match="12 values in 'days' below 0; first: row 0: -1"):
        net_promoter_bounds(table, item="recommend", days="days")


# --- retention ------------------------------------------------------------------------------------
def test_what_is_not_known_yet_is_missing_and_not_lost():
    table = ANSWERS.assign(stayed=[1, None, *ANSWERS["stayed"][2:]])
    found = promoter_retention(table, item="recommend", retained="stayed")
    assert found.loc[0, ["n", "n_missing"]].tolist() == [5, 1]
    # One without an answer and one whose year is not over.
    assert found.loc[4, "n_missing"] == 2


def test_a_category_without_answers_keeps_its_row():
    table = pd.DataFrame({"x": [9, 9, 8], "stayed": [1, 0, 1]})
    found = promoter_retention(table, item="x", retained="stayed").set_index("category")
    assert found.loc["detractors", "note"] == "no answers"
    assert found.loc["promoters - detractors", "note"] == "too few promoters or detractors"
    assert found.loc["all", "statistic"] > 0


def test_when_all_stayed_there_is_no_trend():
    table = pd.DataFrame({"x": [9, 8, 3], "stayed": [1, 1, 1]})
    found = promoter_retention(table, item="x", retained="stayed")
    assert found["note"].tolist()[-1] == "one category only, or all alike: no trend"


def test_retention_beyond_yes_and_no_is_refused():
    table = ANSWERS.assign(stayed=2)
    with pytest.raises(DataError, match="12 answers in 'stayed' off the scale"):
        promoter_retention(table, item="recommend", retained="stayed")


# --- views and plan -------------------------------------------------------------------------------
def test_views_move_one_cut_point_at_a_time():
    found = net_promoter_views(
        ANSWERS, item="recommend", by="wave", pair=("a", "b"), n_boot=99, seed=1
    )
    kinds = found["measure"].value_counts()
    assert kinds.to_dict() == {"net_promoter_score": 8, "net_promoter_change": 7}
    cuts = found["method"].str.split("; ").str[1]
    assert cuts.nunique() == 5
    direct = net_promoter_score(ANSWERS, item="recommend", by="wave", promoters_from=8)
    moved = found[cuts.str.startswith("promoters 8–10") & found["verdict"].eq("")]
    assert moved["estimate"].tolist() == [direct.loc[1, "estimate"]]


def test_views_of_one_wave_need_its_name():
    with pytest.raises(ParameterError, match="neither pair nor wave"):
        net_promoter_views(ANSWERS, item="recommend", by="wave", n_boot=99, seed=1)
    found = net_promoter_views(ANSWERS, item="recommend", by="wave", wave="a", n_boot=99, seed=1)
    assert set(found["measure"]) == {"net_promoter_score"}
    assert found["n"].tolist() == [4] * 8


def test_views_look_at_the_wave_that_is_named_beside_a_pair():
    table = pd.DataFrame({"x": [10] * 4 + [3] * 4 + [10] * 3, "wave": list("aaaabbbbccc")})
    asked = {"item": "x", "by": "wave", "pair": ("a", "b"), "n_boot": 99, "seed": 1}
    for wave, estimate, n in ((None, -100, 4), ("c", 100, 3)):
        found = net_promoter_views(table, wave=wave, **asked)
        scores = found[found["measure"] == "net_promoter_score"]
        assert set(scores["estimate"]) == {estimate}
        assert set(scores["n"]) == {n}
        assert set(found.loc[found["measure"] == "net_promoter_change", "estimate"]) == {-200}


@pytest.mark.parametrize(
    "options, told",
    [
        ({"by": "wave", "wave": "q"}, "wave is 'q'"),
        ({"wave": "a"}, "by is None, and the wave is 'a'"),
        ({"pair": ("a", "b")}, "by is None, and the wave is 'b'"),
    ],
)
def test_views_of_a_wave_that_is_none_are_refused(options, told):
    with pytest.raises(ParameterError, match=told):
        net_promoter_views(ANSWERS, item="recommend", n_boot=99, seed=1, **options)


def test_a_plan_takes_what_is_there():
    plan = recommendation_plan(
        ANSWERS.rename(columns={"stayed": "retained"}),
        item="recommend",
        invited=pd.DataFrame({"wave": ["a", "b"], "invited": [10, 20]}),
    )
    assert (plan.wave, plan.pair, plan.latest) == ("wave", ("a", "b"), "b")
    assert (plan.days, plan.retained, plan.invited) == ("days", "retained", 30)
    assert plan.invited_by_wave == {"a": 10, "b": 20}
    assert plan.gaps.empty


def test_a_plan_owns_up_to_what_is_lacking():
    plan = recommendation_plan(pd.DataFrame({"x": [9, 3]}), item="x")
    assert plan.wave is plan.pair is plan.latest is None
    assert plan.gaps["measure"].tolist() == ["waves", "late answers", "retention", "silence"]


def test_waves_come_in_their_order_however_the_rows_lie():
    table = pd.DataFrame(
        {"x": [9.0, 3.0, 8.0, None], "quarter": ["2024Q2", "2023Q4", "2024Q1", "2025"]}
    )
    plan = recommendation_plan(table, item="x", wave="quarter")
    assert plan.pair == ("2024Q1", "2024Q2")
    chosen = recommendation_plan(table, item="x", wave="quarter", before="2023Q4")
    assert chosen.pair == ("2023Q4", "2024Q2")
    numbers = recommendation_plan(table.assign(quarter=[10, 2, 9, 11]), item="x", wave="quarter")
    assert numbers.pair == (9, 10)


@pytest.mark.parametrize(
    "first, second, told",
    [
        ("Q4 2023", "Q1 2024", []),
        ("W9", "W10", []),
        ("9", "10", []),
        ("Sept 2023", "Dec 2023", ["waves"]),  # words that tell of no order: as they come
        ("pilot", "launch", ["waves"]),
    ],
)
def test_waves_in_words_follow_their_periods_else_their_rows(first, second, told):
    # 8 of 10 promoters and 2 detractors, then 4 and 4: a change by -60 points.
    answers = [10] * 8 + [3] * 2 + [10] * 4 + [8] * 2 + [3] * 4
    table = pd.DataFrame({"x": answers, "wave": [first] * 10 + [second] * 10})
    plan = recommendation_plan(table, item="x")
    assert (plan.pair, plan.latest) == ((first, second), second)
    assert [name for name in plan.gaps["measure"] if name == "waves"] == told
    change = net_promoter_change(plan.responses, item="x", by=plan.wave).iloc[0]
    assert change["contrast"] == f"{second} - {first}"
    assert change["estimate"] == pytest.approx(-60)


@pytest.mark.parametrize(
    "invited, told",
    [
        ({"wave": ["a", "b", "b"], "invited": [10, 20, 20]}, "in b: left out"),
        ({"wave": ["a", "b"], "invited": [None, 20]}, "in a: left out"),
        ({"invited": [None, 20, 30]}, "in 1 of 3 rows: left out"),
    ],
)
def test_invitations_told_twice_or_not_at_all_become_a_gap(invited, told):
    answers = ANSWERS if "wave" in invited else ANSWERS.drop(columns="wave")
    plan = recommendation_plan(answers, item="recommend", invited=pd.DataFrame(invited))
    assert plan.invited is plan.invited_by_wave is None
    [note] = plan.gaps.loc[plan.gaps["measure"] == "silence", "note"]
    assert note == f"not known how many were invited {told}"


def test_a_gap_among_waves_in_numbers_hides_no_invitations():
    table = pd.DataFrame({"x": [9, 3, 8], "wave": [2023, 2024, None]})
    invited = pd.DataFrame({"wave": [2023, 2024], "invited": [20, 30]})
    plan = recommendation_plan(table, item="x", invited=invited, before="2023")
    assert (plan.invited, plan.invited_by_wave) == (50, {2023: 20, 2024: 30})
    assert plan.pair == (2023, 2024)
    del invited["wave"]
    with pytest.raises(DataError, match="Columns not in the table: wave"):
        recommendation_plan(table, item="x", invited=invited)


def test_one_wave_or_invitations_of_some_waves_become_gaps():
    table = pd.DataFrame({"x": [9, 3], "wave": ["a", "a"]})
    plan = recommendation_plan(table, item="x", invited=pd.DataFrame({"wave": [], "invited": []}))
    assert plan.pair is None
    assert plan.latest == "a"
    notes = dict(zip(plan.gaps["measure"], plan.gaps["note"], strict=True))
    assert notes["change"] == "wave has one wave with answers: no change to judge"
    assert notes["silence"] == "not known how many were invited in a: left out"


def test_columns_that_hold_nothing_become_gaps():
    table = pd.DataFrame({"x": [9, 3], "wave": [None, None], "days": [None, None]})
    plan = recommendation_plan(table, item="x", invited=12)
    assert plan.wave is None
    assert plan.days is None
    assert plan.invited == 12
    assert plan.gaps["note"].tolist()[0] == "wave is empty: all answers are one wave"


@pytest.mark.parametrize(
    "options, told",
    [
        ({"before": "z"}, "wave_a is 'z'"),
        ({"after": "c"}, "wave_b is 'c'"),  # a category without answers
        ({"before": "b"}, "two different waves"),
        ({"after": "a"}, "two different waves"),
    ],
)
def test_waves_that_cannot_be_compared_are_told(options, told):
    with pytest.raises(ParameterError, match=told):
        recommendation_plan(ANSWERS, item="recommend", **options)


@pytest.mark.parametrize(
    "table, invited, least",
    [
        (ANSWERS, pd.DataFrame({"wave": ["a", "b"], "invited": [90, 20]}), 20),
        (ANSWERS, None, 7),  # those who answered in b were asked
        (ANSWERS, 300, 7),  # of both waves together
        (ANSWERS.drop(columns="wave"), 30, 30),
        (ANSWERS.drop(columns="wave"), None, 11),
    ],
)
def test_a_population_is_no_smaller_than_those_asked(table, invited, least):
    asked = {"item": "recommend", "invited": invited}
    assert recommendation_plan(table, population=least, **asked) is not None
    with pytest.raises(ParameterError, match=f"is {least - 1}, and {least} were asked"):
        recommendation_plan(table, population=least - 1, **asked)


def test_a_named_column_that_is_absent_is_told():
    with pytest.raises(DataError, match="Columns not in the table: quarter"):
        recommendation_plan(ANSWERS, item="recommend", wave="quarter")
