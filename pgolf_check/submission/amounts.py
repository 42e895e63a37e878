"""Numbers as people write them: "15,998,120", "~124s", "15.9 MB", "9.8 min"."""

import math
import re
from typing import Any

_NUMBER = re.compile(
    r"^[~≈<=\s]*([-+]?[\d,_]{1,30}(?:\.\d{1,30})?(?:[eE][-+]?\d{1,3})?)\s*(.*)$", re.DOTALL
)
_SECONDS = {"ms": 1e-3, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_UNIT = re.compile(r"^(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b")
_SIZE = re.compile(r"^(bytes|b|kb|kib|mb|mib)?(?![a-z])")
_BYTES = {"kb": 1_000, "kib": 1 << 10, "mb": 1_000_000, "mib": 1 << 20}


def number(value: Any) -> float | None:
    """A finite number from a number, or from text that begins with one."""
    found = _split(value)
    return found[0] if found else None


def whole(value: Any) -> int | None:
    """A whole number; "15.9 MB" is one of bytes."""
    found = _split(value)
    if found is None:
        return None
    unit = _SIZE.match(found[1].lower())
    return round(found[0] * _BYTES.get(unit[1] or "", 1)) if unit else round(found[0])


def seconds(value: Any, key: str) -> float | None:
    """A duration; where the value names no unit, its key may ("_ms", "_minutes")."""
    found = _split(value)
    if found is None:
        return None
    unit = _UNIT.match(found[1].lower())
    name = unit[1] if unit else _unit_of_key(key.lower())
    for known, factor in _SECONDS.items():
        if name == known or (len(known) > 1 and name.startswith(known)):
            return round(found[0] * factor, 3)
    return round(found[0], 3)


def _unit_of_key(key: str) -> str:
    if key.endswith("_ms") or "_ms_" in key or "millis" in key:
        return "ms"
    if "minute" in key or key.endswith("_min"):
        return "min"
    return "h" if key.endswith(("_hours", "_h")) else "s"


def _split(value: Any) -> tuple[float, str] | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return (float(value), "") if math.isfinite(value) else None
    if not isinstance(value, str) or not (match := _NUMBER.match(value[:200])):
        return None
    try:
        amount = float(match[1].replace(",", "").replace("_", ""))
    except ValueError:
        return None
    return (amount, match[2]) if math.isfinite(amount) else None
