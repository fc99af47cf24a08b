"""Invoices, through the front door: drafts, numbers, taxes, states, customers who come with their first invoice."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pypdf import PdfReader

from tests.client import Api, until

LINES = [{"description": "Work", "amountMinor": 1000, "quantity": 3}]


@pytest.fixture
def jane(api: Api) -> dict[str, Any]:
    address = {"line1": "Straße 1", "city": "Berlin", "postalCode": "10115", "country": "DE"}
    return api.create("jane@example.com", name="Jane Müller", currency="EUR", address=address)


def make(api: Api, **fields: Any) -> dict[str, Any]:
    response = api.post("/v2/invoices", fields)
    assert response.status_code == 201, response.text
    invoice: dict[str, Any] = response.json()["data"]
    return invoice


def refused(response: Any, status: int, param: str | None = None) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    assert param in (None, error.get("param"))
    return error


class TestDrafts:
    def test_a_draft_has_its_taxes_and_no_number(self, api, jane):
        api.post("/v2/settings/tax-rates", {"label": "VAT", "country": "DE", "percentage": "19"})

        invoice = make(api, customerId=jane["id"], lineItems=LINES)

        assert (invoice["status"], invoice["invoice_number"], invoice["currency"]) == ("draft", None, "EUR")
        assert (invoice["subtotal_minor"], invoice["tax_minor"], invoice["total_minor"]) == (3000, 570, 3570)
        assert invoice["line_items"][0]["tax_label"] == "VAT"
        assert invoice["customer_uuid"] == invoice["customerId"] == jane["id"]

    def test_the_official_clients_fields(self, api, jane):
        response = api.post("/v2/invoices", {"customer_uuid": jane["id"], "total_minor": 1234, "currency": "USD"})

        assert response.status_code == 201
        assert response.json()["requestId"] == response.headers["x-request-id"]
        assert response.json()["data"]["total_minor"] == 1234

    def test_it_can_be_changed_and_deleted(self, api, jane):
        invoice = make(api, customerId=jane["id"], total_minor=100)
        path = f"/v2/invoices/{invoice['id']}"

        assert api.patch(path, {"total_minor": 200, "memo": "Hi"}).json()["data"]["total_minor"] == 200
        assert api.delete(path).json()["success"] is True
        assert api.delete(path).json()["success"] is True
        refused(api.get(path), 404)
        assert until(lambda: api.get("/v2/invoices").json()["pagination"]["total"] == 0)
        assert api.get(f"/v2/customers/{jane['id']}/invoices").json()["data"] == []

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({}, "total_minor"),
            ({"total_minor": 1, "lineItems": LINES}, "lineItems"),
            ({"total_minor": -1}, "total_minor"),
            ({"total_minor": 1, "customerEmail": "x@example.com"}, "customerId"),
            ({"total_minor": 1, "invoice_number": "INV-000001"}, "invoice_number"),
            ({"total_minor": 1, "currency": "XXXX"}, "currency"),
            ({"total_minor": 1, "unknown": 1}, "unknown"),
            ({"lineItems": [{"description": "x", "amountMinor": 1.5}]}, "lineItems.0.amountMinor"),
            ({"total_minor": 1, "memo": "4242 4242 4242 4242"}, "memo"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, api, jane, fields, param):
        refused(api.post("/v2/invoices", {"customerId": jane["id"], **fields}), 400, param)

    def test_without_a_customer(self, api):
        refused(api.post("/v2/invoices", {"total_minor": 1}), 400, "customer_id")
        unknown = "cus_" + "0" * 32
        refused(api.post("/v2/invoices", {"customerId": unknown, "total_minor": 1}), 404)

    def test_a_repeated_request_makes_one(self, api, jane):
        body = {"customerId": jane["id"], "total_minor": 100}
        first, again = (api.post("/v2/invoices", body, idempotency_key="once") for _ in range(2))

        assert first.json() == again.json()
        assert again.headers["idempotency-replayed"] == "true"
        assert len(api.get(f"/v2/customers/{jane['id']}/invoices").json()["data"]) == 1


class TestFirstInvoice:
    def test_a_new_email_becomes_a_customer(self, api):
        invoice = make(api, customer_email="new@example.com", customer_name="New One", total_minor=100)

        customer = api.get(f"/v2/customers/{invoice['customer_id']}").json()["data"]
        assert (customer["email"], customer["name"], customer["source"]) == ("new@example.com", "New One", "invoice")
        again = make(api, email="NEW@example.com", total_minor=100)
        assert again["customer_id"] == invoice["customer_id"]

    def test_two_at_once_make_one_customer(self, api):
        with ThreadPoolExecutor(6) as pool:
            made = list(pool.map(lambda n: make(api, customerEmail="race@example.com", total_minor=n), range(1, 7)))

        assert len({invoice["customer_id"] for invoice in made}) == 1
        assert api.get("/v2/customers", email="race@example.com").json()["pagination"]["total"] == 1

    def test_a_deleted_customers_email_makes_a_new_one(self, api, jane):
        api.delete(f"/v2/customers/{jane['id']}")

        assert make(api, email="jane@example.com", total_minor=1)["customer_id"] != jane["id"]
        error = refused(api.post("/v2/invoices", {"customerId": jane["id"], "total_minor": 1}), 422)
        assert error["code"] == "customer_deleted"


class TestLife:
    def test_from_draft_to_paid(self, api, jane):
        invoice = make(api, customerId=jane["id"], lineItems=LINES)
        path = f"/v2/invoices/{invoice['id']}"

        opened = api.post(f"{path}/finalize", {}).json()["data"]
        assert (opened["status"], opened["invoice_number"]) == ("open", "INV-000001")
        assert opened["bill_to"]["name"] == "Jane Müller"
        assert api.post(f"{path}/send", {"channel": "email"}).json()["data"]["status"] == "sent"
        cash = {"payment_method": "cash", "amount_minor": 1000, "reference": "till 7"}
        assert api.post(f"{path}/pay", cash).json()["data"]["status"] == "partially_paid"
        paid = api.post(f"{path}/pay", {"payment_method": "bank_transfer"}).json()["data"]
        assert (paid["status"], paid["amount_due_minor"], paid["amount_paid_minor"]) == ("paid", 0, 3000)
        payments = api.get("/v2/payments", customer_id=jane["id"]).json()["data"]
        assert [(each["amount"], each["method"]) for each in payments] == [(2000, "bank_transfer"), (1000, "cash")]

        def told() -> list[str]:
            found = api.get("/v2/events", invoice_id=invoice["id"], type="invoice.*").json()["data"]
            return [each["type"] for each in reversed(found)]

        assert until(lambda: "invoice.paid" in told())
        assert told() == ["invoice.created", "invoice.finalized", "invoice.sent", "invoice.paid"]

    @pytest.mark.parametrize(
        ("command", "body"), [("finalize", {}), ("send", {}), ("void", {}), ("pay", {"payment_method": "cash"})]
    )
    def test_what_is_paid_stays_so(self, api, jane, command, body):
        invoice = make(api, customerId=jane["id"], total_minor=100, status="open")
        path = f"/v2/invoices/{invoice['id']}"
        api.post(f"{path}/pay", {"payment_method": "cash"})

        refused(api.post(f"{path}/{command}", body), 400, "status")
        refused(api.delete(path), 400, "status")

    def test_void(self, api, jane):
        invoice = make(api, customerId=jane["id"], total_minor=100, status="open")
        path = f"/v2/invoices/{invoice['id']}"

        voided = api.post(f"{path}/void", {"reason": "Sent twice"}).json()["data"]
        assert (voided["status"], voided["void_reason"], voided["amount_due_minor"]) == ("voided", "Sent twice", 0)
        refused(api.post(f"{path}/void", {}), 400, "status")

    @pytest.mark.parametrize("status", ["open", "sent", "voided"])
    def test_a_status_is_reached_as_by_its_own_command_or_refused(self, api, jane, status):
        invoice = make(api, customerId=jane["id"], total_minor=100)
        path = f"/v2/invoices/{invoice['id']}"
        if status != "open":
            refused(api.patch(path, {"status": status}), 400, "status")
        api.patch(path, {"status": "open"})

        assert api.patch(path, {"status": status}).json()["data"]["status"] == status
        assert api.patch(path, {"status": status}).json()["data"]["status"] == status
        if status != "open":
            refused(api.patch(path, {"status": "open"}), 400, "status")

    def test_commands_need_no_body(self, api, jane):
        path = f"/v2/invoices/{make(api, customerId=jane['id'], total_minor=100)['id']}"

        reached = [api.post(f"{path}/{command}").json()["data"]["status"] for command in ("finalize", "send", "void")]
        assert reached == ["open", "sent", "voided"]

    def test_another_version_is_not_changed(self, api, jane):
        invoice = make(api, customerId=jane["id"], total_minor=100)
        refused(api.patch(f"/v2/invoices/{invoice['id']}", {"memo": "x"}, if_match='"7"'), 412, "If-Match")

    def test_numbers_have_no_gaps_and_no_twins(self, api, jane):
        drafts = [make(api, customerId=jane["id"], total_minor=n) for n in range(1, 13)]

        def finalize(invoice: dict[str, Any]) -> str:
            response = api.post(f"/v2/invoices/{invoice['id']}/finalize", {})
            assert response.status_code == 200, response.text
            number: str = response.json()["data"]["invoice_number"]
            return number

        with ThreadPoolExecutor(6) as pool:
            numbers = sorted(pool.map(finalize, drafts))
        assert numbers == [f"INV-{n:06d}" for n in range(1, 13)]

    def test_a_number_of_ones_own_is_ones_own(self, api, jane):
        make(api, customerId=jane["id"], total_minor=1, invoice_number="2026/17", status="open")
        body = {"customerId": jane["id"], "total_minor": 1, "invoice_number": "2026/17"}

        error = refused(api.post("/v2/invoices", body), 409, "invoice_number")
        assert error["code"] == "conflict"
        assert make(api, customerId=jane["id"], total_minor=1, status="open")["invoice_number"] == "INV-000001"


class TestLists:
    def test_by_customer_and_state(self, api, jane):
        other = api.create("other@example.com")
        mine = [make(api, customerId=jane["id"], total_minor=n, status="open") for n in range(1, 6)]
        make(api, customerId=other["id"], total_minor=9)

        found = api.get("/v2/invoices", customerId=jane["id"], status="open", limit=2).json()
        assert [each["id"] for each in found["data"]] == [mine[4]["id"], mine[3]["id"]]
        assert found["has_more"]
        assert found["requestId"]
        after = api.get("/v2/invoices", customerId=jane["id"], starting_after=mine[3]["id"], limit=2).json()
        assert [each["id"] for each in after["data"]] == [mine[2]["id"], mine[1]["id"]]
        skipped = api.get("/v2/invoices", customerId=jane["id"], offset=4).json()
        assert [each["id"] for each in skipped["data"]] == [mine[0]["id"]]
        assert api.get("/v2/invoices", status="void").json()["data"] == []
        assert until(lambda: api.get("/v2/invoices").json()["pagination"]["total"] == 6)
        page = api.get("/v2/invoices", limit=2, page=3).json()
        assert [each["id"] for each in page["data"]] == [mine[1]["id"], mine[0]["id"]]

    def test_another_merchant_sees_nothing(self, api, jane, key, client):
        invoice = make(api, customerId=jane["id"], total_minor=1)
        stranger = client(key())

        refused(stranger.get(f"/v2/invoices/{invoice['id']}"), 404)
        assert stranger.get("/v2/invoices").json()["data"] == []


def test_on_paper(api, jane):
    api.patch("/v2/settings/billing", {"business_name": "Ελληνική Εταιρεία", "address": {"country": "GR"}})
    invoice = make(api, customerId=jane["id"], lineItems=LINES, status="open")

    response = api.get(f"/v2/invoices/{invoice['id']}/pdf")

    assert response.headers["content-type"] == "application/pdf"
    held = {"if-none-match": response.headers["etag"]}
    assert api.request("GET", f"/v2/invoices/{invoice['id']}/pdf", headers=held).status_code == 304
    assert 'filename="INV-000001.pdf"' in response.headers["content-disposition"]
    text = PdfReader(io.BytesIO(response.content)).pages[0].extract_text()
    for expected in ("INV-000001", "Jane Müller", "Ελληνική Εταιρεία", "30.00", "Work"):
        assert expected in text
