"""The envelope that every event travels in (contract §H). Pure."""

from billing.domain_events import DomainEvent
from billing.events.models import Event, EventRequest
from billing.table import Item
from billing.table.keys import digest
from billing.times import unix_seconds
from billing.wire import API_VERSION


def enveloped(happened: DomainEvent, item: Item, epoch: str) -> Event:
    """Return the event of something that has happened to the object kept in `item`.

    `epoch` tells this table from another one with the same objects, such as one restored from a backup: the ARN of
    the stream, which is made anew with every table.
    """
    request = EventRequest(id=item.get("request_id"), idempotency_key=item.get("idempotency_key"))
    data = {**happened.object, "object": happened.object}
    if happened.previous_attributes is not None:
        data["previous_attributes"] = happened.previous_attributes
    return Event(
        id=event_id(happened, item, epoch),
        type=happened.type,
        created=unix_seconds(item["updated_at"]),
        created_at=item["updated_at"],
        livemode=item["livemode"],
        api_version=API_VERSION,
        account=item["merchant_id"],
        request=request if request.id or request.idempotency_key else None,
        version=item["version"],
        data=data,
    )


def event_id(happened: DomainEvent, item: Item, epoch: str) -> str:
    """Return an id that is the same whenever the same change of the same table is read."""
    mode = "live" if item["livemode"] else "sandbox"
    made_of = digest(epoch, item["merchant_id"], mode, item["entity"], item["id"], str(item["version"]), happened.type)
    return f"evt_{made_of[:32]}"
