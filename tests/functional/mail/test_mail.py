"""Mail about invoices and payments, as the local SES has taken it."""

import io
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from billing.ids import new_id
from local.testing import Runtime
from tests.client import Api, until
from tests.functional.collection.asking import card, charge, gateway_tells


@pytest.fixture
def address() -> str:
    """An address that nobody else has."""
    return f"{new_id('x')}@example.com"


@pytest.fixture
def customer(api: Api, address: str) -> dict[str, Any]:
    api.patch("/v2/settings/billing", {"businessName": "Müller & Söhne", "supportEmail": "help@example.org"})
    return api.create(address, name="Jane", currency="EUR")


def invoice_of(api: Api, customer: dict[str, Any], **fields: Any) -> dict[str, Any]:
    body = {"customerId": customer["id"], "total_minor": 1234, "status": "open", **fields}
    response = api.post("/v2/invoices", body)
    assert response.status_code == 201, response.text
    invoice: dict[str, Any] = response.json()["data"]
    return invoice


def mail_to(runtime: Runtime, address: str) -> list[dict[str, Any]]:
    """Return what the local SES has sent to an address, oldest first."""
    messages = httpx.get(f"{runtime.url}/_local/mail").json()["messages"]
    return [each for each in reversed(messages) if address in each["To"]]


def delivered(api: Api, invoice: dict[str, Any], type_: str) -> dict[str, Any]:
    """Return the event of an invoice, as its target gets it."""
    return found(api, type_, invoice_id=invoice["id"])


def found(api: Api, type_: str, **query: str) -> dict[str, Any]:
    """Return the one event of its type, as its target gets it."""
    [event] = until(lambda: api.get("/v2/events", type=type_, **query).json()["data"])
    return {"detail-type": type_, "source": "revkeen.billing", "detail": event}


