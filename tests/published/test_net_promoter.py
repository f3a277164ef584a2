"""The score interval is Tango's (1998): a score is a difference of two cells of a multinomial.

Published for paired proportions: pairs changed in one direction are promoters, in the other
detractors, and the rest are passive.
"""

import numpy as np
import pandas as pd
import pytest

from custlib.loyalty import net_promoter_score


def interval(up, down, n, conf_level=0.95):
    table = pd.DataFrame({"recommend": np.repeat([10, 8, 2], [up, n - up - down, down])})
    found = net_promoter_score(table, item="recommend", method="score", conf_level=conf_level)
    return found.iloc[0][["estimate", "ci_low", "ci_high"]].astype(float) / 100


def test_consolidation_therapy():
    """Cavo et al. (2012) in Fagerland, Lydersen & Laake (2017), Statistical Analysis of
    Contingency Tables, ch. 8, the table of Tango's interval: −0.0621 (−0.1240 to −0.0054)."""
    assert interval(6, 16, 161).tolist() == pytest.approx([-0.0621, -0.1240, -0.0054], abs=5e-5)


def test_airway_hyper_responsiveness():
    """Bentur et al. (2009), same chapter: −0.286 (−0.517 to −0.026)."""
    assert interval(1, 7, 21).tolist() == pytest.approx([-0.286, -0.517, -0.026], abs=5e-4)


def test_equivalence_at_ninety_per_cent():
    """R: PropCIs::scoreci.mp(25, 28, 618, 0.90), which has the second less the first."""
    found = interval(28, 25, 618, conf_level=0.9)
    assert found.tolist()[1:] == pytest.approx([-0.0148, 0.0247], abs=5e-5)
