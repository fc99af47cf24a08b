"""Percentages as people write them, and the integers that taxes are computed with.

A percentage has at most four decimals, so it is a whole number of parts per million: 8.875 % are 88,750. Pure.
"""

import re

LARGEST_PPM = 1_000_000
"""100 %."""

_DECIMAL = re.compile(r"(\d{1,3})(?:\.(\d{1,4}))?", re.ASCII)
_PPM_PER_PERCENT = 10_000


def ppm_of(text: str) -> int | None:
    """Return the parts per million of a percentage from 0 to 100, None when the text is none: `8.875` → 88,750."""
    found = _DECIMAL.fullmatch(text)
    if found is None:
        return None
    whole, decimals = found.groups(default="")
    ppm = int(whole) * _PPM_PER_PERCENT + int(decimals.ljust(4, "0"))
    return ppm if ppm <= LARGEST_PPM else None


def percentage_of(ppm: int) -> str:
    """Return the shortest text of a percentage: 190,000 → `19`, 88,750 → `8.875`."""
    whole, decimals = divmod(ppm, _PPM_PER_PERCENT)
    return f"{whole}.{decimals:04d}".rstrip("0").rstrip(".")
