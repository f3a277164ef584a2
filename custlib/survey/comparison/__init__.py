"""Do groups of customers answer differently?"""

from custlib.survey.comparison.contrasts import compare_groups

__all__ = ["compare_groups"]
