"""Reports: numbers become text here, and nowhere else."""
