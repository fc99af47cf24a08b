"""The rules of a customer: two views of one address, merging, what counts as a change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.customers import rules
from billing.customers.models import CustomerChanges, NewCustomer
from billing.customers.record import Record
from billing.errors import CustomerDeleted, InvalidFields
from billing.table.items import from_attributes, to_attributes
from billing.tenancy import Call, Tenant

TENANT = Tenant("mer_1", livemode=False)
CALL = Call(request_id="req_1", now=datetime(2026, 1, 15, 10, 30, tzinfo=UTC))
LATER = Call(request_id="req_2", now=CALL.now + timedelta(minutes=1), idempotency_key="again")


def customer(**fields: Any) -> Record:
    body = NewCustomer.model_validate({"email": "john@example.com", **fields})
    return rules.new_customer(TENANT, body, id="cus_1", sequence=7, source="api", call=CALL, address_id="addr_1")


def after(record: Record, **changes: Any) -> Record:
    return rules.changed(record, CustomerChanges.model_validate(changes), LATER, address_id="addr_2")


def test_the_object_and_the_flat_fields_are_one_address() -> None:
    by_object = customer(address={"line1": "1 Main St", "postalCode": "94102", "country": "us"})
    by_fields = customer(addressLine1="1 Main St", postal_code="94102", country="US")

    assert by_object.address == by_fields.address == {"line1": "1 Main St", "postal_code": "94102", "country": "US"}
    shown = by_object.to_customer().to_wire()
    assert shown["address"] == {"line1": "1 Main St", "postal_code": "94102", "postalCode": "94102", "country": "US"}
    assert shown["address_line1"] == shown["addressLine1"] == "1 Main St"


def test_the_address_object_wins_over_flat_fields_key_by_key() -> None:
    record = customer(address={"city": "Berlin"}, city="Paris", country="FR")

    assert record.address == {"city": "Berlin", "country": "FR"}


def test_null_clears_a_field_and_an_address() -> None:
    record = customer(name="John", address={"city": "Berlin"})

    assert "name" not in after(record, name=None).texts
    assert after(record, address=None).address == {}
    assert after(record, city="").address == {}


def test_metadata_merges_by_key_and_null_removes() -> None:
    record = customer(metadata={"a": 1, "b": {"x": 1}}, customFields={"vat": True})

    changed = after(record, metadata={"a": None, "b": 2, "c": [1, None]}, custom_fields=None)

    assert changed.metadata == {"b": 2, "c": [1, None]}
    assert changed.custom_fields == {}


def test_merged_metadata_keeps_the_limits() -> None:
    record = customer(metadata={f"k{n}": n for n in range(30)})

    with pytest.raises(InvalidFields) as refused:
        after(record, metadata={f"m{n}": n for n in range(30)})

    assert refused.value.param == "metadata"


def test_what_changes_nothing_is_no_change() -> None:
    record = customer(name="John", metadata={"a": 1}, country="US")

    assert after(record, name=" John ", metadata={"a": 1, "z": None}, address={"country": "us"}) is record
    assert after(record) is record


def test_a_number_is_not_the_truth() -> None:
    record = customer(metadata={"flag": 1})

    assert after(record, metadata={"flag": True}).metadata == {"flag": True}
    assert after(record, metadata={"flag": True}).version == 2


def test_a_change_makes_a_new_version_and_names_its_request() -> None:
    changed = after(customer(), name="Jane")

    assert (changed.version, changed.request_id, changed.idempotency_key) == (2, "req_2", "again")
    assert changed.updated_at == "2026-01-15T10:31:00.000Z"
    assert changed.created_at == "2026-01-15T10:30:00.000Z"


def test_a_slow_clock_does_not_turn_time_back() -> None:
    record = replace(customer(), updated_at="2027-01-01T00:00:00.000Z")

    assert after(record, name="Jane").updated_at == "2027-01-01T00:00:00.000Z"


def test_a_deleted_customer_keeps_its_data_and_cannot_change() -> None:
    gone = rules.deleted(customer(name="John"), LATER)

    assert gone.texts["name"] == "John"
    assert gone.deleted_at == "2026-01-15T10:31:00.000Z"
    assert rules.deleted(gone, LATER) is gone
    with pytest.raises(CustomerDeleted):
        after(gone, name="Jane")


@pytest.mark.parametrize("email", [None, ""])
def test_the_email_cannot_be_removed(email: str | None) -> None:
    with pytest.raises(ValueError, match="email"):
        CustomerChanges.model_validate({"email": email})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    metadata=st.dictionaries(st.text(min_size=1, max_size=10), json_values, max_size=5),
    name=st.text(min_size=1, max_size=50).filter(lambda text: bool(text.strip())),
)
def test_a_stored_customer_comes_back_as_it_was(metadata: dict[str, Any], name: str) -> None:
    record = replace(customer(phone="+1-555-123-4567"), metadata=metadata, texts={"email": "a@b.co", "name": name})

    assert Record.from_item(from_attributes(to_attributes(record.to_item()))) == record
