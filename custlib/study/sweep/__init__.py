"""Many runs of one study: a plan file read and checked, run side by side, and stacked."""
