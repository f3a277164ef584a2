"""What a file of answers allows a study of the score: its waves, latecomers, silent and stayers."""

from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

from custlib.checks import require_columns, require_numeric
from custlib.columns import arrange
from custlib.errors import DataError, ParameterError
from custlib.loyalty.ladder.periods import in_order

WAVE, DAYS, RETAINED, INVITED = "wave", "days", "retained", "invited"


@dataclass(frozen=True, slots=True)
class RecommendationPlan:
    """How a study will read a file, and the gaps it must own up to.

    Attributes
    ----------
    responses : DataFrame
        The answers, waves as ordered categories.
    wave : str or None
        Column of the waves; None where there is none.
    pair : tuple or None
        The waves before and after; None where there are not two with answers.
    latest : object
        The wave that findings speak of; None where there are no waves.
    days, retained : str or None
        Columns of the days until the answer and of who stayed, None where they tell nothing.
    invited : int or None
        How many were asked in all.
    invited_by_wave : dict or None
    gaps : DataFrame
        measure (what is lacking), note (what follows); no rows where nothing is.
    """

    responses: pd.DataFrame
    wave: str | None
    pair: tuple[Hashable, Hashable] | None
    latest: Hashable
    days: str | None
    retained: str | None
    invited: int | None
    invited_by_wave: dict[Hashable, int] | None
    gaps: pd.DataFrame

    def of_latest(self, results: pd.DataFrame) -> pd.Series:
        """The row of the wave that findings speak of; the only one where there are no waves."""
        if self.wave is None:
            return results.iloc[0]
        return results[results[self.wave] == self.latest].iloc[0]


def recommendation_plan(
    responses: pd.DataFrame,
    *,
    item: str,
    wave: str | None = None,
    before: str | None = None,
    after: str | None = None,
    days: str | None = None,
    retained: str | None = None,
    invited: pd.DataFrame | int | None = None,
    population: int | None = None,
) -> RecommendationPlan:
    """Waves, days, retention and invitations that a file offers, and what it lacks.

    Parameters
    ----------
    responses : DataFrame, one row a respondent and wave
    item : str
        Column of the answers to "would you recommend us".
    wave, days, retained : str, optional
        Columns; without a name those called wave, days and retained, where there are such.
    before, after : str, optional
        The two waves to compare; without a name the last one and the one before it.
    invited : DataFrame or int, optional
        How many were asked: a table with the column of the waves and "invited", or one number.
    population : int, optional
        Customers who could be asked in the wave that findings speak of.

    Returns
    -------
    RecommendationPlan
        What a file lacks is never an error: it becomes a row of `gaps`, as do waves whose names
        tell of no order, which are taken as their rows come.

    Raises
    ------
    DataError
        A column that is named is absent.
    ParameterError
        `before` or `after` is no wave with answers, or both are the same; or the population is
        smaller than the number asked.

    Examples
    --------
    >>> answers = pd.DataFrame({"recommend": [9, 3, 8], "wave": ["2024", "2023", "2024"]})
    >>> plan = recommendation_plan(answers, item="recommend")
    >>> plan.pair, plan.gaps["measure"].tolist()
    (('2023', '2024'), ['late answers', 'retention', 'silence'])
    """
    require_columns(responses, [item, wave, days, retained])
    gaps: dict[str, str] = {}
    column = wave or (WAVE if WAVE in responses else None)
    names: list = []
    if column is None:
        gaps["waves"] = "no column of waves: all answers are one wave"
    else:
        names = _waves(responses, column, item, gaps)
        rest = [one for one in responses[column].dropna().unique() if one not in names]
        order = pd.CategoricalDtype([*names, *rest], ordered=True)
        responses = responses.assign(**{column: responses[column].astype(order)})
        if not names:
            gaps["waves"], column = f"{column} is empty: all answers are one wave", None
    pair = _pair(names, before, after)
    if pair is None and column is not None:
        gaps["change"] = f"{column} has one wave with answers: no change to judge"
    waited = _told(responses, days or DAYS, "late answers", gaps)
    stayed = _told(responses, retained or RETAINED, "retention", gaps)
    by_wave, total = _invitations(invited, column, names, gaps)
    rows = [{"measure": name, "note": note} for name, note in gaps.items()]
    table = pd.DataFrame(rows, columns=["measure", "note"])
    latest = pair[1] if pair else names[-1] if names else None
    told = arrange(table, keys=["measure"])
    answered = responses[item].notna()
    if column is not None:
        answered &= responses[column] == latest
    asked = by_wave[latest] if by_wave else 0 if column else total
    _require_population(population, max(asked or 0, int(answered.sum())))
    return RecommendationPlan(responses, column, pair, latest, waited, stayed, total, by_wave, told)


