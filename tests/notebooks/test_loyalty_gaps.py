"""What a study of the score, of churn, or of the base, cannot compute it names, and says why."""

import re
from pathlib import Path

import pandas as pd

from custlib import datasets
from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

STUDIES = Path(__file__).parents[2] / "notebooks" / "studies"


def findings(name, place, **parameters):
    """Findings of the study under these parameters, by key."""
    run = run_study(plan_study(STUDIES / f"{name}.ipynb", parameters), reports=place, warm=True)
    assert run.status == "ok", run.manifest.failure
    return {each.key: each for each in run.manifest.findings}


def test_a_study_of_churn_says_why_it_cannot_judge(tmp_path):
    customers = datasets.load("contracts").tables["customers"].drop(columns="reason")
    customers.to_csv(tmp_path / "telco.csv", index=False)
    named = {"data": str(tmp_path / "telco.csv"), "duration": "duration_months", "event": "left"}
    found = findings("09_churn_economics", tmp_path, **named, churn=0.03)
    said = found["claim_exit_reasons"].sentence
    assert said.endswith("cannot be judged: no column of reasons.")
    # Of 3 % churn a year no 5 points can be taken.
    why = "churn cannot fall by more points than there are"
    assert found["lift"].value is None
    told = f"what a fall of churn by 5 points brings is unknown: {why}."
    assert found["lift"].sentence.endswith(told)
    told = "A fall of churn by 5 points raises profit by an unknown part, a fall of churn by 5 "
    assert found["claim_churn_lift"].sentence.startswith(told)
    assert f"rise of profit: {why}" in found["left_undone"].value


def test_a_study_of_churn_names_the_reason_of_the_time_it_has_seen(tmp_path):
    # Nobody is seen longer than 24 months, and only one reason has a name that the claim knows.
    customers = pd.DataFrame({"months": [1 + at % 24 for at in range(200)]})
    customers["left"] = [1 - at % 2 for at in range(200)]
    reasons = ["zoo" if at % 10 == 8 else "price" for at in range(200)]
    customers["why"] = pd.Series(reasons).where(customers["left"] == 1)
    customers.to_csv(tmp_path / "own.csv", index=False)
    named = {"duration": "months", "event": "left", "reason": "why"}
    found = findings("09_churn_economics", tmp_path, data=str(tmp_path / "own.csv"), **named)
    said = found["main_reason"].sentence
    assert said.startswith("Within 24 months ")
    assert said.endswith("of all leave because of price, and no other reason on record takes more.")
    told = "cited reasons: none here is called staff, quality; here is price, zoo"
    assert found["claim_exit_reasons"].sentence.endswith(f"cannot be judged: {told}.")
    assert found["claim_exit_reasons"].verdict == "not computed"
    gaps = found["left_undone"].sentence
    assert told in gaps
    assert "reasons from month 36 on: nobody seen" in gaps


def test_too_few_of_a_kind_for_silence_and_retention_are_gaps(tmp_path):
    asked = {"promoters_from": 10, "detractors_to": 0, "late_after_days": 365.0}
    found = findings("04_net_promoter", tmp_path, **asked)
    assert found["retention_gap"].sentence.endswith("too few promoters or detractors.")
    assert "retention: too few promoters or detractors" in found["left_undone"].value
    assert "silence: too few early or late answers" in found["left_undone"].value


def test_an_interval_that_is_not_there_misses_no_census(tmp_path):
    said = findings("04_net_promoter", tmp_path, late_after_days=365.0)["planted"].sentence
    assert said.endswith("; the interval of the answers misses it.")


def test_fewer_customers_than_were_invited_are_refused(tmp_path):
    plan = plan_study(STUDIES / "04_net_promoter.ipynb", {"population": 300})
    run = run_study(plan, reports=tmp_path, warm=True)
    assert "population is 300, and 423 were asked" in str(run.manifest.failure)


def orders_of_nine_months(place):
    """Forty customers who all came early in 2024; every fifth came again each month."""
    rows = [(f"c{n}", f"2024-0{1 + n % 3}-{10 + n % 9}", 20 + n) for n in range(40)]
    rows += [(f"c{n}", f"2024-0{at}-15", 30) for n in range(0, 40, 5) for at in range(4, 10)]
    orders = pd.DataFrame(rows, columns=["client", "day", "paid"])
    orders.to_csv(place / "orders.csv", index=False)
    named = {"customer": "client", "date": "day", "amount": "paid"}
    return {"data": str(place / "orders.csv"), "n_draws": 100} | named


def test_a_base_with_one_cohort_and_no_later_period_says_so(tmp_path):
    asked = orders_of_nine_months(tmp_path) | {"period": "half_year"}
    found = findings("06_customer_base_audit", tmp_path, **asked)
    # The second half of 2024 is not over, and in the first nobody can be old.
    assert "old_customers" not in found
    gaps = found["left_undone"].value
    assert "no cohort after the first, which holds everybody who was there before" in gaps
    assert "share of old customers: no revenue in a whole period after the first" in gaps


def test_a_cohort_of_another_length_of_period_is_refused(tmp_path):
    asked = orders_of_nine_months(tmp_path) | {"period": "quarter", "cohort": "2024-01"}
    plan = plan_study(STUDIES / "06_customer_base_audit.ipynb", asked)
    failure = str(run_study(plan, reports=tmp_path, warm=True).manifest.failure)
    assert "cohort is '2024-01'" in failure
    assert "2024 Q1" in failure


def test_segments_no_more_stable_than_noise_lie_below_what_noise_reaches(tmp_path):
    asked = {"k_range": [2, 2], "n_boot": 10, "sample": 300, "variables": ["process"]}
    found = findings("07_segments_and_strategies", tmp_path, **asked)["stable_segments"]
    assert found.verdict == "not all stable"
    told = found.sentence.partition("a Jaccard of ")[2].rstrip(".")
    least, mean, noise = (float(each) for each in re.findall(r"\d\.\d+", told))
    # The least is past .75, so noise alone can have said no.
    assert 0.75 < least <= mean <= noise
