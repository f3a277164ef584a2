"""Customer-satisfaction statistics, one subpackage per question a study asks."""

__version__ = "0.1.0"