def _waves(responses: pd.DataFrame, column: str, item: str, gaps: dict[str, str]) -> list:
    """Waves with answers, in the order of their categories or periods, else as they come."""
    answered = responses.loc[responses[item].notna(), column].dropna()
    if isinstance(answered.dtype, pd.CategoricalDtype):
        return [*answered.cat.remove_unused_categories().cat.categories]
    try:
        return in_order(answered.to_frame(), column) if len(answered) else []
    except DataError:  # names that tell of no time
        gaps["waves"] = f"{column} does not tell which came first: taken as its rows come"
        return [*answered.unique()]


def _text(name: Hashable) -> str:
    """The wave as it is written; a whole number is one, though a gap beside it made it a float."""
    return str(int(name) if isinstance(name, float) and name.is_integer() else name)


def _pair(names: list, before: str | None, after: str | None) -> tuple | None:
    """The wave before and the wave after, as named or the last two."""
    texts = [_text(name) for name in names]
    for parameter, named in (("wave_a", before), ("wave_b", after)):
        if named is not None and _text(named) not in texts:
            raise ParameterError.not_one_of(parameter, named, texts or ["no wave has answers"])
    if len(names) < 2:
        return None
    last = len(names) - 1 if after is None else texts.index(_text(after))
    first = last - 1 if before is None else texts.index(_text(before))
    if first < 0 or first == last:
        raise ParameterError.because(
            f"wave_a is {before or 'not named'}, wave_b is {texts[last]}.",
            "Expected two different waves, the one before first.",
            f"Choose two of: {', '.join(texts)}.",
        )
    return names[first], names[last]


def _told(responses: pd.DataFrame, name: str, what: str, gaps: dict[str, str]) -> str | None:
    """The column, where it is there and holds something."""
    if name not in responses:
        gaps[what] = f"no column {name}: left out"
        return None
    if responses[name].notna().sum() == 0:
        gaps[what] = f"{name} is empty: left out"
        return None
    return name


def _invitations(
    invited: pd.DataFrame | int | None, column: str | None, names: list, gaps: dict[str, str]
) -> tuple[dict[Hashable, int] | None, int | None]:
    """Number invited by wave, and in all; the parts that are not known are none."""
    if invited is None:
        gaps["silence"] = "not known how many were invited: nothing said of the silent"
        return None, None
    if not isinstance(invited, pd.DataFrame):
        return None, int(invited)
    require_columns(invited, [column, INVITED])
    counts = pd.Series(require_numeric(invited, INVITED))
    if column is None:
        lacking = int(counts.isna().sum())
        unknown = f"{lacking} of {len(counts)} rows" if lacking else ""
    else:
        counts.index = pd.Index(invited[column].map(_text))
        # Of a wave that stands twice nobody knows which number counts.
        counts = counts[~counts.index.duplicated(keep=False)].dropna()
        unknown = ", ".join(_text(name) for name in names if _text(name) not in counts.index)
    if unknown:
        gaps["silence"] = f"not known how many were invited in {unknown}: left out"
        return None, None
    if column is None:
        return None, int(counts.sum())
    by_wave = {name: int(counts[_text(name)]) for name in names}
    return by_wave, sum(by_wave.values())


def _require_population(population: int | None, asked: int) -> None:
    """All customers are at least those of whom it is known that they were asked."""
    if population is not None and population < asked:
        raise ParameterError.because(
            f"population is {population}, and {asked} were asked in the wave under study.",
            "Expected all who could be asked, at least as many as were.",
            "Count people in both, or leave the population out.",
        )
