"""A study's parameters: declared in a cell, checked before a kernel starts."""
