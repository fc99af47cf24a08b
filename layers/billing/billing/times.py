"""Instants as the API writes them: ISO 8601, UTC, milliseconds, `Z`."""

import math
from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """Return e.g. `2026-01-15T10:30:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def unix_seconds(text: str) -> int:
    """Return the whole Unix seconds of an instant written by `iso`."""
    return int(datetime.fromisoformat(text).timestamp())


def due_second(text: str) -> int:
    """Return the first whole Unix second at which an instant written by `iso` has come."""
    return math.ceil(datetime.fromisoformat(text).timestamp())


def now() -> datetime:
    """Return the present instant; the only clock of the code, read once per call at the edge."""
    return datetime.now(UTC)
