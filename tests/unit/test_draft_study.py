"""The draft of a study has the form of every study, whatever parts its file allows."""

import importlib.util
import itertools
import json
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pyreadstat
import pytest

from custlib.study.draft import StudyFacts, survey_study
from custlib.survey import read_export
from custlib.survey.draft import codebook_draft

FORM = Path(__file__).parents[1] / "notebooks" / "test_form.py"
PARTS = [
    dict(zip(("by", "recommend", "overall", "unsure"), each, strict=True))
    for each in itertools.product((None, "market"), (None, "nps"), ((), ("overall",)), ((), ("a",)))
]


def form():
    spec = importlib.util.spec_from_file_location("form_of_studies", FORM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook(**parts):
    content = survey_study(StudyFacts("answers.csv", "answers.yaml", **parts))
    return nbformat.reads(json.dumps(content), as_version=4)


def source(study):
    return "\n".join(cell.source for cell in study.cells if cell.cell_type == "code")


@pytest.mark.parametrize(
    "parts", PARTS, ids=lambda parts: "-".join(k for k, v in parts.items() if v)
)
def test_a_draft_has_the_form_of_a_study(parts):
    study, checks = notebook(**parts), form()
    nbformat.validate(study)
    # It has no outputs before it is run; the other checks are those of every study.
    faults = [one for check in checks.CHECKS[:-1] for one in check(study)]
    assert checks.CHECKS[-1] is checks.outputs
    assert faults == []


def test_a_part_without_answers_is_not_in_the_draft():
    bare, whole = source(notebook()), source(notebook(**PARTS[-1]))
    for word in ("plan.by", "net_promoter", "overall", "loyalty", "unsure"):
        assert word not in bare
        assert word in whole


def test_the_draft_says_that_it_is_one_and_what_to_check():
    first = notebook().cells[0].source
    for word in ("**draft**", "`answers.yaml`", "scale", "`missing`", "`groups`", "weight"):
        assert word in first


def test_names_of_files_may_hold_anything():
    odd = 'C:\\data\\o\'dd "q" ответы $x.csv'
    study = survey_study(StudyFacts(odd, "a.yaml"))
    values = {}
    exec("".join(study["cells"][1]["source"]), values)
    assert values["data"] == odd


def frame_of(n, seed=11):
    """Simulated answers in which question k3 is the lowest, and b rates k1 lower than a."""
    rng = np.random.default_rng(seed)
    means = {"k1": 3.9, "k2": 3.6, "k3": 2.1, "k4": 3.4}
    market = np.array(["a", "b"])[np.arange(n) % 2]
    drawn = {name: rng.normal(mean, 0.7, n) for name, mean in means.items()}
    drawn["k1"] -= 1.2 * (market == "b")
    frame = {name: np.clip(np.rint(one), 1, 5).astype(int) for name, one in drawn.items()}
    frame |= {"nps": rng.integers(0, 11, n), "overall": rng.integers(2, 6, n), "market": market}
    return pd.DataFrame(frame)


def executed(folder, frame, monkeypatch, name="answers.csv", **changed):
    """Names and findings of a draft that was executed in this process."""
    path, book = folder / name, folder / "answers.yaml"
    if frame is not None:
        frame.to_csv(path, index=False)
    export = read_export(path)
    draft = codebook_draft(export, title=path.name)
    book.write_text(draft.text, encoding="utf-8")
    overall = tuple(one for one in draft.outcomes if one != draft.recommend)
    facts = {"by": draft.by, "recommend": draft.recommend, "overall": overall}
    facts |= {"clashing": tuple(draft.clashing), "unsure": tuple(draft.unsure)}
    facts["sets_rows_aside"] = len(export.respondents().table) < len(export.table)
    study = survey_study(StudyFacts(str(path), str(book), **facts))
    found = {}
    monkeypatch.setattr(
        "custlib.study.find", lambda key, value, **rest: found.update({key: (value, rest)})
    )
    names = {"display": lambda shown: repr(shown)}
    for at, cell in enumerate(study["cells"]):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"cell {at + 1}", "exec"), names)
            names |= changed if "parameters" in cell["metadata"].get("tags", ()) else {}
    return names, found


