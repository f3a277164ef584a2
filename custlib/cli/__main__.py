"""`python -m custlib.cli` does what `custlib` does."""

from custlib.cli import main

main(prog_name="custlib")
