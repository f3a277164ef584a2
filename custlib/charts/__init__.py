"""Figures: tables in, matplotlib Axes out."""