def test_the_draft_finds_what_was_planted(tmp_path, monkeypatch):
    frame = frame_of(160)
    _, found = executed(tmp_path, frame, monkeypatch)
    low, told = found["lowest"]
    assert low == pytest.approx(frame["k3"].mean(), abs=1e-12)
    assert "K3" in told["sentence"]
    assert found["below_others"][0] == ["k3"]
    share = (frame["nps"] >= 9).mean() - (frame["nps"] <= 6).mean()
    assert found["net_promoter_score"][0] == pytest.approx(100 * share, abs=1e-9)
    assert found["overall_overall"][0] == pytest.approx(frame["overall"].mean(), abs=1e-12)
    assert "verdict" not in found["below_others"][1]
    sure, told = found["group_differences"]
    # Four questions on one scale, two groups.
    assert (sure, told["unit"]) == (1, "of 4 comparisons")
    assert "verdict" not in told
    assert "K1" in told["sentence"]


def test_groups_are_named_by_their_labels_though_two_groups_have_the_same_codes(
    tmp_path, monkeypatch
):
    frame = frame_of(160)
    frame["market"] = frame["market"].map({"a": "1 - North", "b": "2 - South"})
    frame["wave"] = np.where(np.arange(160) % 3, "1 - May", "2 - June")
    names, found = executed(tmp_path, frame, monkeypatch)
    assert names["by"] == "market"
    assert "K1, North against South" in found["group_differences"][1]["sentence"]


def test_a_group_may_be_left_out_by_its_parameter(tmp_path, monkeypatch):
    _, found = executed(tmp_path, frame_of(60), monkeypatch, by=None)
    assert found["group_differences"][0] == 0
    assert "nothing was compared" in found["left_undone"][1]["sentence"]


@pytest.mark.parametrize(
    "columns", [["k1"], ["k1", "k2"], ["k1", "nps"], ["nps"], ["overall", "k3", "market"]]
)
def test_a_draft_of_few_questions_runs(tmp_path, monkeypatch, columns):
    _, found = executed(tmp_path, frame_of(50)[columns], monkeypatch)
    assert {"lowest", "left_undone"} <= found.keys()
    # One question alone on its scale is the lowest of none.
    is_ranked = columns == ["k1", "k2"]
    assert ("below_others" in found) == is_ranked
    assert found["lowest"][1]["sentence"].startswith("Lowest of 2") == is_ranked
    assert (found["lowest"][1]["verdict"] is None) != is_ranked


def test_columns_that_the_study_would_add_are_in_nobodys_way(tmp_path, monkeypatch):
    frame = frame_of(60)
    frame["is_straight"] = [f"text {at}" for at in range(60)]
    frame["is_fast"] = frame["market"].map({"a": "x", "b": "y"})
    names, found = executed(tmp_path, frame, monkeypatch)
    assert "is_straight" not in names["responses"]
    assert found["lowest"][0] == pytest.approx(frame["k3"].mean(), abs=1e-12)


@pytest.mark.parametrize("n", [3, 4])
def test_a_draft_of_few_rows_runs_and_says_that_it_is_thin(tmp_path, monkeypatch, n):
    _, found = executed(tmp_path, frame_of(n), monkeypatch)
    assert found["lowest"][1]["n"] == n
    for key in {"lowest", "below_others", "net_promoter_score"} & found.keys():
        assert found[key][1]["sentence"].endswith("This is thin: fewer than 10 answers."), key
    assert found["lowest"][1]["verdict"] == "too few answers"


RATED = ("Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied")


