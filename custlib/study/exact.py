"""Values as JSON holds them: exact Python numbers, text and null, nothing rounded."""

import math
from typing import Any

from custlib.errors import ParameterError


def plain(key: str, value: Any) -> Any:
    """A value of a finding; missing numbers become None, what JSON cannot hold is refused."""
    if is_list(value):
        parts = value.tolist() if hasattr(value, "tolist") else value
        if not any(map(is_list, parts)):
            return [plain(key, one) for one in parts]
    elif hasattr(value, "item"):
        value = value.item()
    if is_missing(value):
        return None
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    raise ParameterError.because(
        f"Finding {key!r} holds {value!r}, a {type(value).__name__}.",
        "Expected finite numbers, text, truth values, None, or a flat list of them.",
        "Convert it, or pass None and let the sentence say why there is no number.",
    )


def cell_of(value: Any) -> Any:
    """A cell of a table; what is neither number nor text is written as text."""
    if is_missing(value):
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def is_list(value: Any) -> bool:
    """Whether the value is a list, a tuple, a Series or an array."""
    return isinstance(value, list | tuple) or bool(
        hasattr(value, "tolist") and getattr(value, "ndim", 0)
    )


def is_missing(value: Any) -> bool:
    """Whether the value is NaN or one of pandas' missing values."""
    if type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, float) and math.isnan(value)
