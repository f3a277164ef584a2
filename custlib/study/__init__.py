"""Studies: parameters, runs, findings and their proof."""
