"""How carefully were the questions answered?"""

from custlib.survey.quality.signs import early_late, quality_summary, response_quality

__all__ = ["early_late", "quality_summary", "response_quality"]
