"""Teaches nbval what may differ between two machines without being a different report.

The rounded text a reader sees is compared to the letter; the full-precision twins beside it carry
last digits and pixels that another processor may round otherwise. Those are compared within the
tolerance of each finding by tests/notebooks/test_studies.py.
"""

EXACT_TWINS = (
    "application/vnd.custlib.finding+json",
    "application/vnd.custlib.table+json",
    "application/vnd.custlib.figure+json",
)


def pytest_collection_modifyitems(items):
    cells = [item for item in items if hasattr(item.parent, "skip_compare")]
    for notebook in {cell.parent for cell in cells}:
        notebook.skip_compare = (*notebook.skip_compare, *EXACT_TWINS)
    for cell in cells:
        # Seconds that outputs may take to arrive; nbval's own 5 are few on a busy machine.
        cell.output_timeout = 120
