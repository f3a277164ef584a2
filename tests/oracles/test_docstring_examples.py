"""Numbers of the docstrings' examples beside those of R: each example runs as it is written.

What R computed stands in docstring_examples/expected.json under floor.function.number. Here stands
where the example leaves that number; it is compared before any rounding.
"""

import doctest
import importlib
import inspect
import sys

import pytest

OUT_OF_SCOPE: dict[str, str] = {}


def by(measure, table="found", column="estimate", key="measure"):
    return f"{table}.set_index({key!r}).loc[{measure!r}, {column!r}]"


WHERE = {
    "survey.answer_shares": {
        "of_1": "answer_shares(answers, items=['delivery'], scale=(1, 3))['estimate'][0]",
        "of_3": "answer_shares(answers, items=['delivery'], scale=(1, 3))['estimate'][2]",
        "of_3_high": "answer_shares(answers, items=['delivery'], scale=(1, 3))['ci_high'][2]",
    },
    "survey.best_worst_worths": {
        "price": "worths.query('measure == \"worth\"')['estimate'].iloc[0]"
    },
    "survey.rank_worths": {"price": "worths.query('measure == \"worth\"')['estimate'].iloc[0]"},
    "survey.compare_groups": {
        name: f"found[{name!r}][0]" for name in ("estimate", "effect", "statistic", "df")
    },
    "survey.cronbach_alpha": {
        "estimate": by("alpha", "table"),
        "standardized": by("standardized_alpha", "table"),
        "ci_low": by("alpha", "table", "ci_low"),
        "ci_high": by("alpha", "table", "ci_high"),
    },
    "survey.item_statistics": {
        f"item_rest_of_{item}": f"table.query('measure == \"item_rest\"')['estimate'].iloc[{at}]"
        for at, item in enumerate("abc")
    },
    "survey.cumulative_logit": {
        name: f"model.estimates[{name!r}][0]" for name in ("estimate", "std_error")
    },
    "survey.customer_effort_score": {
        "mean": by("mean", "score"),
        "mean_low": by("mean", "score", "ci_low"),
        "low_effort": by("low_effort", "score"),
        "low_effort_low": by("low_effort", "score", "ci_low"),
    },
    "survey.driver_shares": {
        "price": "found.query('measure == \"share\"')['estimate'].iloc[0]",
        "speed": "found.query('measure == \"share\"')['estimate'].iloc[1]",
    },
    "survey.early_late": {
        name: f"early_late(waves, items=['a'], submitted='wave')[{name!r}][0]"
        for name in ("estimate", "statistic", "p_value")
    },
    "survey.path_model": {"path": "model.estimates['estimate'][0]"},
    "survey.effect_by_method": {"estimate": "ways['estimate'][0]"},
    "survey.gap_scores": {
        name: f"found[{name!r}][0]" for name in ("estimate", "statistic", "df", "p_value")
    },
    "survey.item_deviations": {
        "price": "item_deviations(answers, items=list(answers))['estimate'][0]"
    },
    "survey.mcdonald_omega": {
        "omega": by("omega", "table"),
        "omega_of_z_scores": by("standardized_omega", "table"),
    },
    "survey.kano_coefficients": {
        "satisfaction": "kano_coefficients(table, item='feature')['estimate'][0]",
        "dissatisfaction": "kano_coefficients(table, item='feature')['estimate'][1]",
    },
    "survey.method_agreement": {"kendall_W": by("kendall_W", "agreement.fit")},
    "survey.penalty_reward": {
        "penalty": "found.estimates['estimate'][0]",
        "reward": "found.estimates['estimate'][1]",
    },
    "survey.rake": {"home": "raked.cases['weight'][0]", "export": "raked.cases['weight'][3]"},
    "survey.rank_agreement": {
        "kendall_W": by("kendall_W", "agreement.fit"),
        "mean_spearman": by("mean_Spearman", "agreement.fit"),
    },
    "survey.rater_agreement": {
        "krippendorff_alpha": by("krippendorff_alpha"),
        "icc_1_1": by("icc_1_1"),
        "icc_2_1": by("icc_2_1"),
        "icc_1_1_low": by("icc_1_1", column="ci_low"),
    },
    "survey.response_quality": {
        "longest_run_1": "checked['longest_run'][0]",
        "longest_run_2": "checked['longest_run'][1]",
        "answer_sd_2": "checked['answer_sd'][1]",
    },
    "survey.satisfaction_index": {
        name: f"index[{name!r}][0]" for name in ("estimate", "ci_low", "ci_high")
    },
    "survey.satisfaction_profile": {
        "mean": by("mean", "profile"),
        "mean_error": by("mean", "profile", "std_error"),
        "top_box": by("top_box", "profile"),
    },
    "survey.servqual_gaps": {
        name: f"gaps.query('measure == \"gap\"')[{name!r}].iloc[0]"
        for name in ("estimate", "statistic", "ci_low", "p_value")
    },
    "survey.servqual_table_check": {"t_from_ci": by("t_from_ci", "check")},
    "survey.trim": {
        "largest": "trim(cases, weight='weight', cap=1.75)['weight_trimmed'][3]",
        "others": "trim(cases, weight='weight', cap=1.75)['weight_trimmed'][0]",
    },
    "survey.weight_summary": {
        name: f"weight_summary(cases, weight='weight')[{name!r}][0]"
        for name in ("deff_w", "n_effective")
    },
    "segmentation.class_migration": {"A_to_B": "moved['estimate'].iloc[1]"},
    "segmentation.cluster_choice": {
        "silhouette_2": by("silhouette", "found.query('clusters == 2')")
    },
    "segmentation.cluster_customers": {
        "within": by("within_ss", "found.fit"),
        "n_of_1": "(found.cases['segment'] == '1').sum()",
    },
    "segmentation.cohort_contrast": {
        name: f"cohort_contrast(rows)[{name!r}][0]" for name in ("statistic", "p_value")
    },
    "segmentation.concentration": {"gini": "found['gini']", "hhi": "found['hhi']"},
    "segmentation.lorenz_points": {
        "at_three_quarters": "lorenz_points(firms, points=4)['estimate'][3]"
    },
    "segmentation.kappa_agreement": {
        "kappa": by("kappa"),
        "weighted_kappa": by("weighted_kappa"),
    },
    "segmentation.latent_class_choice": {
        "log_likelihood_1": "found['log_likelihood'][0]",
        "bic_1": "found['bic'][0]",
    },
    "segmentation.method_agreement": {
        "ward": "found['estimate'][1]",
        "ward_on_ranks": "found['estimate'][2]",
    },
    "segmentation.segment_agreement": {
        "adjusted_rand": "segment_agreement(table, first='by_value', second='by_need')"
        "['estimate'][0]"
    },
    "segmentation.agreement_by_pair": {
        "adjusted_rand": "agreement_by_pair(table, segments=names)['estimate'][0]"
    },
    "segmentation.profit_curve": {"peak": "curve.points['profit_share'].max()"},
    "segmentation.repeat_shares": {
        "twice": "repeat_shares(base)['estimate'][1]",
        "twice_low": "repeat_shares(base)['ci_low'][1]",
    },
    "segmentation.rfm_cuts": {
        "recency": "rfm_cuts(firms, scores=2)['estimate'][0]",
        "amount": "rfm_cuts(firms, scores=2)['estimate'][2]",
    },
    "segmentation.rfm_scores": {
        "monetary_of_first": "rfm_scores(firms)['monetary_score'][0]",
        "recency_of_first": "rfm_scores(firms)['recency_score'][0]",
    },
    "segmentation.segment_profiles": {
        "a": "segment_profiles(firms, variables=['amount'])['estimate'][0]",
        "all": "segment_profiles(firms, variables=['amount'])['estimate'][2]",
    },
    "segmentation.theoretical_top_share": {"lognormal": "theoretical_top_share(top=0.2, sigma=1)"},
    "segmentation.shape_for_top_share": {
        "lognormal": "shape_for_top_share(top=0.2, share=0.8)",
        "pareto": "shape_for_top_share(top=0.2, share=0.8, law='pareto')",
    },
    "segmentation.value_deciles": {"first": "value_deciles(base, groups=2)['amount'][0]"},
    "loyalty.allocate_contacts": {"best_contacts": "plan.cases['best_contacts'].iloc[0]"},
    "loyalty.chain_sizes": {
        name: f"chain_sizes(offspring_mean=0.9, law='poisson', up_to=3)['estimate'][{at}]"
        for at, name in enumerate(["one", "two", "three"])
    },
    "loyalty.churn_hazards": {
        name: f"found.estimates[{name!r}][0]" for name in ("estimate", "std_error")
    },
    "loyalty.churn_profit_lift": {
        "relative": "both[0]['estimate']",
        "points": "both[1]['estimate']",
    },
    "loyalty.churn_lift_line": {"estimate": "line['estimate'][0]", "effect": "line['effect'][0]"},
    "loyalty.churn_rate": {name: f"found[{name!r}][0]" for name in ("estimate", "ci_high")},
    "loyalty.cohort_retention": {
        "retained_1": "found['estimate'][1]",
        "retained_1_low": "found['ci_low'][1]",
    },
    "loyalty.compare_incidence": {
        "price": "found['statistic'][0]",
        "staff": "found['statistic'][1]",
    },
    "loyalty.compare_survival": {
        name: f"found.tests[{name!r}][0]" for name in ("statistic", "p_value")
    },
    "loyalty.count_against_shares": {"p_value": "row['p_value']"},
    "loyalty.count_power": {"limit": "power['limit'][1]", "estimate": "power['estimate'][1]"},
    "loyalty.cumulative_incidence": {
        "price": "found['estimate'][0]",
        "staff": "found['estimate'][1]",
        "price_error": "found['std_error'][0]",
    },
    "loyalty.discount_break_even": {
        "estimate": "discount_break_even(discount=0.1, margin=0.3)['estimate'][0]"
    },
    "loyalty.price_break_even": {
        "estimate": "price_break_even(rise=0.15, margin=0.3)['estimate'][0]"
    },
    "loyalty.doubling_time": {
        "at_15_percent": "doubling_time(growth=[0.15, 0.3, 0.4])['estimate'][0]",
        "at_40_percent": "doubling_time(growth=[0.15, 0.3, 0.4])['estimate'][2]",
    },
    "loyalty.funnel_rates": {
        "call_offer": "funnel_rates(leads, stages=['call', 'offer', 'sale'])['estimate'][0]",
        "call_offer_low": "funnel_rates(leads, stages=['call', 'offer', 'sale'])['ci_low'][0]",
    },
    "loyalty.funnel_plan": {
        "calls_needed": "plan['calls'][0]",
        "probability_of_800": "plan['estimate'][1]",
        "sales_low": "plan['ci_low'][2]",
    },
    "loyalty.funnel_scenarios": {"calls_needed": "found['calls'][0]"},
    "loyalty.ladder_transitions": {"low_to_high": "found.estimates['estimate'][1]"},
    "loyalty.ladder_lifetimes": {
        "mean": "ladder_lifetimes(moves, seed=1)['estimate'][0]",
        "mean_by_markovchain": "ladder_lifetimes(moves, seed=1)['estimate'][0]",
        "std_dev": "ladder_lifetimes(moves, seed=1)['estimate'][1]",
    },
    "loyalty.ladder_visits": {"buyer": "ladder_visits(moves, seed=1)['estimate'][0]"},
    "loyalty.ladder_occupancy": {
        "after_2": "ahead.query('stage == \"buyer\"')['estimate'].iloc[2]"
    },
    "loyalty.ladder_value": {"buyer": "value['estimate'][0]"},
    "loyalty.ladder_climb": {
        "ever": "ladder_climb(moves, seed=1)['estimate'][0]",
        "periods": "ladder_climb(moves, seed=1)['estimate'][1]",
    },
    "loyalty.ladder_rungs": {
        "ever": "ladder_rungs(moves, seed=1)['estimate'][0]",
        "up": "ladder_rungs(moves, seed=1)['estimate'][1]",
    },
    "loyalty.ladder_gains": {"one_point": "gain['estimate'][0]"},
    "loyalty.ladder_what_if": {
        name: f"better['estimate'][{at}]"
        for at, name in enumerate(["before", "after", "difference"])
    },
    "loyalty.ladder_tests": {
        "likelihood_ratio": "found['statistic'][0]",
        "pearson": "found['statistic'][1]",
    },
    "loyalty.ladder_shares": {"idle": "ladder_shares(seen)['estimate'][1]"},
    "loyalty.ladder_margins": {"buyer": "ladder_margins(seen, margin_share=0.5)['estimate'][0]"},
    "loyalty.lifetime_value": {
        "estimate": "lifetime_value(margin=100, churn=0.2, discount=0.1)['estimate'][0]"
    },
    "loyalty.net_promoter_score": {name: f"found[{name!r}]" for name in ("estimate", "std_error")},
    "loyalty.promoter_shares": {
        "promoters": "promoter_shares(answers, item='recommend')['estimate'][0]"
    },
    "loyalty.net_promoter_change": {"estimate": "found['estimate']"},
    "loyalty.net_promoter_sample_size": {
        name: "net_promoter_sample_size(promoter_share=0.5, detractor_share=0.5, "
        f"margin_points=[10, 5])['estimate'][{at}]"
        for at, name in enumerate(["within_10", "within_5"])
    },
    "loyalty.promoter_retention": {
        "promoters_low": by("promoters", column="ci_low", key="category"),
        "detractors_high": by("detractors", column="ci_high", key="category"),
        "trend": by("trend", column="statistic"),
    },
    "loyalty.purchase_model": {
        "log_likelihood": by("log_likelihood", "model.fit"),
        "r": by("r", "model.estimates", key="term"),
        "alpha": by("alpha", "model.estimates", key="term"),
    },
    "loyalty.spend_model": {
        "log_likelihood": by("log_likelihood", "model.fit"),
        "population_mean": by("mean", "model.estimates"),
    },
    "loyalty.reason_shares": {"price_low": "found['ci_low'][0]"},
    "loyalty.reason_fit": {name: f"fit[{name!r}][3]" for name in ("statistic", "p_value")},
    "loyalty.referral_balance": {"multiplier": "found['estimate']['multiplier']"},
    "loyalty.restricted_mean": {
        "estimate": "restricted_mean(contracts, duration='months', event='left')['estimate'][0]"
    },
    "loyalty.survival_times": {"quarter": "found['estimate'][0]", "half": "found['estimate'][1]"},
    "loyalty.survival_curve": {
        name: f"survival_curve(contracts, duration='months', event='left')[{column!r}][2]"
        for name, column in {"after_2": "estimate", "after_2_error": "std_error"}.items()
    },
    "loyalty.search_rates": {
        "success_low": "search_rates(people).set_index('measure')['ci_low']['success']",
        "quit_hazard_low": "search_rates(people).set_index('measure')['ci_low']['quit_hazard']",
    },
    "loyalty.shifted_beta_geometric": {
        "log_likelihood": "law.fit['log_likelihood'][0]",
        "a": by("a", "law.estimates", key="term"),
        "b": by("b", "law.estimates", key="term"),
    },
    "loyalty.retention_holdout": {"kept_in_year_6": "held['estimate']"},
    "loyalty.silent_share": {
        "estimate": "silent_share(count=12, n=300, shares=0.15)['estimate'][0]"
    },
}


