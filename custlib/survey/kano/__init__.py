"""Which features must be there, which please by being there, and which leave people cold."""

from custlib.survey.kano.categories import KanoCategories, kano_categories
from custlib.survey.kano.coefficients import kano_coefficients, kano_scores
from custlib.survey.kano.evaluation import evaluation_table

__all__ = [
    "KanoCategories",
    "evaluation_table",
    "kano_categories",
    "kano_coefficients",
    "kano_scores",
]
