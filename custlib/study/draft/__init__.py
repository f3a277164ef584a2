"""A first study for a file of answers whose codebook has been drafted."""

from custlib.study.draft.notebook import StudyFacts, survey_study

__all__ = ["StudyFacts", "survey_study"]