def after_the_example(name):
    """The names that the example of a docstring leaves."""
    floor, function = name.split(".")
    found = getattr(importlib.import_module(f"custlib.{floor}"), function)
    names = dict(vars(sys.modules[found.__module__]))
    for example in doctest.DocTestParser().get_examples(inspect.getdoc(found)):
        exec(example.source, names)
    return names


@pytest.mark.parametrize("name", WHERE)
def test_the_example_has_the_number_that_r_computes(oracle, name):
    names = after_the_example(name)
    found = {number: eval(where, names) for number, where in WHERE[name].items()}
    oracle("docstring_examples").expect_all(name, found)


@pytest.mark.parametrize("floor", ["survey", "segmentation", "loyalty"])
def test_an_example_that_names_r_has_its_number_here_and_the_other_way_round(floor):
    public = importlib.import_module(f"custlib.{floor}")
    documented = {name: inspect.getdoc(getattr(public, name)) or "" for name in public.__all__}
    named = {f"{floor}.{name}" for name, text in documented.items() if "# R: " in text}
    assert named == {name for name in WHERE if name.startswith(f"{floor}.")}


def test_every_key_of_the_oracle_is_pinned_above_or_out_of_scope(account_for_every_key):
    account_for_every_key("docstring_examples", OUT_OF_SCOPE)
