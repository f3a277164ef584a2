"""What a table of contacts allows: the columns it has beyond those of a budget."""

from dataclasses import dataclass

import pandas as pd

RESPONSE = ("reach", "saturation", "value")
LIMITS = ("preparation", "most", "capacity")


@dataclass(frozen=True, slots=True)
class ContactOptions:
    """Arguments that name the columns there are, and the columns of a response that lack."""

    budget: dict[str, str]
    allocation: dict[str, str]
    lacking: tuple[str, ...]


def contact_options(contacts: pd.DataFrame) -> ContactOptions:
    """Optional columns of a contact matrix by their own names, as arguments to pass on.

    Parameters
    ----------
    contacts : DataFrame
        Columns named as in `data/contact_matrix`.

    Returns
    -------
    ContactOptions
        `.budget` for `contact_budget`, `.allocation` for `allocate_contacts` and
        `allocation_sensitivity`, `.lacking`: which of reach, saturation and value are absent, so
        that contacts cannot be allocated.

    Raises
    ------
    Nothing: a column that is absent is one that is not used.

    Notes
    -----
    For studies of a user's own file, where a lacking column is a gap and no error.

    Examples
    --------
    >>> table = pd.DataFrame({"segment": ["A"], "kind": ["call"], "preparation": [10.0]})
    >>> found = contact_options(table)
    >>> found.budget, found.lacking
    ({'preparation': 'preparation'}, ('reach', 'saturation', 'value'))
    """
    there = {name: name for name in LIMITS if name in contacts}
    return ContactOptions(
        budget={name: name for name in there if name == "preparation"},
        allocation=there,
        lacking=tuple(name for name in RESPONSE if name not in contacts),
    )
