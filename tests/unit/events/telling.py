"""What a change of an object tells."""

from typing import Any

from billing.events.changes import events_in
from billing.table.facets import Record
from billing.table.items import to_attributes
from tests.schemas import validate_event
from tests.unit.events.stream import ARN


def told(old: Record | None, new: Record) -> list[dict[str, Any]]:
    """Return the events of a change, each as its schema says and with an id of its own."""
    images = {"NewImage": to_attributes(new.to_item())}
    if old:
        images["OldImage"] = to_attributes(old.to_item())
    events = [each.to_wire() for each in events_in({"dynamodb": images, "eventSourceARN": ARN})]
    for event in events:
        validate_event(event)
    assert len({event["id"] for event in events}) == len(events)
    return events
