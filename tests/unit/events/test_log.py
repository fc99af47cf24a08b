"""The event log: kept once, found by what it is about, gone after 30 days."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from pydantic import ValidationError

from billing import events
from billing.errors import InvalidFields, NotFound
from billing.events import Event, ListEvents, log
from billing.events.models import matches
from billing.table import Keys, Table
from billing.tenancy import Call, Caller, Tenant
from billing.times import iso
from tests.unit.events.stream import TENANT

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        client.create_table(
            TableName="table",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        opened = Table(client, "table")
        monkeypatch.setattr(log, "table", lambda: opened)
        yield client


def caller(tenant: Tenant = TENANT, now: datetime = NOW) -> Caller:
    return Caller(tenant, "key", frozenset({"*"}), Call("req", now))


def event(
    number: int,
    type: str = "customer.updated",  # noqa: A002 - the contract's word
    *,
    at: datetime | None = None,
    tenant: Tenant = TENANT,
    **about: Any,
) -> Event:
    moment = at or NOW - timedelta(hours=1) + timedelta(seconds=number)
    about = about or {"object": "customer", "id": f"cus_{1:032x}"}
    return Event(
        id=f"evt_{number:032x}",
        type=type,
        created=int(moment.timestamp()),
        created_at=iso(moment),
        livemode=tenant.livemode,
        api_version="2026-05-01",
        account=tenant.merchant_id,
        version=number,
        data={**about, "object": about},
    )


def kept(*several: Event) -> None:
    for each in several:
        events.record(each)


def numbers(who: Caller | None = None, **query: Any) -> list[int]:
    """Return the numbers of the events of one page."""
    return [int(each.id[4:], 16) for each in events.find(who or caller(), ListEvents.model_validate(query)).data]


def items(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.scan(TableName="table")["Items"]
    return found


def test_an_event_comes_back_as_it_was(client):
    original = event(1, metadata={"ratio": 0.1, "big": 2**70}, object="customer", id=f"cus_{1:032x}")

    kept(original)

    assert events.get(caller(), original.id).to_wire() == original.to_wire()


def test_an_event_that_comes_twice_is_kept_once(client):
    kept(event(1))
    before = sorted(items(client), key=json.dumps)

    kept(event(1))

    assert sorted(items(client), key=json.dumps) == before
    assert numbers() == [1]


def test_everything_kept_of_an_event_expires_after_30_days(client):
    kept(event(1, at=NOW))

    assert {item["expires_at"]["N"] for item in items(client)} == {str(int((NOW + 30 * DAY).timestamp()))}


def test_newest_first_and_by_version_within_a_moment(client):
    kept(event(2, at=NOW), event(10, at=NOW), event(1, at=NOW - DAY))

    assert numbers() == [10, 2, 1]


def test_filters(client):
    kept(
        event(1, "customer.created"),
        event(2, "invoice.paid", object="invoice", id=f"inv_{7:032x}", customer_id=f"cus_{1:032x}"),
        event(3, "customer.updated", object="customer", id=f"cus_{2:032x}"),
        event(4, "customer.payment_method.attached", object="payment_method", id="pm_1", customer_id=f"cus_{2:032x}"),
        event(5, "subscription.canceled", object="subscription", id=f"sub_{7:032x}", customer_id=f"cus_{1:032x}"),
        event(6, "order.paid", object="order", id=f"ord_{7:032x}", subscription_id=f"sub_{7:032x}"),
    )

    assert numbers(type="customer.created") == [1]
    assert numbers(type="customer.*") == [4, 3, 1]
    assert numbers(type="customer.payment_method.*") == [4]
    assert numbers(type="*") == [6, 5, 4, 3, 2, 1]
    assert numbers(types="customer.*, customer.created,invoice.paid") == [4, 3, 2, 1]
    assert numbers(type="customer.*", types="customer.updated,invoice.paid") == [3]
    assert numbers(customer_id=f"cus_{1:032x}") == [5, 2, 1]
    assert numbers(customerId="00000000-0000-0000-0000-000000000002") == [4, 3]
    assert numbers(customer_id=f"cus_{1:032x}", type="customer.*") == [1]
    assert numbers(invoice_id=f"inv_{7:032x}") == [2]
    assert numbers(subscription_id=f"sub_{7:032x}") == [6, 5]
    assert numbers(subscription_id=f"sub_{7:032x}", customer_id=f"cus_{1:032x}") == [5]
    assert numbers(order_id=f"ord_{7:032x}") == [6]
    assert numbers(order_id=f"ord_{8:032x}") == []


def test_moments_are_whole_seconds_and_both_ends_count(client):
    kept(*(event(n, at=NOW - DAY + timedelta(milliseconds=500 * n)) for n in range(1, 7)))
    second = int((NOW - DAY).timestamp())

    assert numbers(created_gte=second + 1, created_lte=second + 2) == [5, 4, 3, 2]
    assert numbers(created_gte=second + 3) == [6]
    assert numbers(created_lte=second) == [1]
    assert numbers(created_gte=second + 2, created_lte=second + 1) == []


@pytest.mark.parametrize(
    "filters", [{}, {"type": "customer.*"}, {"customer_id": f"cus_{1:032x}", "types": "customer.*"}]
)
def test_walking_forth_and_back_sees_every_event_once(client, filters):
    kept(*(event(n, "customer.created" if n % 2 else "customer.updated") for n in range(1, 8)))

    page = events.find(caller(), ListEvents.model_validate({"limit": 3, **filters}))
    forth = [page]
    while page.has_more:
        page = events.find(
            caller(), ListEvents.model_validate({**filters, "limit": 3, "starting_after": page.data[-1].id})
        )
        forth.append(page)
    assert [[each.version for each in page.data] for page in forth] == [[7, 6, 5], [4, 3, 2], [1]]

    page = events.find(caller(), ListEvents.model_validate({**filters, "limit": 3, "ending_before": f"evt_{1:032x}"}))
    assert ([each.version for each in page.data], page.has_more) == ([4, 3, 2], True)
    page = events.find(caller(), ListEvents.model_validate({**filters, "limit": 3, "ending_before": f"evt_{4:032x}"}))
    assert ([each.version for each in page.data], page.has_more) == ([7, 6, 5], False)


def test_a_cursor_need_not_be_in_the_list_it_goes_on_in(client):
    kept(event(1), event(2, "invoice.paid"), event(3), event(4))

    assert numbers(type="customer.updated", starting_after=f"evt_{2:032x}") == [1]
    assert numbers(type="customer.updated", ending_before="00000000-0000-0000-0000-000000000002") == [4, 3]
    assert numbers(starting_after=f"evt_{4:032x}", created_gte=int((NOW - DAY).timestamp())) == [3, 2, 1]


@pytest.mark.parametrize("param", ["starting_after", "ending_before"])
@pytest.mark.parametrize("cursor", ["nonsense", "cus_" + "1" * 32, "evt_" + "f" * 32, "evt_" + "0" * 31 + "9"])
def test_an_unknown_cursor_is_refused(client, param, cursor):
    other = Tenant(TENANT.merchant_id, livemode=True)
    kept(event(1), event(9, tenant=other))

    with pytest.raises(InvalidFields) as refused:
        numbers(**{param: cursor})

    assert refused.value.param == param


def test_what_has_expired_never_shows_though_it_is_still_there(client):
    kept(event(1, at=NOW - 30 * DAY), event(2, at=NOW - 30 * DAY + timedelta(seconds=1)))

    assert numbers() == numbers(type="customer.*") == [2]
    with pytest.raises(NotFound):
        events.get(caller(), f"evt_{1:032x}")
    with pytest.raises(InvalidFields):
        numbers(ending_before=f"evt_{1:032x}")
    assert events.get(caller(), f"evt_{2:032x}").version == 2


def test_an_event_that_went_before_its_pointer_is_left_out(client):
    kept(event(1), event(2))
    key = Keys(TENANT).entity("event", f"evt_{2:032x}")
    client.delete_item(TableName="table", Key={name: {"S": text} for name, text in key.items()})

    assert numbers() == [1]


def test_tenants_do_not_see_each_other(client):
    live = Tenant(TENANT.merchant_id, livemode=True)
    other = Tenant("mer_" + "9" * 32, livemode=False)
    kept(event(1), event(2, tenant=live), event(3, tenant=other))

    assert [numbers(caller(tenant)) for tenant in (TENANT, live, other)] == [[1], [2], [3]]
    with pytest.raises(NotFound):
        events.get(caller(other), f"evt_{1:032x}")


def test_a_search_that_finds_nothing_says_where_to_go_on(client, monkeypatch):
    monkeypatch.setattr(log, "MOST_READ", 3)
    rare = event(1, "customer.created")
    kept(rare, *(event(n) for n in range(2, 6)))
    asked = {"customer_id": f"cus_{1:032x}", "type": "customer.created"}

    with pytest.raises(InvalidFields) as refused:
        numbers(**asked)

    assert refused.value.param == "created_lte"
    assert f"created_lte={event(3).created}" in refused.value.message
    assert numbers(**asked, created_lte=event(3).created) == [1]


def test_a_page_that_bounded_work_cuts_short_can_be_gone_on_from(client, monkeypatch):
    monkeypatch.setattr(log, "MOST_READ", 3)
    kept(event(1, "customer.created"), event(2), event(3), event(4, "customer.created"))
    asked = {"customer_id": f"cus_{1:032x}", "type": "customer.created"}

    page = events.find(caller(), ListEvents.model_validate(asked))
    rest = events.find(caller(), ListEvents.model_validate({**asked, "starting_after": page.data[-1].id}))

    assert ([each.version for each in page.data], page.has_more) == ([4], True)
    assert [each.version for each in rest.data] == [1]


@pytest.mark.parametrize(
    "query",
    [
        {"customer_id": "nonsense"},
        {"customer_id": "inv_" + "1" * 32},
        {"invoice_id": "x"},
        {"subscription_id": "x"},
        {"order_id": "x"},
        {"type": "Customer"},
        {"type": "customer.*.created"},
        {"type": ""},
        {"types": "customer.created,,"},
        {"types": ",".join(["customer.created"] * 21)},
        {"created_gte": "yesterday"},
        {"created_lte": "-1"},
        {"limit": "0"},
        {"colour": "red"},
    ],
)
def test_what_makes_no_sense_is_refused_by_name(query):
    with pytest.raises(ValidationError) as refused:
        ListEvents.model_validate(query)

    assert [error["loc"][0] for error in refused.value.errors()] == list(query)


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [("customer.created", True), ("customer.*", True), ("*", True), ("cust.*", False), ("customer", False)],
)
def test_patterns(pattern, meant):
    assert matches("customer.created", pattern) is meant
