"""The form of notebooks/start_here.ipynb: studies chosen, filled in, run and read without code."""

from custlib.form.contents import show_data_sets, show_lessons, show_studies
from custlib.form.page import show

__all__ = ["show", "show_data_sets", "show_lessons", "show_studies"]
