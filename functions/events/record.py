"""A rule's target: keeps every event that the bus carries."""

from typing import Any

from billing import events
from billing.events import Event


def handler(event: dict[str, Any], _context: Any) -> None:
    """Keep one event; a failure is retried, and an event that comes twice is kept once."""
    events.record(Event.model_validate(event["detail"]))
