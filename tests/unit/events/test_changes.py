"""From stream records to events in their envelope."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from billing.customers import rules
from billing.customers.address_book import AddressBook, Entry
from billing.customers.models import CustomerChanges
from billing.customers.record import Record
from billing.customers.wallet import Held, Wallet
from billing.domain_events import DomainEvent
from billing.events.changes import DOMAIN_EVENTS, events_in
from billing.events.envelope import enveloped
from billing.projection import _READERS
from billing.tenancy import Tenant
from billing.wire import API_VERSION
from tests.schemas import SCHEMAS, validate_event
from tests.unit.events.stream import ARN, call, customer, renamed, stream_record

ROOT = Path(__file__).parents[3]


def event_of(old: Record | None, new: Record, arn: str = ARN) -> dict[str, Any]:
    [event] = events_in(stream_record(old, new, arn=arn))
    wire = event.to_wire()
    validate_event(wire)
    return wire


def test_the_envelope_of_a_creation():
    new = customer()

    event = event_of(None, new)

    wire = new.to_customer().to_wire()
    assert re.fullmatch(r"evt_[0-9a-f]{32}", event.pop("id"))
    assert event == {
        "object": "event",
        "type": "customer.created",
        "created": 1777885200,
        "created_at": "2026-05-04T09:00:00.125Z",
        "livemode": False,
        "api_version": API_VERSION,
        "account": "mer_" + "1" * 32,
        "pending_webhooks": 0,
        "request": {"id": "req-0", "idempotency_key": "key-1"},
        "version": 1,
        "data": {**wire, "object": wire},
    }


def test_an_update_says_what_was_before_and_which_request_changed_it():
    old = customer()

    event = event_of(old, renamed(old))

    assert event["data"]["previous_attributes"] == {"name": "name 1"}
    assert event["data"]["object"]["name"] == event["data"]["name"] == "name 2"
    assert event["request"] == {"id": "req-1", "idempotency_key": None}
    assert event["version"] == 2


def test_a_change_that_no_request_made_has_none():
    event = event_of(None, replace(customer(), request_id=None, idempotency_key=None))

    assert event["request"] is None


def test_every_field_of_a_customer_fits_the_schemas():
    everything = {
        "phone": "+1-555-123-4567",
        "company_name": "ACME",
        "currency": "EUR",
        "tax_id": "DE1",
        "address": {
            "line1": "Street 1",
            "line2": "Floor 2",
            "city": "Berlin",
            "state": "BE",
            "postal_code": "10117",
            "country": "DE",
        },
        "notes": "pays late",
        "metadata": {"nested": {"numbers": [1, 2.5]}},
        "custom_fields": {"colour": "red"},
    }
    new = customer(**everything)
    nothing = CustomerChanges.model_validate({**dict.fromkeys(everything), "name": None})
    cleared = rules.changed(new, nothing, call(1), address_id="addr_2")
    refilled = rules.changed(cleared, CustomerChanges(**everything), call(2), address_id="addr_3")

    assert event_of(None, new)["type"] == "customer.created"
    assert event_of(new, cleared)["data"]["previous_attributes"]["address"]["postalCode"] == "10117"
    assert len(event_of(cleared, refilled)["data"]) > 20
    assert event_of(new, rules.deleted(new, call(2)))["type"] == "customer.deleted"


def test_schemas_name_every_field_that_a_customer_can_have():
    shown = set(replace_unset(customer()).to_customer().to_wire()) | {"deleted_at", "deletedAt"}

    assert (
        set(json.loads((SCHEMAS / "customer.deleted.v1.json").read_text())["$defs"]["customer"]["properties"]) == shown
    )


def replace_unset(record: Record) -> Record:
    """Return the customer with every field set."""
    texts = dict.fromkeys(("name", "company_name", "phone", "currency", "tax_id", "notes"), "X") | record.texts
    parts = dict.fromkeys(("line1", "line2", "city", "state", "postal_code", "country"), "X")
    addresses = AddressBook((Entry("addr_1", "billing", parts, "", "", is_default=True),))
    wallet = Wallet((Held("pm_1"),), "pm_1")
    fields: dict[str, Any] = {"metadata": {"a": 1}, "custom_fields": {"a": 1}, "wallet": wallet}
    return replace(record, texts=texts, addresses=addresses, **fields)


def test_a_record_read_again_is_the_same_event():
    assert event_of(None, customer()) == event_of(None, customer())


def test_whatever_tells_two_events_apart_is_in_the_id():
    new = customer()
    later = renamed(new)
    events = [
        event_of(None, new),
        event_of(new, later),
        event_of(later, rules.deleted(later, call(3))),
        event_of(new, rules.deleted(new, call(3))),
        event_of(None, customer(2)),
        event_of(None, new, arn=ARN.replace("2026", "2027")),
        event_of(None, replace(new, tenant=Tenant("mer_" + "2" * 32, livemode=False))),
        event_of(None, replace(new, tenant=Tenant(new.tenant.merchant_id, livemode=True))),
    ]

    assert len({event["id"] for event in events}) == len(events)


def test_two_events_of_one_version_have_two_ids():
    item = customer().to_item()

    detached, attached = (enveloped(DomainEvent(f"x.{name}", {}), item, ARN) for name in ("detached", "attached"))

    assert detached.id != attached.id


def test_an_object_named_by_a_field_of_the_resource_wins_over_it():
    event = enveloped(DomainEvent("x.updated", {"object": "x", "id": "x_1"}), customer().to_item(), ARN)

    assert event.data == {"id": "x_1", "object": {"object": "x", "id": "x_1"}}


def test_an_item_that_ttl_deletes_is_no_event():
    record = stream_record(None, customer())
    record["dynamodb"]["OldImage"] = record["dynamodb"].pop("NewImage")

    assert events_in(record) == []


def test_an_entity_that_nothing_reads_is_not_passed_over():
    record = stream_record(None, customer())
    record["dynamodb"]["NewImage"]["entity"] = {"S": "unheard-of"}

    with pytest.raises(KeyError):
        events_in(record)


def test_the_stream_lets_through_what_its_readers_read():
    template = (ROOT / "template.yaml").read_text()
    published, projected = (set(json.loads(each)) for each in re.findall(r'"entity":\{"S":(\[.*?\])\}', template))

    assert published == set(DOMAIN_EVENTS)
    assert projected == set(_READERS)


def test_the_sample_batch_makes_the_sample_event():
    batch = json.loads((ROOT / "events/stream/publish_events.json").read_text())
    sample = json.loads((ROOT / "events/events/record.json").read_text())

    events = [event.to_wire() for record in batch["Records"] for event in events_in(record)]

    assert [event["type"] for event in events] == ["customer.created", "customer.updated"]
    assert events[1] == sample["detail"]
    for event in events:
        validate_event(event)
