"""What a record of the stream means for lists and search."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from billing.businesses import rules as businesses
from billing.businesses.models import NewBusiness
from billing.projection import Change
from billing.setup_intents import rules as setup_intents
from billing.setup_intents.models import NewSetupIntent
from billing.table.items import to_attributes
from billing.table.ranked import Listed
from billing.tenancy import Call, Tenant
from tests.unit.events.stream import TENANT, customer, stream_record
from tests.unit.orders.order import order
from tests.unit.payments.payment import recorded

CALL = Call("req", datetime(2026, 5, 4, 9, 30, tzinfo=UTC))


def test_a_customer_has_a_place_and_words():
    change = Change.from_stream(stream_record(None, customer(7)))

    assert change.listed == Listed(TENANT, "customer", 7, gone=False)
    assert change.rewording is not None
    assert "c7@example.com".replace("@", "").replace(".", "") in change.rewording.words


def test_a_business_has_a_place_alone():
    tenant = Tenant("mer_" + "1" * 32, livemode=True)
    body = NewBusiness(name="Engines Ltd")
    business = businesses.new_business(tenant, body, id="bus_1", sequence=3, customer_id=None, call=CALL)
    gone = replace(business, deleted_at="now")

    changes = [
        Change.from_stream({"dynamodb": {"NewImage": to_attributes(each.to_item())}}) for each in (business, gone)
    ]

    assert [each.listed for each in changes] == [
        Listed(tenant, "business", 3, gone=False),
        Listed(tenant, "business", 3, gone=True),
    ]
    assert [each.rewording for each in changes] == [None, None]


def test_an_order_and_a_payment_have_places_and_keep_them():
    placed, paid = order(), recorded(number=4)
    images = [{"NewImage": to_attributes(each.to_item())} for each in (placed, paid)]

    changes = [Change.from_stream({"dynamodb": each}) for each in images]

    assert [each.listed for each in changes] == [
        Listed(placed.tenant, "order", 7, gone=False),
        Listed(paid.tenant, "payment", 4, gone=False),
    ]
    assert [each.rewording for each in changes] == [None, None]


def test_a_setup_intent_has_a_place_and_keeps_it():
    tenant = Tenant("mer_" + "1" * 32, livemode=True)
    intent = setup_intents.new_intent(
        tenant,
        NewSetupIntent(),
        id="seti_1",
        sequence=5,
        gateway="sandbox",
        client_secret="seti_1_secret",
        customer_id=None,
        call=CALL,
    )

    for each in (intent, setup_intents.canceled(intent, None, CALL)):
        change = Change.from_stream({"dynamodb": {"NewImage": to_attributes(each.to_item())}})
        assert change == Change(Listed(tenant, "setup_intent", 5, gone=False))


def test_what_has_no_list_is_not_passed_over():
    record = stream_record(None, customer())
    record["dynamodb"]["NewImage"]["entity"] = {"S": "unheard-of"}

    with pytest.raises(KeyError):
        Change.from_stream(record)
