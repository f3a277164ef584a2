"""What the contacts of a plan cost: each cell, each kind, each segment, and all of it."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd

from custlib.columns import arrange
from custlib.errors import DataError
from custlib.loyalty.contact.cells import from_zero, number_of_actions, read_cells, require_range

ALL = "all"


def contact_budget(
    contacts: pd.DataFrame,
    *,
    segment: str = "segment",
    kind: str = "kind",
    campaign: str | None = None,
    clients: str = "clients",
    mean_contacts: str = "contacts",
    cost: str = "cost",
    preparation: str | None = None,
) -> pd.DataFrame:
    """Cost (money, 0 and up) of a contact plan, by segment and kind of contact, adding up.

    Parameters
    ----------
    contacts : DataFrame, one row per segment and kind of contact (and campaign)
    segment, kind : str
        Columns that name the cell.
    campaign : str, optional
        Column of the action, where there are several.
    clients, mean_contacts, cost : str
        Columns of the clients of the segment, the mean contacts of a client, the cost of one.
    preparation : str, optional
        Column of the cost of preparing an action, the same in all its rows: counted once.

    Returns
    -------
    DataFrame
        [campaign], kind, segment, measure, estimate (contacts), cost, n (clients), note. A row
        "cell" for every segment and kind; "preparation" for every action; then sums, "all" in the
        place of what they run over: of each kind with its preparation, of each segment without,
        and the "total".

    Raises
    ------
    DataError
        No rows, a cell without a name or twice, a negative number, different preparation costs of
        one action.

    Notes
    -----
    B = Σ_e [F_e + Σ_g c_eg N_g k_eg] for actions e and segments g. A combination that is not in
    the table has no contacts and says so. A cell with a number missing has no cost, and each sum
    over it is noted as a lower bound.

    Assumes: each contact of a cell costs the same, however many there are; the mean number holds
    for all clients of a segment.

    Not for: discounts for quantity, staff who are paid whether they call or not, or the question
    which contacts are worth it (`allocate_contacts`).

    Examples
    --------
    >>> plan = pd.DataFrame({"segment": ["A", "B"], "kind": "call", "clients": [10, 50],
    ...                      "contacts": [4, 1], "cost": [3.0, 2.0], "prepared": 100})
    >>> contact_budget(plan, preparation="prepared")[["segment", "measure", "cost"]].values.tolist()
    ... # doctest: +NORMALIZE_WHITESPACE
    [['A', 'cell', 120.0], ['B', 'cell', 100.0], ['all', 'preparation', 100.0],
     ['all', 'kind', 320.0], ['A', 'segment', 120.0], ['B', 'segment', 100.0],
     ['all', 'total', 320.0]]
    """
    keys = [*([campaign] if campaign else []), kind, segment]
    numbers: dict[str, str | None] = {"clients": clients, "contacts": mean_contacts, "cost": cost}
    cells = read_cells(contacts, keys=keys, numbers=numbers | {"preparation": preparation})
    for role in ("clients", "contacts", "cost", "preparation"):
        require_range(contacts, cells, role, from_zero, "a finite number from 0 up")
    if cells[keys].eq(ALL).any(axis=None):
        raise DataError.because(
            f"A segment, kind or campaign is called {ALL!r}.",
            "Expected another name, as the sums are called so.",
            "Rename it.",
        )
    prepared = number_of_actions(contacts, cells, keys[:-1])
    names = [*(["campaign"] if campaign else []), "kind", "segment"]
    cells = cells.rename(columns=dict(zip(keys, names, strict=True)))
    rows = [*_cell_rows(cells, names), *_preparation_rows(prepared, names)]
    table = pd.DataFrame(rows)
    table = pd.concat([table, pd.DataFrame(_sums(table, names))], ignore_index=True)
    return arrange(table, keys=[*names, "measure"])


def _cell_rows(cells: pd.DataFrame, names: list[str]) -> Iterator[dict]:
    known = cells.set_index(names)
    actions = list(dict.fromkeys(zip(*(cells[name] for name in names[:-1]), strict=True)))
    for action, segment in product(actions, dict.fromkeys(cells["segment"])):
        key = (*action, segment)
        row = dict(zip(names, key, strict=True)) | {"measure": "cell"}
        if key not in known.index:
            yield row | {"estimate": 0.0, "cost": 0.0, "n": 0, "note": "not in the table"}
            continue
        clients, mean, price = known.loc[key, ["clients", "contacts", "cost"]].astype(float)
        made = clients * mean
        lacking = [
            name
            for name, value in (("clients", clients), ("contacts", mean), ("cost", price))
            if np.isnan(value)
        ]
        note = f"no number of {' and '.join(lacking)}" if lacking else ""
        note = note or ("no clients" if clients == 0 else "")
        n = 0 if np.isnan(clients) else round(clients)
        yield row | {"estimate": made, "cost": made * price, "n": n, "note": note}


def _preparation_rows(prepared: pd.Series, names: list[str]) -> Iterator[dict]:
    for action, price in prepared.items():
        key = (*(action if isinstance(action, tuple) else (action,)), ALL)
        row = dict(zip(names, key, strict=True)) | {"measure": "preparation"}
        yield row | {"estimate": np.nan, "cost": float(price), "n": 0, "note": ""}


def _sums(table: pd.DataFrame, names: list[str]) -> Iterator[dict]:
    """Sums over cells and preparation: by campaign, kind and segment, and of everything."""
    for name in (*names, "total"):
        groups = [(ALL, table)] if name == "total" else table.groupby(name, sort=False)
        for value, part in groups:
            # Preparation belongs to no segment.
            if name == "segment" and value == ALL:
                continue
            unknown = int(part["cost"].isna().sum())
            row = dict.fromkeys(names, ALL) | ({} if name == "total" else {name: value})
            made = part["estimate"].sum()
            note = f"a lower bound: {unknown} cells without a cost" if unknown else ""
            # A client of several kinds is one client: their number is that of the segments.
            clients = part[part["measure"] == "cell"].groupby("segment")["n"].max().sum()
            row |= {"measure": name, "estimate": made, "cost": part["cost"].sum()}
            yield row | {"n": int(clients), "note": note}
