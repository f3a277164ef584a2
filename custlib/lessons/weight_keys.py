"""What lesson 1 asks for, and what its wrong turns lead to, from the ledger and the answers."""

import numpy as np
import pandas as pd
from scipy import stats

from custlib import survey
from custlib.design import SurveyDesign
from custlib.lessons.customer_survey import effective_size
from custlib.lessons.exercise import Given

SMALLEST_BASE = 30


def valid(given: Given) -> pd.DataFrame:
    """People who had a delivery and judged it."""
    return given.answers.dropna(subset="delivery")


def top(table: pd.DataFrame) -> np.ndarray:
    """Who is satisfied."""
    return table["delivery"].isin([4, 5]).to_numpy()


def plain_share(given: Given) -> float:
    """Share satisfied with every answer counting alike."""
    return float(top(valid(given)).mean())


def bought(given: Given, margin: str) -> pd.Series:
    """Share of the tonnes that each category of a margin buys."""
    return given.ledger.groupby(margin)["tonnes"].sum() / given.ledger["tonnes"].sum()


def answered(given: Given, margin: str) -> pd.Series:
    """Share of the answers that each category gave."""
    return given.answers[margin].value_counts(normalize=True)


def role_weights(given: Given) -> pd.Series:
    """Weights that make the roles' answers speak for the tonnes they buy."""
    return bought(given, "role") / answered(given, "role")


def firm_share_weights(given: Given) -> pd.Series:
    """Weights that make them speak for the firms there are."""
    return given.ledger["role"].value_counts(normalize=True) / answered(given, "role")


def valid_row_weights(given: Given) -> pd.Series:
    """As `role_weights`, but with the shares of the answers among those with a delivery."""
    return bought(given, "role") / valid(given)["role"].value_counts(normalize=True)


def by_role(given: Given) -> pd.DataFrame:
    """Of each role: share satisfied, and the weight of its answers."""
    people = valid(given)
    table = people.assign(top=top(people)).groupby("role")["top"].agg(["mean", "size"])
    return table.assign(weight=table["size"] * role_weights(given))


def role_weighted(given: Given) -> float:
    """Share satisfied under the roles' weights."""
    table = by_role(given)
    return float((table["mean"] * table["weight"]).sum() / table["weight"].sum())


def over_all_weights(given: Given) -> float:
    """As `role_weighted`, but with those without an answer in the denominator."""
    table = by_role(given)
    return float((table["mean"] * table["weight"]).sum() / len(given.answers))


def raked(given: Given) -> pd.DataFrame:
    """The answers with weights raked to role and market."""
    targets = {margin: bought(given, margin) for margin in ("role", "market")}
    return survey.rake(given.answers, targets=targets).cases


def largest(given: Given) -> float:
    """Weight of the heaviest answer, raked."""
    return float(raked(given)["weight"].max())


def largest_repaired_once(
    given: Given, first: str = "role", second: str = "market", *, in_turn: bool
) -> float:
    """One round of repairs; not in turn, each ratio is taken from the answers as they came."""
    answers = given.answers
    weight = pd.Series(1.0, answers.index)
    for name in (first, second):
        before = weight if in_turn else pd.Series(1.0, answers.index)
        now = before.groupby(answers[name]).sum() / before.sum()
        weight = weight * answers[name].map(bought(given, name) / now)
    return float(weight.max())


def kish(given: Given) -> float:
    """Effective number of all answers, raked."""
    return float(survey.weight_summary(raked(given), weight="weight")["n_effective"].iloc[0])


def raked_error(given: Given, n: float | None = None, p: float | None = None) -> float:
    """Standard error of a share, of the raked one without a p; on Kish's n without an n."""
    table = raked(given).dropna(subset="delivery")
    estimate = p or np.average(top(table), weights=table["weight"])
    return float(np.sqrt(estimate * (1 - estimate) / (n or effective_size(table["weight"]))))


def margin(given: Given, n: float | None = None, p: float | None = None) -> float:
    """Half of the 95 % interval of the share, with n and p as in `raked_error`."""
    low, high = stats.norm.interval(0.95, scale=raked_error(given, n, p))
    return float(high - low) / 2


def firm_error(given: Given, *, cluster: bool = True, population: int | None = None) -> float:
    """Standard error of the traders' plain share, of endlessly many firms unless told."""
    people = traders(given)
    design = SurveyDesign(cluster="firm" if cluster else None, population=population)
    return design.sample(people).mean(top(people).astype(float)).std_error


def traders(given: Given) -> pd.DataFrame:
    """The traders among those who judged."""
    people = valid(given)
    return people[people["role"] == "trader"]


def trader_firms(given: Given) -> int:
    """Traders in the ledger."""
    return int((given.ledger["role"] == "trader").sum())


def corrected_error(given: Given) -> float:
    """Standard error of the traders' share, with firms as clusters and the ledger's traders."""
    return firm_error(given, population=trader_firms(given))


def corrected_twice_error(given: Given) -> float:
    """The correction of the variance applied to the standard error."""
    return corrected_error(given) ** 2 / firm_error(given)


def corrected_person_error(given: Given) -> float:
    """The ledger's traders as population, but people of one firm taken as independent."""
    correction = corrected_error(given) / firm_error(given)
    return firm_error(given, cluster=False) * correction


def readable(given: Given) -> list[str]:
    """Channels whose share may be read."""
    return large_enough(valid(given))


def large_enough(table: pd.DataFrame) -> list[str]:
    """Channels with enough rows in this table."""
    sizes = table["channel"].value_counts()
    return [str(name) for name in sizes.index[sizes >= SMALLEST_BASE]]
