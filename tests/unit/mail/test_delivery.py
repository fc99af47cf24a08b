"""Which events about invoices are mailed, and what becomes of those that can't be.

Whole mails are tested through the front door.
"""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from billing import customers
from billing.collection import deletion, voiding
from billing.customers import CustomerChanges, NewCustomer
from billing.invoices import operations as invoices
from billing.invoices.events import events_of
from billing.invoices.models import NewInvoice, Sending, Voiding
from billing.invoices.record import Record, key_of
from billing.mail import delivery
from billing.table import table
from billing.tenancy import Caller
from tests.unit.mail.conftest import NOW

ADDRESS = "jane@exämple.org"


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"no mail to {ADDRESS}"}}, "SendEmail")


@pytest.fixture
def event(caller: Caller) -> dict[str, Any]:
    """The event of an invoice that was just sent by e-mail."""
    customer = customers.create(caller, NewCustomer(email=ADDRESS, phone="+15551234567"), source="api")
    return sent(caller, new_invoice(caller, customer.id))


def new_invoice(caller: Caller, customer_id: str, total_minor: int = 3000) -> str:
    body = NewInvoice.model_validate({"customerId": customer_id, "total_minor": total_minor, "status": "open"})
    return invoices.create(caller, body).id


def stored(caller: Caller, invoice_id: str) -> Record:
    item = table().get(key_of(caller.tenant, invoice_id))
    assert item is not None
    return Record.from_item(item)


def sent(caller: Caller, invoice_id: str, channel: Any = "email") -> dict[str, Any]:
    before = stored(caller, invoice_id)
    invoices.send(caller, invoice_id, Sending(channel=channel))
    return event_of(before, stored(caller, invoice_id))


def event_of(before: Record | None, after: Record) -> dict[str, Any]:
    happened = events_of(before, after)[-1]
    event: dict[str, Any] = json.loads(
        json.dumps(
            {
                "id": f"evt_{after.version:032d}",
                "type": happened.type,
                "account": after.tenant.merchant_id,
                "livemode": after.tenant.livemode,
                "data": {"object": happened.object},
            }
        )
    )
    return event


def test_it_is_sent_once(ses, event):
    assert delivery.deliver(event, NOW) == "sent"
    assert delivery.deliver(event, NOW + timedelta(days=1)) == "sent_before"
    [call] = ses.taken
    assert call["Destination"] == {"ToAddresses": ["jane@xn--exmple-cua.org"]}
    assert b"[Test]" not in call["Content"]["Raw"]["Data"]
    assert b"application/pdf" in call["Content"]["Raw"]["Data"]


def test_that_it_was_sent_is_known_for_as_long_as_it_can_come_again(ses, event, memory):
    before = set(memory.items)
    delivery.deliver(event, NOW)

    [(place, kept)] = [each for each in memory.items.items() if each[0] not in before]
    assert place[1] == "received"
    assert int(kept["expires_at"]["N"]) >= int((NOW + timedelta(days=14)).timestamp())
    assert "jane" not in json.dumps(kept), "no address is written down"


@pytest.mark.parametrize(
    "refuses",
    [
        refusal("TooManyRequestsException"),
        refusal("MessageRejected"),
        refusal("AccessDeniedException"),
        ReadTimeoutError(endpoint_url=""),
    ],
    ids=str,
)
def test_what_can_pass_or_be_mended_is_tried_again(ses, event, refuses):
    ses.refuses = refuses
    with pytest.raises(type(refuses)):
        delivery.deliver(event, NOW)

    ses.refuses = None
    assert delivery.deliver(event, NOW) == "sent"


def test_an_address_that_ses_never_takes_is_done_with(ses, event):
    ses.refuses = refusal("BadRequestException")

    assert delivery.deliver(event, NOW) == "rejected"


def test_an_address_that_no_server_takes_is_not_even_tried(ses, caller, event):
    customer_id = event["data"]["object"]["customer_id"]
    customers.update(caller, customer_id, CustomerChanges(email="jürgen@example.org"))

    assert delivery.deliver(event, NOW) == "rejected"
    assert ses.taken == []


def test_a_deployment_without_a_sender_sends_nothing(ses, event, monkeypatch):
    monkeypatch.setenv("MAIL_FROM", "")
    assert delivery.deliver(event, NOW) == "not_configured"

    monkeypatch.setenv("MAIL_FROM", "billing@example.com")
    assert delivery.deliver(event, NOW) == "sent", "once it has one, what is delivered again is sent"


@pytest.mark.parametrize(("topic", "outcome"), [("receipts", "not_wanted"), ("reminders", "sent")])
def test_the_customer_is_asked_of_the_topic(ses, caller, event, topic, outcome):
    choice = CustomerChanges.model_validate({"communicationPreferences": {"email": {topic: False}}})
    customers.update(caller, event["data"]["object"]["customer_id"], choice)

    assert delivery.deliver(event, NOW) == outcome


def test_a_deleted_customer_gets_nothing(ses, caller, event):
    deletion.delete(caller, event["data"]["object"]["customer_id"])

    assert delivery.deliver(event, NOW) == "not_wanted"
    assert ses.taken == []


def test_an_invoice_that_was_voided_meanwhile_is_not_sent(ses, caller, event):
    voiding.void(caller, event["data"]["object"]["id"], Voiding())

    assert delivery.deliver(event, NOW) == "no_occasion"


def test_another_channel_is_not_ours_even_if_the_next_sending_is(ses, caller, event):
    invoice_id = event["data"]["object"]["id"]
    later = [replace(caller, call=replace(caller.call, now=NOW + timedelta(minutes=each))) for each in (1, 2)]
    by_sms = sent(later[0], invoice_id, "sms")
    sent(later[1], invoice_id, "email")

    assert delivery.deliver(by_sms, NOW) == "no_occasion"
    assert ses.taken == []


def test_an_invoice_of_nothing_has_no_receipt(ses, caller, event):
    invoice_id = new_invoice(caller, event["data"]["object"]["customer_id"], total_minor=0)
    paid = event_of(None, stored(caller, invoice_id))

    assert paid["type"] == "invoice.paid"
    assert delivery.deliver(paid, NOW) == "no_occasion"


def test_an_invoice_that_this_table_does_not_have_is_no_failure(ses, event):
    event["account"] = "mer_" + "2" * 32

    assert delivery.deliver(event, NOW) == "no_occasion"