def labelled_frame(path, *, turned):
    """Simulated answers to three questions, coded 1 to 5 from the worst or from the best answer."""
    rng = np.random.default_rng(8)
    drawn = {"quality": [0.02, 0.03, 0.05, 0.3, 0.6], "price": [0.3, 0.3, 0.2, 0.1, 0.1]}
    drawn["care"] = [0.05, 0.1, 0.2, 0.35, 0.3]
    truth = {name: rng.choice(5, 200, p=shares) + 1.0 for name, shares in drawn.items()}
    frame = pd.DataFrame({name: 6 - one if turned else one for name, one in truth.items()})
    labels = dict(enumerate(RATED[::-1] if turned else RATED, 1))
    pyreadstat.write_sav(frame, str(path), variable_value_labels=dict.fromkeys(frame, labels))
    return pd.DataFrame(truth)


def test_a_scale_that_begins_with_its_best_answer_is_studied_in_its_direction(
    tmp_path, monkeypatch
):
    truth = labelled_frame(tmp_path / "answers.sav", turned=True)
    names, found = executed(tmp_path, None, monkeypatch, name="answers.sav")
    low, told = found["lowest"]
    # Satisfied is 4 and very satisfied is 5 in the truth, whatever their codes in the file.
    assert low == pytest.approx(truth["price"].mean(), abs=1e-12)
    assert told["sentence"].startswith("Lowest of 3 questions on one scale: Price")
    assert found["below_others"][0] == ["price"]
    profile = names["profile"].set_index(["item", "measure"])["estimate"]
    for name, answers in truth.items():
        assert profile[name, "mean"] == pytest.approx(answers.mean(), abs=1e-12)
        assert profile[name, "top_box"] == pytest.approx((answers >= 4).mean(), abs=1e-12)
    assert names["codes"] == dict(enumerate(RATED, 1))
    assert "Turned round, the highest being the best: Quality, Price, Care." in told["sentence"]
    assert "no label tells" not in found["left_undone"][1]["sentence"]


def test_a_scale_in_its_order_is_studied_as_it_is(tmp_path, monkeypatch):
    truth = labelled_frame(tmp_path / "answers.sav", turned=False)
    names, found = executed(tmp_path, None, monkeypatch, name="answers.sav")
    assert found["lowest"][0] == pytest.approx(truth["price"].mean(), abs=1e-12)
    assert "Turned round" not in found["lowest"][1]["sentence"]
    assert "unsure" not in names


def test_what_can_turn_a_finding_round_is_among_the_findings(tmp_path, monkeypatch):
    names, found = executed(tmp_path, frame_of(60), monkeypatch)
    (told,) = [one for one in found["left_undone"][0] if "no label tells" in one]
    assert told.endswith("(k1, k2, k3 and 2 more)")  # k4 and overall; nps has its own direction
    assert told in found["left_undone"][1]["sentence"]
    assert names["gaps"].query("measure == 'codebook'")["note"].tolist() == names["unsure"]


def test_more_doubts_than_a_cell_holds_are_counted():
    study = notebook(unsure=tuple(f"doubt {at}" for at in range(12)))
    assert '"doubt 4"' in source(study)
    assert '"doubt 5"' not in source(study)
    assert "and 7 more, in the codebook" in source(study)


def test_previews_of_a_survey_program_are_not_studied(tmp_path, monkeypatch):
    head = ["StartDate", "Status", "Finished", "RecordedDate", "ResponseId"]
    rows = [[*head, "Q1_1", "Q1_2"], [*head, "Steel? - Price", "Steel? - Delivery"]]
    ids = ["startDate", "status", "finished", "recordedDate", "_recordId", "QID1_1", "QID1_2"]
    rows.append([json.dumps({"ImportId": one}) for one in ids])
    for at in range(40):
        when, status = "2025-03-01 10:00:00", "1" if at < 4 else "0"
        rows.append([when, status, "1", when, f"R_{at}", 1 + at % 5, 1 + (at // 2) % 5])
    cells = [['"{}"'.format(str(cell).replace('"', '""')) for cell in row] for row in rows]
    text = "\n".join(",".join(row) for row in cells)
    (tmp_path / "answers.csv").write_text(text, encoding="utf-8")
    names, found = executed(tmp_path, None, monkeypatch)
    assert len(names["responses"]) == found["below_others"][1]["n"] == 36
