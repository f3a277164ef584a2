"""A run of a study: planned, executed, gathered and put in place in one step."""
