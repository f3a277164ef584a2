"""The codebook: everything a survey's author writes once."""

from custlib.survey.codebook.book import MOST_ANSWERS, Codebook

__all__ = ["MOST_ANSWERS", "Codebook"]
