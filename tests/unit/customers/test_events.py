"""What a change of a customer means to others."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from billing.customers import rules
from billing.customers.events import events_of
from billing.customers.models import CustomerChanges, NewCustomer
from billing.customers.record import Record
from billing.tenancy import Call, Tenant

CALL = Call("req", datetime(2026, 5, 4, 9, 30, tzinfo=UTC))
LATER = Call("req-later", datetime(2026, 5, 4, 10, 30, tzinfo=UTC))


def customer(**fields: Any) -> Record:
    body = NewCustomer.model_validate({"email": "jane@example.com", **fields})
    tenant = Tenant("mer_" + "1" * 32, livemode=False)
    return rules.new_customer(
        tenant, body, id="cus_" + "2" * 32, sequence=1, source="api", call=CALL, address_id="addr_1"
    )


def changed(record: Record, **changes: Any) -> Record:
    return rules.changed(record, CustomerChanges.model_validate(changes), LATER, address_id="addr_2")


def previous_attributes(old: Record, new: Record) -> Any:
    [event] = events_of(old, new)
    assert event.type == "customer.updated"
    return event.previous_attributes


def test_a_new_customer_is_created_as_the_api_shows_it():
    new = customer(name="Jane")

    [event] = events_of(None, new)

    assert event.type == "customer.created"
    assert event.object == new.to_customer().to_wire()
    assert event.previous_attributes is None


def test_a_change_carries_the_values_that_were_there_before():
    old = customer(name="Jane", notes="pays late")

    assert previous_attributes(old, changed(old, name="Joan")) == {"name": "Jane"}


def test_a_field_that_was_unset_is_null_in_both_spellings():
    old = customer()

    assert previous_attributes(old, changed(old, companyName="ACME")) == {"company_name": None, "companyName": None}


def test_a_field_that_is_cleared_is_told_with_its_value():
    old = customer(phone="+15551234567")

    assert previous_attributes(old, changed(old, phone=None)) == {"phone": "+15551234567"}


def test_an_address_changes_as_an_object_and_as_flat_fields():
    old = customer(address={"line1": "Old Street 1", "city": "London", "postal_code": "N1"})

    assert previous_attributes(old, changed(old, addressLine1="New Street 2")) == {
        "address": {"line1": "Old Street 1", "city": "London", "postal_code": "N1", "postalCode": "N1"},
        "address_line1": "Old Street 1",
        "addressLine1": "Old Street 1",
    }


def test_metadata_is_told_whole():
    old = customer(metadata={"plan": "pro", "seats": 3})

    assert previous_attributes(old, changed(old, metadata={"seats": 4})) == {"metadata": {"plan": "pro", "seats": 3}}


def test_a_deletion_is_one_event_and_shows_the_deleted_customer():
    old = customer()
    new = rules.deleted(old, LATER)

    [event] = events_of(old, new)

    assert event.type == "customer.deleted"
    assert event.object["deleted"] is True
    assert event.object["deletedAt"] == event.object["deleted_at"] == "2026-05-04T10:30:00.000Z"
    assert event.previous_attributes is None


def test_a_write_that_leaves_the_version_is_no_event():
    old = customer(name="Jane")

    assert events_of(old, replace(old, texts={**old.texts, "name": "Joan"})) == []


def test_a_change_of_what_the_api_does_not_show_is_no_event():
    old = customer()

    assert events_of(old, replace(old, version=2, sequence=9, updated_at="2026-05-05T00:00:00.000Z")) == []


def test_a_write_to_a_deleted_customer_does_not_delete_it_again():
    gone = rules.deleted(customer(), LATER)

    assert events_of(gone, replace(gone, version=3)) == []
