"""The page of audited claims says what the committed notebooks found, claim by claim."""

import importlib.util
import json
from pathlib import Path

import pandas as pd
import pytest

from custlib.study.manifest import FINDING

ROOT = Path(__file__).parents[2]
VERDICTS = {"holds", "holds only if", "not supported", "not computed"}


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_claims", ROOT / "docs" / "make_claims.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def claims():
    table = pd.read_csv(ROOT / "data" / "cited_claims" / "claims.csv")
    return table[table["study"].str[:2].isin(["09", "10", "11"])]


def test_the_page_is_what_the_notebooks_say(maker):
    kept = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    assert kept == maker.page(), "run `python docs/make_claims.py` after `make notebooks`"


def test_every_cited_claim_has_a_finding_with_a_verdict_and_no_finding_is_left_out(maker, claims):
    for study, part in claims.groupby("study"):
        found = maker.findings(ROOT / "notebooks" / "studies" / f"{study}.ipynb")
        audits = {key: one for key, one in found.items() if key.startswith("claim_")}
        assert set(audits) == {f"claim_{name}" for name in part["claim"]}, study
        for key, finding in audits.items():
            assert finding["verdict"] in VERDICTS, key


def test_every_audited_claim_is_on_the_page_with_its_chain(claims):
    text = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| [")]
    assert len(rows) == len(claims)
    for row in claims.itertuples():
        [line] = [one for one in rows if one.startswith(f"| [{row.claim.replace('_', ' ')}]")]
        for told in (row.said, row.origin, row.chain):
            assert told in line
        assert line.count("|") == 6


# The tests below hold the maker itself to notebooks and claims made up for it.


def made_up(folder, findings):
    """A folder of studies and a file of claims; the one study records these findings."""
    outputs = [{"data": {FINDING: one}} for one in findings]
    notebook = {"cells": [{"cell_type": "code", "outputs": outputs}, {"cell_type": "markdown"}]}
    (folder / "10_calls.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    head = "claim,said,value,value_high,unit,study,origin,chain\n"
    rows = "calls,many calls,800,,calls,10_calls,a book,by hearsay\n"
    rows += "score,few points,55,,points,12_audit,a firm,by rumour\n"
    (folder / "claims.csv").write_text(head + rows, encoding="utf-8")
    return {"studies": folder, "claims": folder / "claims.csv"}


def test_a_row_has_sentence_verdict_and_chain_and_other_studies_stay_out(maker, tmp_path):
    finding = {"key": "claim_calls", "sentence": "It takes\nmore.", "verdict": "not supported"}
    text = maker.page(**made_up(tmp_path, [finding, {"key": "other"}]))
    assert text.splitlines()[-1] == (
        "| [calls](../notebooks/studies/10_calls.ipynb) | many calls | It takes more. "
        "| **not supported** | Origin: a book. Then: by hearsay. |"
    )
    assert "score" not in text


def test_a_study_of_simulated_data_says_so_on_the_page(maker):
    rows = [line for line in maker.page().splitlines() if line.startswith("| [")]
    marked = {line.split("studies/")[1][:2] for line in rows if "*simulated*" in line}
    plain = {line.split("studies/")[1][:2] for line in rows if "*simulated*" not in line}
    # The contracts of 09 and the leads of 10 are simulated; 11 has cited numbers alone.
    assert (marked, plain) == ({"09", "10"}, {"11"})


def test_a_claim_without_a_finding_stops_the_page(maker, tmp_path):
    with pytest.raises(KeyError, match="claim_calls"):
        maker.page(**made_up(tmp_path, [{"key": "claim_other"}]))