def as_another(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event that says the same and was not delivered yet."""
    return {**event, "detail": {**event["detail"], "id": new_id("evt")}}


def test_an_invoice_that_is_sent_arrives_with_its_pdf(runtime: Runtime, api: Api, customer: Any, address: str) -> None:
    invoice = invoice_of(api, customer)

    sent = api.post(f"/v2/invoices/{invoice['id']}/send", {"channel": "email"}).json()["data"]

    assert sent["channel"] == "email"
    [mail] = until(lambda: mail_to(runtime, address))
    assert mail["Subject"] == "[Test] Invoice INV-000001 from Müller & Söhne"
    assert mail["Source"] == "Müller & Söhne <billing@example.com>"
    assert mail["Headers"]["Reply-To"] == "help@example.org"
    assert "€12.34" in mail["BodyText"]
    assert "List-Unsubscribe" not in mail["Headers"]
    assert mail["Attachments"] == ["INV-000001.pdf"]
    pdf = httpx.get(f"{runtime.url}/_local/mail/{mail['MessageId']}/0")
    assert pdf.headers["content-type"] == "application/pdf"
    assert "INV-000001" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert address not in runtime.log
    page = httpx.get(f"{runtime.url}/_local/mail", headers={"accept": "text/html"}).text
    assert f'<a href="/_local/mail/{mail["MessageId"].replace("@", "%40")}/0">INV-000001.pdf</a>' in page


def test_an_event_that_comes_twice_is_mailed_once_and_a_second_sending_again(
    runtime: Runtime, api: Api, customer: Any, address: str
) -> None:
    invoice = invoice_of(api, customer)
    api.post(f"/v2/invoices/{invoice['id']}/send", {})
    until(lambda: mail_to(runtime, address))
    event = as_another(delivered(api, invoice, "invoice.sent"))

    runtime.invoke("DeliverMail", event)
    assert len(mail_to(runtime, address)) == 2
    runtime.invoke("DeliverMail", event)
    assert len(mail_to(runtime, address)) == 2

    api.post(f"/v2/invoices/{invoice['id']}/send", {})
    assert until(lambda: len(mail_to(runtime, address)) == 3)


def test_a_receipt_follows_a_payment(runtime: Runtime, api: Api, customer: Any, address: str) -> None:
    invoice = invoice_of(api, customer)

    paid = api.post(f"/v2/invoices/{invoice['id']}/pay", {"payment_method": "cash"})

    assert paid.json()["data"]["status"] == "paid"
    [mail] = until(lambda: mail_to(runtime, address))
    assert mail["Subject"] == "[Test] Receipt for invoice INV-000001 from Müller & Söhne"
    assert "Paid: €12.34" in mail["BodyText"]
    assert "Amount due" not in mail["BodyText"]
    assert mail["Attachments"] == ["INV-000001.pdf"]


def test_word_of_a_payment_that_has_failed(runtime: Runtime, api: Api, customer: Any, address: str) -> None:
    invoice_of(api, customer, auto_charge=True)

    [mail] = until(lambda: mail_to(runtime, address))

    assert mail["Subject"] == "[Test] Payment for invoice INV-000001 to Müller & Söhne has failed"
    assert "We will try again on " in mail["BodyText"]
    assert mail["Attachments"] == []


def test_who_wants_none_gets_none(runtime: Runtime, api: Api, customer: Any, address: str) -> None:
    path = f"/v2/customers/{customer['id']}"
    api.patch(path, {"communicationPreferences": {"email": {"receipts": False}}})
    invoice = invoice_of(api, customer)
    api.post(f"/v2/invoices/{invoice['id']}/send", {})
    event = delivered(api, invoice, "invoice.sent")

    runtime.invoke("DeliverMail", event)
    assert mail_to(runtime, address) == []

    api.patch(path, {"communicationPreferences": {"email": {"receipts": True}}})
    runtime.invoke("DeliverMail", as_another(event))
    assert mail_to(runtime, address), "it was the choice that has kept it back"


def test_a_deleted_customer_gets_none(runtime: Runtime, api: Api, customer: Any, address: str) -> None:
    invoice = invoice_of(api, customer)
    api.post(f"/v2/invoices/{invoice['id']}/send", {})
    until(lambda: mail_to(runtime, address))
    event = delivered(api, invoice, "invoice.sent")
    runtime.invoke("DeliverMail", as_another(event))
    assert len(mail_to(runtime, address)) == 2, "as long as the customer is there it is mailed"

    api.delete(f"/v2/customers/{customer['id']}")
    runtime.invoke("DeliverMail", as_another(event))

    assert len(mail_to(runtime, address)) == 2


@pytest.mark.parametrize(("then", "body"), [("void", {}), ("pay", {"payment_method": "cash"})])
def test_an_invoice_that_is_owed_no_more_is_not_sent(
    runtime: Runtime, api: Api, customer: Any, address: str, *, then: str, body: Any
) -> None:
    path = f"/v2/customers/{customer['id']}"
    api.patch(path, {"communicationPreferences": {"email": {"receipts": False}}})
    invoice = invoice_of(api, customer)
    api.post(f"/v2/invoices/{invoice['id']}/send", {})
    event = delivered(api, invoice, "invoice.sent")
    api.post(f"/v2/invoices/{invoice['id']}/{then}", body)
    delivered(api, invoice, "invoice.voided" if then == "void" else "invoice.paid")
    api.patch(path, {"communicationPreferences": {"email": {"receipts": True}}})

    runtime.invoke("DeliverMail", event)

    assert not [each for each in mail_to(runtime, address) if each["Subject"].startswith("[Test] Invoice")]


def test_what_goes_out_by_another_channel_is_not_mailed(runtime: Runtime, api: Api, address: str) -> None:
    customer = api.create(address, phone="+1-555-123-4567")
    invoice = invoice_of(api, customer)
    sent = api.post(f"/v2/invoices/{invoice['id']}/send", {"channel": "sms"}).json()["data"]

    runtime.invoke("DeliverMail", delivered(api, invoice, "invoice.sent"))

    assert sent["channel"] == "sms"
    assert mail_to(runtime, address) == []


def test_a_charge_is_receipted_to_its_customer(runtime: Runtime, api: Api, customer: Any, address: str) -> None:
    card(api, customer["id"])

    made = charge(api, customer["id"], 1234, description="Grüße", sendReceipt=True)

    [mail] = until(lambda: mail_to(runtime, address))
    assert mail["Subject"] == "[Test] Receipt for your payment to Müller & Söhne"
    assert mail["Headers"]["Reply-To"] == "help@example.org"
    assert "Hello Jane," in mail["BodyText"]
    assert "You have paid €12.34 to Müller & Söhne." in mail["BodyText"]
    assert "Paid with: Visa ending in 4242" in mail["BodyText"]
    assert "Description: Grüße" in mail["BodyText"]
    assert f"Payment: {made['payment_id']}" in mail["BodyText"]
    assert mail["Attachments"] == []
    assert address not in runtime.log


def test_a_receipt_goes_where_the_customer_was_when_it_was_charged(
    runtime: Runtime, api: Api, customer: Any, address: str
) -> None:
    debited = card(api, customer["id"], "tok_ach")
    made = charge(api, customer["id"], payment_method_id=debited, sendReceipt=True)
    api.patch(f"/v2/customers/{customer['id']}", {"email": f"new.{address}"})
    assert mail_to(runtime, address) == [], "the money has not come in yet"

    gateway_tells(api, "charge.succeeded", payment_id=made["payment_id"])

    [mail] = until(lambda: mail_to(runtime, address))
    assert "Paid with: Bank account ending in 6789" in mail["BodyText"]


def test_a_payment_intent_is_receipted_to_whom_it_names(
    runtime: Runtime, api: Api, customer: Any, address: str
) -> None:
    card(api, customer["id"])
    other = f"{new_id('y')}@example.net"
    wanted = {"customer": customer["id"], "amount": 500, "currency": "JPY", "receipt_email": other}

    intent = api.post("/v2/payment-intents", wanted).json()
    api.post(f"/v2/payment-intents/{intent['id']}/confirm", {})

    [mail] = until(lambda: mail_to(runtime, other))
    assert "You have paid ¥500 to Müller & Söhne." in mail["BodyText"]
    assert mail_to(runtime, address) == []


def test_a_payment_that_comes_twice_is_receipted_once(runtime: Runtime, api: Api, customer: Any, address: str) -> None:
    card(api, customer["id"])
    charge(api, customer["id"], sendReceipt=True)
    until(lambda: mail_to(runtime, address))
    event = as_another(found(api, "payment.succeeded", customer_id=customer["id"]))

    runtime.invoke("DeliverMail", event)
    assert len(mail_to(runtime, address)) == 2
    runtime.invoke("DeliverMail", event)
    assert len(mail_to(runtime, address)) == 2


def test_a_payment_without_a_wish_for_it_is_not_receipted(
    runtime: Runtime, api: Api, customer: Any, address: str
) -> None:
    card(api, customer["id"])
    charge(api, customer["id"], sendReceipt=False)
    event = found(api, "payment.succeeded", customer_id=customer["id"])

    runtime.invoke("DeliverMail", event)

    assert mail_to(runtime, address) == []


def test_who_wants_no_receipts_gets_none_for_payments_either(
    runtime: Runtime, api: Api, customer: Any, address: str
) -> None:
    path = f"/v2/customers/{customer['id']}"
    card(api, customer["id"])
    api.patch(path, {"communicationPreferences": {"email": {"receipts": False}}})
    charge(api, customer["id"], sendReceipt=True)
    event = found(api, "payment.succeeded", customer_id=customer["id"])

    runtime.invoke("DeliverMail", event)
    assert mail_to(runtime, address) == []

    api.patch(path, {"communicationPreferences": {"email": {"receipts": True}}})
    runtime.invoke("DeliverMail", as_another(event))
    assert mail_to(runtime, address), "it was the choice that has kept it back"


def test_what_pays_an_invoice_has_the_invoices_receipt_alone(
    runtime: Runtime, api: Api, customer: Any, address: str
) -> None:
    card(api, customer["id"])
    invoice_of(api, customer, auto_charge=True)
    event = found(api, "payment.succeeded", customer_id=customer["id"])

    runtime.invoke("DeliverMail", event)

    assert event["detail"]["data"]["object"]["invoice_id"]
    [mail] = until(lambda: mail_to(runtime, address))
    assert mail["Subject"] == "[Test] Receipt for invoice INV-000001 from Müller & Söhne"
