"""A researcher repeats a published index model: study 03 finds R's printed paths again."""

import json
from pathlib import Path

import pandas as pd

from custlib.study.run.plan import plan_study
from custlib.study.run.runner import run_study

EXPECTED = Path(__file__).parents[1] / "oracles" / "ecsi_sim" / "expected.json"
PATHS = "semPLS.centroid.path."


def test_the_paths_that_r_prints_are_found_again_and_a_misprint_is_not(tmp_path):
    values = json.loads(EXPECTED.read_text(encoding="utf-8"))["values"]
    printed = {
        key.removeprefix(PATHS).replace(".", " -> "): f"{one['value']:.3f}"
        for key, one in values.items()
        if key.startswith(PATHS)
    }
    printed["Image -> Loyalty"] = "0.999"
    file = tmp_path / "printed.csv"
    pd.Series(printed, name="estimate").rename_axis("term").to_csv(file)
    texts = {"scheme": "centroid", "published_file": str(file), "n_boot": "200"}
    run = run_study(plan_study("satisfaction_index", texts=texts), reports=tmp_path / "reports")
    assert run.status == "ok", run.manifest.failure
    findings = {finding.key: finding for finding in run.manifest.findings}
    assert findings["published"].value == len(printed) - 1 == 11
    assert findings["published"].sentence.endswith("11 of 12.")
