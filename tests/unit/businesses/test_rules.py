"""The rules of a business."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.businesses import rules
from billing.businesses.events import events_of
from billing.businesses.models import BusinessChanges, NewBusiness
from billing.businesses.record import Record
from billing.errors import BusinessDeleted, InvalidFields, MalformedRequest
from billing.events.envelope import enveloped
from billing.table.items import from_attributes, to_attributes
from billing.tenancy import Call, Tenant
from tests.schemas import validate_event

CALL = Call(request_id="req_1", now=datetime(2026, 1, 15, 10, 30, tzinfo=UTC))
LATER = replace(CALL, request_id="req_2", now=CALL.now + timedelta(minutes=1))
EVERYTHING = {
    "companyNumber": "01234567",
    "taxIdentifier": "GB980780684",
    "billingEmail": "accounts@example.com",
    "billingPhone": "+44 20 7946 0000",
    "billingAddressLine1": "12 St James's Square",
    "billingAddressLine2": "Third floor",
    "billingCity": "London",
    "billingPostcode": "SW1Y 4JH",
    "billingCountry": "GB",
    "metadata": {"tier": "gold"},
}
CUSTOMER = "cus_" + "3" * 32


def business(customer_id: str | None = None, **fields: Any) -> Record:
    body = NewBusiness.model_validate({"name": "Engines Ltd", **fields})
    tenant = Tenant("mer_" + "1" * 32, livemode=False)
    return rules.new_business(tenant, body, id="bus_" + "2" * 32, sequence=7, customer_id=customer_id, call=CALL)


def after(record: Record, **changes: Any) -> Record:
    return rules.changed(record, BusinessChanges.model_validate(changes), LATER)


def test_a_change_touches_what_it_names():
    record = business(**EVERYTHING)

    changed = after(record, billing_city="Leeds", companyNumber=None, metadata={"tier": None, "seats": 3})

    assert changed.version == 2
    assert changed.texts == {
        **{name: text for name, text in record.texts.items() if name != "company_number"},
        "billing_city": "Leeds",
    }
    assert changed.metadata == {"seats": 3}
    assert after(record, name="Engines Ltd", metadata={"tier": "gold"}) is record


def test_a_tax_identifier_is_judged_when_it_is_sent_and_told_of_when_its_country_changes():
    with pytest.raises(InvalidFields) as refused:
        business(tax_identifier="GB123456789", billing_country="GB")
    assert refused.value.param == "tax_identifier"

    record = business(tax_identifier="GB123456789")
    assert record.to_business().tax_identifier_status == "invalid", "without a country there is a doubt"
    assert after(record, billing_country="GB").to_business().tax_identifier_status == "invalid"
    assert after(record, billing_country="US").to_business().tax_identifier_status == "unrecognised"
    assert after(record, tax_identifier=None).to_business().tax_identifier_status is None
    assert after(record, taxIdentifier="GB980780684").to_business().tax_identifier_type == "gb_vat"


def test_customers_are_linked_once_and_in_order():
    record = rules.linked(rules.linked(business("cus_1"), "cus_2", CALL), "cus_1", CALL)

    assert record.customer_ids == ("cus_1", "cus_2")
    assert record.version == 2, "the second link of a customer is no change"
    assert rules.unlinked(record, "cus_1", CALL).to_business().customer_id == "cus_2"
    assert rules.unlinked(record, "cus_9", CALL) is record


def test_a_business_has_as_many_customers_as_a_transaction_can_write():
    record = replace(business(), customer_ids=tuple(f"cus_{n}" for n in range(rules.MOST_CUSTOMERS)))

    with pytest.raises(MalformedRequest):
        rules.linked(record, "cus_more", CALL)
    assert rules.linked(record, "cus_1", CALL) is record


def test_a_deleted_business_keeps_its_data_and_cannot_change():
    gone = rules.deleted(business(CUSTOMER, **EVERYTHING), LATER)

    assert gone.texts == business(**EVERYTHING).texts
    assert gone.to_item()["list"] is None
    assert rules.deleted(gone, LATER) is gone
    for change in (
        lambda: after(gone, name="x"),
        lambda: after(gone),
        lambda: rules.linked(gone, "cus_2", LATER),
        lambda: rules.unlinked(gone, CUSTOMER, LATER),
    ):
        with pytest.raises(BusinessDeleted):
            change()


@pytest.mark.parametrize("fields", [{}, EVERYTHING])
def test_a_stored_business_comes_back_as_it_was(fields: dict[str, Any]):
    record = business(CUSTOMER, **fields)

    stored = Record.from_item(from_attributes(to_attributes(record.to_item())))

    assert stored.to_item() == record.to_item()
    assert stored.to_business() == record.to_business()


def test_events_fit_their_schemas():
    bare, full = business(), business(CUSTOMER, **EVERYTHING)
    emptied = after(full, **dict.fromkeys(EVERYTHING))
    changes = [
        ("business.created", None, bare),
        ("business.created", None, full),
        ("business.updated", full, emptied),
        ("business.updated", full, rules.unlinked(full, CUSTOMER, LATER)),
        ("business.updated", bare, after(bare, **EVERYTHING)),
        ("business.deleted", full, rules.deleted(full, LATER)),
    ]

    for type_, old, new in changes:
        [happened] = events_of(old, new)
        assert happened.type == type_
        validate_event(enveloped(happened, new.to_item(), "arn").to_wire())


def test_what_shows_nothing_new_is_no_event():
    record = business()

    assert events_of(record, record) == []
    assert events_of(record, replace(record, version=2)) == []
