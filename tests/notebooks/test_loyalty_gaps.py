"""What a study of the score, or of churn, cannot compute it names, and says why."""

from pathlib import Path

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
    assert found["lift"].sentence.endswith(f"what 5 points less bring is unknown: {why}.")
    assert f"rise of profit: {why}" in found["left_undone"].value


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
