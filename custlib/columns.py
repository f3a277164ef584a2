"""The closed vocabulary of result columns: every estimator's table is written in these words."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from custlib.errors import ParameterError


@dataclass(frozen=True, slots=True)
class Column:
    """What one column of a result means, its unit and its pandas dtype."""

    meaning: str
    unit: str
    dtype: str


KEYS = {
    "item": Column("Question or attribute", "name in the codebook", "object"),
    "dimension": Column("Block of items", "name in the codebook", "object"),
    "segment": Column("Group of customers", "name", "object"),
    "period": Column("Time span", "date or label", "object"),
    "term": Column("Term of a model", "name", "object"),
    "contrast": Column("Groups compared, first less second", "names", "object"),
    "answer": Column("Answer category", "code on the scale", "object"),
    "measure": Column("Which quantity the row estimates", "name", "object"),
    "statement": Column("Statement put to the test", "name in the codebook", "object"),
    "reason": Column("Why an answer is missing", "text", "object"),
    "margin": Column("Variable whose totals are known", "name", "object"),
    "group": Column("Category of a variable", "name", "object"),
    "outcome": Column("Item that is explained", "name in the codebook", "object"),
    "quadrant": Column("Quadrant of importance and performance", "name", "object"),
    "category": Column("Class a rule assigns", "name", "object"),
    "abc": Column("Class by value", "A, B or C", "object"),
    "xyz": Column("Class by steadiness", "X, Y or Z", "object"),
    "class_before": Column("Class in the first period", "name", "object"),
    "class_after": Column("Class in the second period", "name", "object"),
    "cohort": Column("Period of the first order", "label", "object"),
    "age": Column("Periods since the first order", "count", "int64"),
    "time": Column("Time since the customer's start", "unit of the durations", "float64"),
    "left_share": Column("Share of customers that has left", "share, 0–1", "float64"),
    "stage": Column("Stage", "of leads or of customers", "object"),
    "next_stage": Column("Next stage", "where they go", "object"),
    "donor": Column("Donor", "stage that loses what the next one gains", "object"),
    "calls": Column("Calls", "count", "Int64"),
    "kind": Column("Kind of contact", "name", "object"),
    "campaign": Column("Campaign", "name", "object"),
    "source": Column("Source", "name", "object"),
    "scenario": Column("Rates taken", "name", "object"),
    "direction": Column("Input is", "name", "object"),
    "promoter_share": Column("Share of promoters expected", "share, 0–1", "float64"),
    "detractor_share": Column("Share of detractors expected", "share, 0–1", "float64"),
    "target_points": Column("Margin of error, or change to be seen", "points", "float64"),
    "decile": Column("Tenth of the customers, 1 the best", "count", "int64"),
    "criterion": Column("What a variable must satisfy", "name", "object"),
    "strategy": Column("What is done for the customers", "name", "object"),
    "policy": Column("Rule that gives each customer a strategy", "name", "object"),
    "rule": Column("Rule applied to the orders", "name", "object"),
    "action": Column("What was done with the rows", "name", "object"),
    "clusters": Column("Number of clusters or classes", "count", "int64"),
    "score": Column("Score on recency, frequency or amount", "whole number from 1", "int64"),
    "frequency": Column("Repeat orders so far", "count", "int64"),
}

NUMBERS = {
    "estimate": Column("Estimate", "as the row's measure says", "float64"),
    "std_error": Column("Standard error", "unit of the estimate", "float64"),
    "ci_low": Column("Lower end of the interval", "unit of the estimate", "float64"),
    "ci_high": Column("Upper end of the interval", "unit of the estimate", "float64"),
    "conf_level": Column("Level of the interval", "share, 0–1", "float64"),
    "observed": Column("What then came", "unit of the estimate", "float64"),
    "target_share": Column("Known share in the population", "share, 0–1", "float64"),
    "start_share": Column("Share under the start weights", "share, 0–1", "float64"),
    "weight_sum": Column("Sum of the weights", "unit of the weights", "float64"),
    "weight_min": Column("Smallest weight", "unit of the weights", "float64"),
    "weight_max": Column("Largest weight", "unit of the weights", "float64"),
    "weight_cv": Column("Standard deviation over mean of the weights", "none", "float64"),
    "deff_w": Column("Design effect of unequal weights (Kish)", "ratio, at least 1", "float64"),
    "monte_carlo_error": Column(
        "Standard error from sampled orders or draws alone", "unit of the estimate", "float64"
    ),
    "statistic": Column("Test statistic", "none", "float64"),
    "df": Column("Degrees of freedom", "count", "float64"),
    "df_denominator": Column("Denominator degrees of freedom of an F", "count", "float64"),
    "p_value": Column("p value", "share, 0–1", "float64"),
    "p_adjusted": Column("p value adjusted for multiplicity", "share, 0–1", "float64"),
    "effect": Column("Effect size", "as effect_kind says", "float64"),
    "effect_low": Column("Lower end of the effect's interval", "as effect_kind says", "float64"),
    "effect_high": Column("Upper end of the effect's interval", "as effect_kind says", "float64"),
    "effect_kind": Column("Name of the effect size", "name", "object"),
    "amount": Column("Revenue", "unit of the amounts", "float64"),
    "amount_share": Column("Share of all revenue", "share", "float64"),
    "profit": Column("Profit", "unit of the amounts", "float64"),
    "profit_share": Column("Share of all profit", "share", "float64"),
    "amount_before": Column("Revenue of the first period", "unit of the amounts", "float64"),
    "amount_after": Column("Revenue of the second period", "unit of the amounts", "float64"),
    "orders_per_customer": Column("Orders per customer", "orders", "float64"),
    "amount_per_order": Column("Revenue per order", "unit of the amounts", "float64"),
    "customer_share": Column("Share of all customers", "share, 0–1", "float64"),
    "probability_best": Column("How often the choice is the best", "share, 0–1", "float64"),
    "probability_first": Column("First in draws", "share of the draws, 0–1", "float64"),
    "prior_count": Column("Count that the prior adds to the cell", "count", "float64"),
    "regret": Column("Expected loss, as effects are not known", "unit of the value", "float64"),
    "n_orders": Column("Orders", "count", "int64"),
    "median_recency_days": Column("Median time since the last order", "days", "float64"),
    "median_orders": Column("Median orders of a customer", "count", "float64"),
    "median_amount": Column("Median revenue of a customer", "unit of the amounts", "float64"),
    "horizon": Column("Time up to which the row looks", "unit of the durations", "float64"),
    "at_risk": Column("Customers at risk of leaving just before", "count", "Int64"),
    "events": Column("Customers seen to leave", "count", "Int64"),
    "expected_events": Column("Events expected were all groups alike", "count", "float64"),
    "censored": Column("Customers last seen there, not having left", "count", "Int64"),
    "cost": Column("Cost", "unit of the costs", "float64"),
    "bound_low": Column("Least possible", "unit of the estimate", "float64"),
    "bound_high": Column("Most possible", "unit of the estimate", "float64"),
    "rank_low": Column("Best possible rank", "count", "Int64"),
    "rank_high": Column("Worst possible rank", "count", "Int64"),
    "n_open": Column("Leads not decided yet", "count", "int64"),
    "promoters": Column("Promoters", "count", "Int64"),
    "passives": Column("Passives", "count", "Int64"),
    "detractors": Column("Detractors", "count", "Int64"),
    "invited": Column("Invited to answer", "count", "Int64"),
    "n": Column("Cases used", "count", "int64"),
    "n_effective": Column("Size of an equally precise simple random sample", "count", "float64"),
    "n_missing": Column("Answers missing", "count", "int64"),
    "numerator": Column("Cases counted in the share", "count", "Int64"),
    "denominator": Column("Cases the share is taken of", "count", "Int64"),
    "log_likelihood": Column("Log-likelihood", "none", "float64"),
    "n_parameters": Column("Free parameters", "count", "Int64"),
    "aic": Column("Akaike's criterion, lower is better", "none", "float64"),
    "bic": Column("Schwarz's criterion, lower is better", "none", "float64"),
    "entropy_r2": Column("How surely rows belong to one class", "share, 0–1", "float64"),
    "classification_error": Column("Share expected in a wrong class", "share, 0–1", "float64"),
    "smallest_share": Column("Share of the smallest class", "share, 0–1", "float64"),
    "starts_at_best": Column("Random starts that reach the maximum", "count", "Int64"),
    "limit": Column("Limit the verdict compares with", "unit of the estimate", "float64"),
    "printed": Column("As printed or planted", "digits as they stand there", "object"),
    "rounded": Column("Own value, rounded alike", "as many digits", "object"),
    "verdict": Column("What the rule concludes", "name", "object"),
    "iterations": Column("Rounds until convergence", "count", "int64"),
    "largest_gap": Column("Largest distance of a share from its target", "share, 0–1", "float64"),
    "trimmed_share": Column("Respondents whose weight is at the cap", "share, 0–1", "float64"),
    "method": Column("Method", "name", "object"),
    "note": Column("What a reader must know about the row", "text", "object"),
}

VOCABULARY = KEYS | NUMBERS


def arrange(rows: Iterable[dict] | pd.DataFrame, *, keys: Iterable[str] = ()) -> pd.DataFrame:
    """Result table in the house order: keys, then numbers as NUMBERS lists them.

    Parameters
    ----------
    rows : iterable of dict, or DataFrame
        One entry per row of the result.
    keys : iterable of str
        Columns that identify a row, in the order wanted; a grouping variable's own name is
        allowed here and nowhere else.

    Returns
    -------
    DataFrame
        Default index, dtypes of the vocabulary, `note` an empty string where nothing is to say.

    Raises
    ------
    ParameterError
        A column is neither a key nor in the vocabulary, or a key has the name of another column
        of the result, over which it would have written.
    """
    table = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    keys = list(keys)
    if taken := [name for at, name in enumerate(keys) if name in NUMBERS or name in keys[:at]]:
        raise ParameterError.because(
            f"The column {taken[0]!r} has a name that the result needs for a column of its own.",
            "Expected a column of groups under another name.",
            f"Rename it first, for instance to {f'{taken[0]}_group'!r}.",
        )
    unknown = [name for name in table.columns if name not in keys and name not in NUMBERS]
    if unknown:
        raise ParameterError.unknown_column(unknown, NUMBERS)
    numbers = [name for name in NUMBERS if name in table.columns]
    table = table[keys + numbers].reset_index(drop=True)
    if "note" in numbers:
        table["note"] = table["note"].fillna("")
    return table.astype({name: NUMBERS[name].dtype for name in numbers})
