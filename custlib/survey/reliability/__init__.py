"""Do the items of a block measure one thing, and how precisely?"""

from custlib.survey.reliability.consistency import cronbach_alpha, item_statistics
from custlib.survey.reliability.one_factor import mcdonald_omega

__all__ = ["cronbach_alpha", "item_statistics", "mcdonald_omega"]
