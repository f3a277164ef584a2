"""Who carries the turnover, and who comes steadily: nine cells of value by steadiness."""

from custlib.segmentation.abc_xyz.certainty import ClassCertainty, class_certainty
from custlib.segmentation.abc_xyz.matrix import abc_xyz_matrix
from custlib.segmentation.abc_xyz.steadiness import xyz_classes
from custlib.segmentation.abc_xyz.value import abc_classes, abc_limits

__all__ = [
    "ClassCertainty",
    "abc_classes",
    "abc_limits",
    "abc_xyz_matrix",
    "class_certainty",
    "xyz_classes",
]
