"""Agreement of raters against the worked examples of the papers that define it."""

import pandas as pd
import pytest

from custlib.survey import rater_agreement

# Shrout & Fleiss (1979), Psychological Bulletin 86, table 2: six targets, four judges.
TARGETS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, example C: four observers,
# twelve units, some not coded.
OBSERVERS = {
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
}


def agreement(wide, level):
    """Agreement of a table of raters by subjects."""
    long = pd.DataFrame(wide).melt(var_name="rater", value_name="rating", ignore_index=False)
    roles = {"subject": "index", "rater": "rater", "rating": "rating"}
    return rater_agreement(long.reset_index(), **roles, level=level).set_index("measure")


@pytest.mark.parametrize(
    "form, printed",
    [
        ("icc_1_1", 0.17),
        ("icc_2_1", 0.29),
        ("icc_3_1", 0.71),
        ("icc_1_k", 0.44),
        ("icc_2_k", 0.62),
        ("icc_3_k", 0.91),
    ],
)
def test_correlations_of_shrout_and_fleiss(form, printed):
    found = agreement(TARGETS, "interval").loc[form, "estimate"]
    assert found == pytest.approx(printed, abs=0.005)


@pytest.mark.parametrize(
    "level, printed",
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_of_krippendorff(level, printed):
    row = agreement(OBSERVERS, level).loc["krippendorff_alpha"]
    assert row["estimate"] == pytest.approx(printed, abs=0.0005)
    assert row["n"] == 40  # pairable values; unit 12 is coded once
    assert row["n_missing"] == 8
