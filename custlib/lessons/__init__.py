"""Lessons: exercises in a notebook whose answers are checked against the data the reader has.

A lesson's notebook makes its data, hands them to `begin`, and gets back `check`, `hint` and
`progress`. What is asked stands in the notebook; what is right, what goes wrong and what helps
stands here, one module a lesson.
"""

from custlib.lessons.course import NAMES, begin

__all__ = ["NAMES", "begin"]
