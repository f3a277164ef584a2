"""Net promoter scores, their change and what became of the customers, against R."""

import numpy as np
import pandas as pd
import pytest

from custlib.design import SurveyDesign
from custlib.loyalty import (
    net_promoter_change,
    net_promoter_score,
    promoter_retention,
    promoter_shares,
)

CELLS = {
    "plain": (52, 30, 18),
    "few": (9, 6, 5),
    "all_promoters": (20, 0, 0),
    "all_passives": (0, 15, 0),
    "all_detractors": (0, 0, 8),
    "no_detractor": (11, 4, 0),
    "cavo": (6, 139, 16),
    "bentur": (1, 13, 7),
    "large": (4210, 3105, 2685),
}
PAIRS = {
    "clear": ((60, 25, 15), (35, 30, 35)),
    "open": ((12, 5, 3), (10, 6, 6)),
    "extreme": ((20, 0, 0), (14, 5, 3)),
}
DESIGNS = {
    "full": SurveyDesign(
        weight="weight", stratum="market", cluster="firm", population="firms_in_market"
    ),
    "cluster": SurveyDesign(cluster="firm"),
}
OUT_OF_SCOPE: dict[str, str] = {}


@pytest.fixture(scope="module")
def reference(oracle):
    return oracle("net_promoter")


@pytest.fixture(scope="module")
def answers(reference):
    return reference.data("answers.csv")


def table_of(counts, **columns):
    """Answers with so many promoters, passives and detractors."""
    return pd.DataFrame({"recommend": np.repeat([10, 7, 0], counts)}).assign(**columns)


def ends(row):
    return {"low": row["ci_low"], "high": row["ci_high"]}


@pytest.mark.parametrize("name", CELLS)
def test_intervals_from_counts(reference, name):
    table = table_of(CELLS[name])
    for level in (0.95, 0.9):
        for method in ("wald", "adjusted_wald", "score"):
            found = net_promoter_score(table, item="recommend", method=method, conf_level=level)
            key = f"counts.{name}.{method}.ci{100 * level:.0f}"
            if reference.keys(key):
                reference.expect_all(key, ends(found.iloc[0]))
            else:
                assert found[["ci_low", "ci_high"]].isna().all(axis=None), key
    reference.expect(f"counts.{name}.estimate", found["estimate"].iloc[0])
    reference.expect(f"counts.{name}.std_error", found["std_error"].iloc[0])


@pytest.mark.parametrize("name", ["few", "no_detractor", "bentur"])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_the_bootstrap_distribution_is_that_of_all_outcomes(reference, name, level):
    options = {"item": "recommend", "method": "bootstrap", "conf_level": level}
    found = net_promoter_score(table_of(CELLS[name]), **options).iloc[0]
    reference.expect_all(f"bootstrap.{name}.ci{100 * level:.0f}", ends(found))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("method", ["adjusted_wald", "score", "wald"])
def test_change_of_independent_waves(reference, name, method):
    waves = [table_of(counts, wave=at) for at, counts in enumerate(PAIRS[name])]
    asked = {"item": "recommend", "by": "wave", "method": method}
    found = net_promoter_change(pd.concat(waves, ignore_index=True), **asked).iloc[0]
    if not reference.keys(f"change.{name}.{method}"):
        assert np.isnan(found["ci_low"])
        assert "no interval by wald" in found["note"]
        return
    values = {"estimate": found["estimate"], "z": found["statistic"], "p": found["p_value"]}
    values |= {"se": found["std_error"]} if method == "wald" else {}
    reference.expect_all(f"change.{name}.{method}", values | ends(found))


@pytest.mark.parametrize("name", DESIGNS)
def test_scores_under_a_design(reference, answers, name):
    asked = {"item": "recommend", "design": DESIGNS[name], "method": "wald"}
    rows = {"all": net_promoter_score(answers, **asked).iloc[0]}
    by_wave = net_promoter_score(answers, by="wave", **asked).set_index("wave")
    rows |= {wave: by_wave.loc[wave] for wave in ("w1", "w2")}
    del asked["method"]
    shares = promoter_shares(answers, by="wave", **asked).set_index(["wave", "category"])
    whole = promoter_shares(answers, **asked).set_index("category")["estimate"]
    for wave, row in rows.items():
        values = {"estimate": row["estimate"], "se": row["std_error"], "df": row["df"]}
        for category in ("promoters", "detractors"):
            share = whole[category] if wave == "all" else shares.loc[(wave, category), "estimate"]
            values[category] = share
        reference.expect_all(f"design.{name}.{wave}", values | ends(row))


@pytest.mark.parametrize("name", DESIGNS)
def test_change_of_a_panel(reference, answers, name):
    asked = {"item": "recommend", "by": "wave", "design": DESIGNS[name]}
    found = net_promoter_change(answers, method="wald", **asked).iloc[0]
    error = found["std_error"]
    alone = net_promoter_score(answers, method="wald", **asked)["std_error"]
    rho = (alone.pow(2).sum() - error**2) / (2 * alone.prod())
    values = {"estimate": found["estimate"], "se": error, "t": found["statistic"]}
    values |= {"df": found["df"], "p": found["p_value"], "rho": rho}
    values |= {"svyglm.estimate": found["estimate"], "svyglm.se": error}
    reference.expect_all(f"panel.{name}", values | ends(found))


def test_retention_by_category(reference, answers):
    found = promoter_retention(answers, item="recommend", retained="stayed")
    for _, row in found[found["measure"] == "retained_share"].iterrows():
        values = {"estimate": row["estimate"], "n": row["n"]} | ends(row)
        reference.expect_all(f"retention.{row['category']}", values)
    rows = found.set_index("measure")
    trend, difference = rows.loc["trend"], rows.loc["difference"]
    values = {"chi2": trend["statistic"], "df": trend["df"], "p": trend["p_value"]}
    reference.expect_all("retention.trend", values | {"slope": trend["estimate"]})
    values = {"estimate": difference["estimate"]} | ends(difference)
    reference.expect_all("retention.difference", values)


def test_retention_under_a_design(reference, answers):
    asked = {"item": "recommend", "retained": "stayed", "design": DESIGNS["full"]}
    rows = promoter_retention(answers, **asked).set_index("measure")
    trend, difference = rows.loc["trend"], rows.loc["difference"]
    values = {"slope": trend["estimate"], "se": trend["std_error"], "t": trend["statistic"]}
    values |= {"df": trend["df"], "p": trend["p_value"]}
    reference.expect_all("retention.design", values)
    values = {"estimate": difference["estimate"], "se": difference["std_error"]}
    reference.expect_all("retention.design_difference", values)


def test_every_key_of_the_oracle_is_accounted_for(account_for_every_key):
    account_for_every_key("net_promoter", OUT_OF_SCOPE)
