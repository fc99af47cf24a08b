"""Which payments are receipted, where the receipt goes, and what it says."""

import email
import email.policy
import json
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest

from billing import customers
from billing.billing_settings.models import BillingSettingsChanges
from billing.billing_settings.operations import update as change_settings
from billing.collection import deletion
from billing.customers import CustomerChanges, NewCustomer
from billing.customers.record import key_of as customer_key
from billing.gateway import BankAccount, Charged
from billing.mail import delivery
from billing.payments import rules
from billing.payments.events import events_of
from billing.payments.record import Record
from billing.table import table
from billing.tenancy import Caller
from tests.unit.mail.conftest import NOW
from tests.unit.payments.payment import METHOD, begun, confirmed, intended, recorded

ADDRESS = "bookkeeping@example.org"


@pytest.fixture
def customer(caller: Caller) -> str:
    change_settings(caller, BillingSettingsChanges(business_name="Example GmbH"))
    return customers.create(caller, NewCustomer(email="jane@example.com"), source="api").id


def paid(caller: Caller, customer_id: str, **about: Any) -> Record:
    """Return a payment that has come in, and is kept so."""
    wanted = {"call": caller.call, "receipt_email": ADDRESS, **about}
    asked = begun(tenant=caller.tenant, customer_id=customer_id, **wanted)
    return kept(rules.answered(asked, Charged("ch_gateway"), caller.call))


def kept(record: Record) -> Record:
    table().put_all([record.to_item()])
    return record


def with_method(caller: Caller, details: Any = METHOD.details) -> None:
    table().put_all([replace(METHOD, tenant=caller.tenant, details=details).to_item()])


def told(payment: Record) -> dict[str, Any]:
    """Return the event of a payment that has come in, as a target gets it."""
    [happened] = [each for each in events_of(None, payment) if each.type == "payment.succeeded"]
    event = {
        "id": "evt_" + "1" * 32,
        "type": happened.type,
        "account": payment.tenant.merchant_id,
        "livemode": payment.tenant.livemode,
        "data": {"object": happened.object},
    }
    read: dict[str, Any] = json.loads(json.dumps(event))
    return read


def read(call: dict[str, Any]) -> EmailMessage:
    return email.message_from_bytes(call["Content"]["Raw"]["Data"], EmailMessage, policy=email.policy.default)


def text_of(call: dict[str, Any]) -> str:
    part = read(call).get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_it_goes_once_to_who_was_named_and_says_what_was_paid(ses, caller, customer):
    with_method(caller)
    event = told(paid(caller, customer, description="Cards"))

    assert delivery.deliver(event, NOW) == "sent"
    assert delivery.deliver(event, NOW) == "sent_before"

    [call] = ses.taken
    assert call["Destination"] == {"ToAddresses": [ADDRESS]}
    mail = read(call)
    assert mail["Subject"] == "Receipt for your payment to Example GmbH"
    assert [*mail.iter_attachments()] == []
    assert text_of(call) == (
        f"Hello {ADDRESS},\n\n"
        "Thank you. You have paid €10.00 to Example GmbH.\n\n"
        "Paid: €10.00\nDate: January 15, 2026\nPaid with: Visa ending in 4242\nDescription: Cards\n"
        "Payment: pay_00000000000000000000000000000001\n\n"
        "Example GmbH\n"
    )


def test_who_pays_is_called_by_name_and_its_own_address_told_to_nobody_else(ses, caller, customer):
    event = told(paid(caller, customer))
    customers.update(caller, customer, CustomerChanges(name="Jane Doe"))

    delivery.deliver(event, NOW)

    [call] = ses.taken
    assert "Hello Jane Doe," in text_of(call)
    assert b"jane@example.com" not in call["Content"]["Raw"]["Data"]


@pytest.mark.parametrize(
    ("details", "shown"),
    [
        (replace(METHOD.details, brand="amex", last4="8431"), "American Express ending in 8431"),
        (replace(METHOD.details, brand="unknown"), "Card ending in 4242"),
        (BankAccount("6789", bank_name="Test Bank"), "Bank account ending in 6789"),
    ],
)
def test_it_says_what_was_paid_with(ses, caller, customer, details, shown):
    with_method(caller, details)
    kind = "us_bank_account" if isinstance(details, BankAccount) else "card"

    delivery.deliver(told(kept(replace(paid(caller, customer), payment_method_type=kind))), NOW)

    assert f"Paid with: {shown}\n" in text_of(ses.taken[0])


