"""Data sets: the catalogue and the simulations with known truth."""
