"""The rules of a payment method, its two conversions, and its events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from billing.customers.wallet import MOST_HELD, Held, Wallet
from billing.errors import InvalidFields, MalformedRequest
from billing.events.envelope import enveloped
from billing.gateway import BankAccount, Card, Stored, Verified
from billing.payment_methods import rules
from billing.payment_methods.events import events_of
from billing.payment_methods.models import Attachment, NewPaymentMethod, PaymentMethodChanges
from billing.payment_methods.record import Record
from billing.table.items import from_attributes, to_attributes
from billing.tenancy import Call, Tenant
from billing.wire import Body
from tests.schemas import validate_event

TENANT = Tenant("mer_" + "1" * 32, livemode=False)
CALL = Call("req_1", datetime(2026, 1, 15, 10, 30, tzinfo=UTC))
LATER = Call("req_2", CALL.now + timedelta(minutes=1), idempotency_key="again")
VISA = Card("visa", "4242", 12, 2030, "credit")
EMPTY = Wallet()
JANE, JOHN = "cus_" + "a" * 32, "cus_" + "b" * 32


def method(details: Card | BankAccount = VISA, **described: Any) -> Record:
    changes = PaymentMethodChanges.model_validate(described)
    verified = Verified(Stored("ref_1", "owner_1"), details)
    return rules.new_method(
        TENANT, verified, id="pm_" + "2" * 32, sequence=7, gateway="sandbox", described=changes, call=CALL
    )


def attached(record: Record, customer_id: str = JANE, wallet: Wallet = EMPTY, *, set_default: bool = False) -> Record:
    return rules.attached(record, customer_id, wallet, LATER, set_default=set_default)[0]


@pytest.mark.parametrize("details", [VISA, BankAccount("6789", None, "Bank", "savings"), BankAccount("6789")])
def test_what_is_stored_comes_back_as_it_was(details: Card | BankAccount) -> None:
    record = attached(
        method(details, billing_details={"name": "Jane", "address": {"city": "Rome"}}, metadata={"a": 1.5})
    )

    assert Record.from_item(from_attributes(to_attributes(record.to_item()))) == record


def test_a_card_is_shown_with_null_for_what_it_has_not() -> None:
    shown = attached(method()).to_payment_method(CALL.now, Wallet((Held("pm_" + "2" * 32),))).to_wire()

    assert shown["card"] == {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030, "funding": "credit"}
    assert shown["us_bank_account"] is shown["bacs_direct_debit"] is shown["billing_details"] is None
    assert shown["public_id"] == shown["id"]
    assert shown["is_default"] is True
    assert not any(name.lower() != name for name in shown)


def test_billing_details_and_their_address_have_every_field() -> None:
    shown = method(billing_details={"email": "j@example.com", "address": {"postalCode": "1"}}).to_snapshot().to_wire()

    address = {"line1": None, "line2": None, "city": None, "state": None, "postal_code": "1", "country": None}
    assert shown["billing_details"] == {"name": None, "email": "j@example.com", "phone": None, "address": address}


def test_billing_details_merge_by_key_and_null_clears() -> None:
    record = method(billing_details={"name": "Jane", "phone": "1", "address": {"city": "Rome", "line1": "Via 1"}})

    changes = PaymentMethodChanges.model_validate({"billingDetails": {"phone": None, "address": {"city": "Bari"}}})
    changed = rules.changed(record, changes, None, LATER)
    assert changed.billing_details == {"name": "Jane", "address": {"city": "Bari", "line1": "Via 1"}}
    assert changed.version == 2
    emptied = rules.changed(changed, PaymentMethodChanges.model_validate({"billing_details": None}), None, LATER)
    assert emptied.billing_details == {}


def test_what_changes_nothing_is_the_same_object() -> None:
    record = method(metadata={"a": 1})

    assert rules.changed(record, PaymentMethodChanges.model_validate({"metadata": {"a": 1}}), None, LATER) is record


def test_metadata_can_t_grow_over_its_limits_by_merging() -> None:
    record = method(metadata={f"a{number}": 1 for number in range(40)})
    more = PaymentMethodChanges(metadata={f"b{number}": 1 for number in range(40)})

    with pytest.raises(InvalidFields):
        rules.changed(record, more, None, LATER)


@pytest.mark.parametrize(
    "body",
    [
        {"billing_details": {"name": "4242 4242 4242 4242"}},
        {"metadata": {"card": "5555555555554444"}},
        {"token": "4242424242424242"},
        {"card": {"number": "4242424242424242"}},
        {"cvc": "123"},
        {"type": "sepa_debit"},
        {"type": "sepa"},
        {"type": "cash"},
    ],
)
def test_card_numbers_and_unknown_kinds_never_get_in(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewPaymentMethod.model_validate({"customer_id": JANE, **body})


def test_sepa_is_named_as_not_yet_supported() -> None:
    with pytest.raises(ValidationError, match="SEPA is not yet supported"):
        NewPaymentMethod.model_validate({"customer_id": JANE, "token": "tok_visa", "type": "sepa_debit"})


@pytest.mark.parametrize("name", ["token", "payment_token", "paymentToken", "paymentMethodToken"])
def test_the_token_has_several_names(name: str) -> None:
    assert rules.token_of(NewPaymentMethod.model_validate({"customerId": JANE, name: "tok_visa"})) == "tok_visa"


@pytest.mark.parametrize("tokens", [{}, {"token": "tok_visa", "payment_token": "tok_amex"}])
def test_one_token_is_wanted(tokens: dict[str, str]) -> None:
    with pytest.raises(InvalidFields):
        rules.token_of(NewPaymentMethod.model_validate({"customer_id": JANE, **tokens}))


def test_a_full_wallet_takes_nothing_more() -> None:
    full = Wallet(tuple(Held(f"pm_{number}") for number in range(MOST_HELD)))

    with pytest.raises(MalformedRequest, match="at most 100"):
        attached(method(), wallet=full)


def test_an_expired_card_can_t_be_the_default() -> None:
    expired = method(replace(VISA, exp_year=2025))

    assert attached(expired).status("2026-01") == "expired"
    with pytest.raises(MalformedRequest, match="expired"):
        attached(expired, set_default=True)


def test_only_what_is_attached_can_be_detached() -> None:
    record = attached(method())
    gone, _ = rules.detached(record, Wallet((record.held,)), LATER)

    assert gone.status("2026-01") == "inactive"
    assert gone.customer_id == JANE
    with pytest.raises(MalformedRequest):
        rules.detached(gone, Wallet(), LATER)
    with pytest.raises(MalformedRequest):
        rules.defaulting(gone, Wallet(), LATER)


def test_a_method_that_is_attached_or_detached_is_told_once() -> None:
    new = attached(method())
    gone, _ = rules.detached(new, Wallet((new.held,)), LATER)

    [came] = events_of(None, new)
    assert (came.type, came.object["is_default"]) == ("customer.payment_method.attached", True)
    [went] = events_of(new, gone)
    assert (went.type, went.object["status"]) == ("customer.payment_method.detached", "inactive")
    assert went.object["customer_id"] == JANE
    assert [each.type for each in events_of(gone, attached(gone))] == ["customer.payment_method.attached"]


def test_a_move_is_a_detachment_and_then_an_attachment() -> None:
    old = attached(method())
    new = attached(old, JOHN)

    went, came = events_of(old, new)

    assert (went.type, went.object["customer_id"], went.object["status"], went.object["is_default"]) == (
        "customer.payment_method.detached",
        JANE,
        "inactive",
        False,
    )
    assert (came.type, came.object["customer_id"], came.object["status"], came.object["is_default"]) == (
        "customer.payment_method.attached",
        JOHN,
        "active",
        True,
    )


def test_what_belongs_to_nobody_or_stays_where_it_is_is_not_told() -> None:
    record = method()
    kept = attached(record)

    assert events_of(None, record) == []
    changes = PaymentMethodChanges(metadata={"a": 1})
    assert events_of(kept, rules.changed(kept, changes, None, LATER)) == []


def test_what_the_issuer_changes_of_a_card_is_taken_over_and_told() -> None:
    old = attached(method(replace(VISA, exp_year=2025)))

    new = rules.reissued(old, 11, 2029, "1881", LATER)

    assert new.details == replace(VISA, exp_month=11, exp_year=2029, last4="1881")
    assert (new.version, new.held.expires) == (old.version + 1, "2029-11")
    [told] = events_of(old, new)
    assert told.type == "customer.payment_method.updated"
    assert told.object["card"]["last4"] == "1881"
    assert told.previous_attributes == {"card": old.to_snapshot().to_wire()["card"], "status": "expired"}


def test_an_issuer_that_says_what_is_known_changes_nothing() -> None:
    card, account = attached(method()), attached(method(BankAccount("6789")))

    assert rules.reissued(card, 12, 2030, "4242", LATER) is card
    assert rules.reissued(account, 12, 2030, "4242", LATER) is account


def test_what_the_issuer_changes_of_a_card_that_is_nobody_s_is_not_told() -> None:
    gone, _ = rules.detached(attached(method()), EMPTY, LATER)

    assert events_of(gone, rules.reissued(gone, 1, 2031, "4242", LATER)) == []


def test_a_reissued_event_fits_its_schema() -> None:
    old = attached(method(replace(VISA, exp_year=2025)))
    new = rules.reissued(old, 11, 2029, "1881", LATER)
    [told] = events_of(old, new)

    validate_event(enveloped(told, new.to_item(), "epoch").to_wire())


@pytest.mark.parametrize("model", [NewPaymentMethod, Attachment])
@pytest.mark.parametrize("wish", ["yes", "false", 1, None])
def test_a_default_is_wished_for_with_true_or_false_alone(model: type[Body], wish: object) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate({"customerId": "cus_1", "setDefault": wish})
    assert [error["loc"] for error in refused.value.errors()] == [("set_default",)]
