"""The codebook: everything a survey's author writes once."""

from custlib.survey.codebook.book import Codebook

__all__ = ["Codebook"]
