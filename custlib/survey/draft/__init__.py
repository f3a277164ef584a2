"""A first codebook for a survey that has none."""

from custlib.survey.draft.assumptions import described
from custlib.survey.draft.drafts import CodebookDraft, codebook_draft
from custlib.survey.draft.verdicts import DESIGN

__all__ = ["DESIGN", "CodebookDraft", "codebook_draft", "described"]