@pytest.mark.parametrize(("kind", "shown"), [("card", "Card"), ("us_bank_account", "Bank account")])
def test_of_a_method_that_is_not_known_it_says_the_kind(ses, caller, customer, kind, shown):
    delivery.deliver(told(kept(replace(paid(caller, customer), payment_method_type=kind))), NOW)

    assert f"Paid with: {shown}\n" in text_of(ses.taken[0])


def test_what_was_taken_counts_not_what_was_held(ses, caller, customer):
    held = rules.answered(
        begun(tenant=caller.tenant, customer_id=customer, capture=False, receipt_email=ADDRESS),
        Charged("ch_gateway"),
        caller.call,
    )
    taking, amount = rules.capturing(held, 400, "key_2", caller.call)
    delivery.deliver(told(kept(rules.captured(taking, amount, caller.call))), NOW)

    assert "Paid: €4.00\n" in text_of(ses.taken[0])


def test_the_day_is_the_merchants_when_the_money_came_in(ses, caller, customer):
    change_settings(caller, BillingSettingsChanges(time_zone="Pacific/Kiritimati"))
    payment = paid(caller, customer)
    event = told(payment)
    kept(replace(payment, version=payment.version + 1, updated_at="2026-03-01T00:00:00.000Z"))

    delivery.deliver(event, NOW)

    assert "Date: January 16, 2026\n" in text_of(ses.taken[0])


@pytest.mark.parametrize("typed", ["Cards\r\nBcc: everybody@example.net", "Cards\u2028Bcc: everybody@example.net"])
def test_nothing_that_is_typed_adds_a_header_or_a_line(ses, caller, customer, typed):
    plain = told(paid(caller, customer, description="Cards"))
    delivery.deliver(plain, NOW)
    item = table().get(customer_key(caller.tenant, customer))
    assert item is not None
    table().put_all([{**item, "name": typed}])
    delivery.deliver({**told(paid(caller, customer, description=typed)), "id": "evt_" + "2" * 32}, NOW)

    harmless, tried = ses.taken
    assert read(tried).keys() == read(harmless).keys()
    assert tried["Destination"] == {"ToAddresses": [ADDRESS]}
    assert "Description: Cards Bcc: everybody@example.net\n" in text_of(tried)
    assert "Hello Cards Bcc: everybody@example.net," in text_of(tried)


def test_a_payment_intent_is_receipted_likewise(ses, caller, customer):
    intent = intended(receipt_email=ADDRESS)
    asked = confirmed(replace(intent, tenant=caller.tenant, customer_id=customer))

    event = told(kept(rules.answered(asked, Charged("ch_gateway"), caller.call)))

    assert delivery.deliver(event, NOW) == "sent"


@pytest.mark.parametrize("about", [{"receipt_email": None}, {"invoice_id": "inv_" + "1" * 32}])
def test_who_asked_for_none_or_has_the_invoices_gets_none(ses, caller, customer, about):
    assert delivery.deliver(told(paid(caller, customer, **about)), NOW) == "no_occasion"
    assert ses.taken == []


def test_what_was_recorded_by_hand_has_none(ses, caller, customer):
    by_hand = kept(recorded(tenant=caller.tenant, customer_id=customer))

    assert delivery.deliver(told(by_hand), NOW) == "no_occasion"


def test_money_that_is_gone_again_is_not_receipted(ses, caller, customer):
    payment = paid(caller, customer)
    event = told(payment)
    kept(replace(payment, status="failed", returned=True))

    assert delivery.deliver(event, NOW) == "no_occasion"


def test_a_payment_that_this_table_does_not_have_is_no_failure(ses, caller, customer):
    event = told(paid(caller, customer))

    assert delivery.deliver({**event, "account": "mer_" + "2" * 32}, NOW) == "no_occasion"


def test_the_customer_is_asked_wherever_it_goes(ses, caller, customer):
    choice = CustomerChanges.model_validate({"communicationPreferences": {"email": {"receipts": False}}})
    customers.update(caller, customer, choice)

    assert delivery.deliver(told(paid(caller, customer)), NOW) == "not_wanted"
    assert ses.taken == []


def test_a_deleted_customer_gets_none(ses, caller, customer):
    event = told(paid(caller, customer))
    deletion.delete(caller, customer)

    assert delivery.deliver(event, NOW) == "not_wanted"
    assert ses.taken == []


def test_an_address_that_no_server_takes_is_not_even_tried(ses, caller, customer):
    event = told(paid(caller, customer, receipt_email="jürgen@example.org"))

    assert delivery.deliver(event, NOW) == "rejected"
    assert ses.taken == []
