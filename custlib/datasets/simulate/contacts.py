"""A matrix of contacts: segments and kinds, costs, and how clients respond."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from custlib.checks import require_at_least
from custlib.datasets.simulate.files import write_files

Array = np.ndarray
# Clients, margin of a client won (euro a year), and how large the share is that contacts can win.
SEGMENTS = {
    "key accounts": (40, 9000.0, 0.90),
    "regulars": (260, 3200.0, 0.60),
    "occasional": (900, 900.0, 0.35),
    "sleeping": (1400, 600.0, 0.15),
}
# Cost of one contact, of preparing the kind, part of the reachable it can win, contacts that win
# 63 % of them, most contacts the firm can make in a year, and those of a client today by segment.
KINDS = {
    "visit": (140.0, 0.0, 0.35, 3.0, 420.0, (4.0, 1.0, 0.1, 0.0)),
    "phone call": (9.0, 0.0, 0.20, 4.0, 6000.0, (6.0, 3.0, 1.0, 0.5)),
    "event": (85.0, 9000.0, 0.18, 1.2, np.nan, (1.0, 0.3, 0.05, 0.0)),
    "letter": (3.2, 1200.0, 0.08, 2.0, np.nan, (4.0, 4.0, 3.0, 2.0)),
    "newsletter": (0.15, 2500.0, 0.04, 6.0, np.nan, (12.0, 12.0, 12.0, 12.0)),
}
MOST = {"visit": 12.0, "phone call": 24.0, "event": 3.0, "letter": 12.0, "newsletter": 52.0}
BELIEF_SD = 0.25  # of the logarithm: what is believed of a response, beside what it is


@dataclass(frozen=True, slots=True)
class SimulatedContacts:
    """A simulated matrix of contacts, and the responses its numbers are beliefs of."""

    contacts: pd.DataFrame
    truth: dict[str, Any]

    def write(self, folder: str | Path) -> None:
        """Write contacts.csv and truth.json into a folder."""
        write_files(folder, tables={"contacts": self.contacts}, truth=self.truth)


def simulate_contact_matrix(*, seed: int) -> SimulatedContacts:
    """Contacts of four segments by five kinds, with responses as a firm would guess them.

    Parameters
    ----------
    seed : int, at least 0

    Returns
    -------
    SimulatedContacts
        `contacts`: segment, kind, clients, contacts (of a client a year, today), cost (of one
        contact, euro), preparation (of the kind, euro), reach (share won at the most), saturation
        (contacts that win 63 % of them), value (margin of a client won, euro), most (contacts a
        client would stand), capacity (contacts of the kind that the firm can make in a year).
        `truth` (dict): the planted reach and saturation of each cell.

    Raises
    ------
    ParameterError
        The seed is negative.

    Notes
    -----
    Simulated, not observed. Reach and saturation in the table are the planted ones times a
    lognormal error, since nobody knows a response; all other numbers are as planted.

    Examples
    --------
    >>> simulate_contact_matrix(seed=20251102).contacts.shape
    (20, 11)
    """
    require_at_least("seed", seed, 0)
    rng = np.random.default_rng(seed)
    rows, planted = [], []
    for at, (segment, (clients, value, share)) in enumerate(SEGMENTS.items()):
        for kind, (cost, preparation, part, saturation, capacity, today) in KINDS.items():
            believed = np.exp(BELIEF_SD * rng.standard_normal(2))
            reach = share * part
            cell = {"segment": segment, "kind": kind}
            planted.append(cell | {"reach": round(reach, 6), "saturation": saturation})
            row = cell | {"clients": clients, "contacts": today[at], "cost": cost}
            row |= {"preparation": preparation, "reach": round(min(reach * believed[0], 1.0), 3)}
            row |= {"saturation": round(saturation * believed[1], 2), "value": value}
            rows.append(row | {"most": MOST[kind], "capacity": capacity})
    truth = {"simulated": True, "belief_sd": BELIEF_SD, "cells": planted}
    return SimulatedContacts(pd.DataFrame(rows), truth)
