"""Fader and Hardie (2007), How to project customer retention: both segments, years 1 to 7.

An independent fit by R's optimizers (tests/oracles/shifted_beta_geometric) gives the same digits.
"""

import numpy as np
import pandas as pd
import pytest

from custlib.loyalty import shifted_beta_geometric

ACTIVE = {
    "regular": [1000, 631, 468, 382, 326, 289, 262, 241],
    "high_end": [1000, 869, 743, 653, 593, 551, 517, 491],
}
PRINTED = {"regular": (0.704, 1.182), "high_end": (0.668, 3.806)}


@pytest.mark.parametrize("segment", ACTIVE)
def test_parameters_to_the_printed_digits(segment):
    active = ACTIVE[segment]
    lost = pd.DataFrame(
        {"year": [*range(1, 8), 7], "left": [1] * 7 + [0], "n": [*-np.diff(active), active[-1]]}
    )
    law = shifted_beta_geometric(lost, duration="year", event="left", count="n")
    found = law.estimates.set_index("term")["estimate"]
    assert (round(found["a"], 3), round(found["b"], 3)) == PRINTED[segment]
