"""Properties draw the same examples on every machine and every run, and never race a clock."""

from hypothesis import settings

settings.register_profile("house", derandomize=True, deadline=None, max_examples=50, database=None)
settings.load_profile("house")
