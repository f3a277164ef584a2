"""A second computation of the same numbers: what differs from the first, by how much, and why."""
