"""What a customer agrees to be told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing.customers import rules
from billing.customers.models import CustomerChanges, NewCustomer
from billing.customers.preferences import CHANNELS, TOPICS, Consent, Preferences, may_send
from billing.customers.record import Record
from billing.table.items import from_attributes, to_attributes
from billing.tenancy import Call, Tenant

CALL = Call(request_id="req_1", now=datetime(2026, 1, 15, 10, 30, tzinfo=UTC))
LATER = replace(CALL, request_id="req_2", now=CALL.now + timedelta(minutes=1))


def customer(source: str = "api", **chosen: Any) -> Record:
    body = NewCustomer.model_validate({"email": "a@example.com", "communicationPreferences": chosen or None})
    tenant = Tenant("mer_1", livemode=False)
    return rules.new_customer(tenant, body, id="cus_1", sequence=1, source=source, call=CALL, address_id="addr_1")


def after(record: Record, chosen: Any) -> Record:
    changes = CustomerChanges.model_validate({"communication_preferences": chosen})
    return rules.changed(record, changes, LATER, address_id="addr_2")


def test_who_has_not_chosen_is_told_of_its_own_business_only():
    record = customer()

    allowed = {(channel, topic) for channel in CHANNELS for topic in TOPICS if may_send(record, channel, topic)}

    assert allowed == {(channel, topic) for channel in CHANNELS for topic in ("receipts", "reminders")}


def test_a_choice_holds_with_its_time_and_source():
    record = after(customer(), {"email": {"marketing": True, "receipts": False}})

    assert may_send(record, "email", "marketing")
    assert not may_send(record, "email", "receipts")
    assert may_send(record, "sms", "receipts")
    assert record.preferences.chosen("email", "marketing") == Consent(True, "api", "2026-01-15T10:31:00.000Z")


@pytest.mark.parametrize(
    ("source", "told"), [("checkout", "checkout"), ("dashboard", "dashboard"), ("integration", "api")]
)
def test_a_new_customer_has_chosen_where_it_came_from(source: str, told: str):
    consent = customer(source, sms={"marketing": True}).preferences.chosen("sms", "marketing")

    assert consent is not None
    assert consent.source == told


def test_a_choice_that_is_repeated_is_no_change():
    record = customer(email={"marketing": True}, locale="en-GB")

    assert after(record, {"email": {"marketing": True}, "locale": "EN_gb"}) is record


def test_null_forgets_a_choice_a_channel_or_everything():
    record = customer(email={"marketing": True, "receipts": False}, sms={"marketing": True}, locale="de")

    assert after(record, {"email": {"marketing": None}}).preferences.consents.keys() == {
        "email.receipts",
        "sms.marketing",
    }
    assert after(record, {"email": None, "locale": None}).preferences.consents.keys() == {"sms.marketing"}
    assert after(record, None).preferences == Preferences()


def test_nothing_is_sent_to_a_deleted_customer():
    record = rules.deleted(customer(email={"marketing": True}), LATER)

    assert not may_send(record, "email", "receipts")
    assert rules.choosing(record, {"email": {"marketing": False}}, LATER, "unsubscribe") is record


def test_unsubscribing_is_a_choice_even_of_who_was_sent_nothing():
    record = rules.choosing(customer(), {"email": {"marketing": False}}, LATER, "unsubscribe")

    assert record.version == 2
    assert record.preferences.chosen("email", "marketing") == Consent(False, "unsubscribe", "2026-01-15T10:31:00.000Z")
    assert rules.choosing(record, {"email": {"marketing": False}}, LATER, "unsubscribe") is record


def test_the_answer_shows_all_of_it():
    shown = customer(email={"marketing": True}, locale="pt-br").to_customer().to_wire()

    told = {"enabled": True, "source": "api", "updated_at": "2026-01-15T10:30:00.000Z"}
    assert shown["communicationPreferences"] == shown["communication_preferences"]
    assert shown["communication_preferences"] == {
        "email": {
            "receipts": {"enabled": True},
            "reminders": {"enabled": True},
            "marketing": {**told, "updatedAt": told["updated_at"]},
        },
        "sms": {"receipts": {"enabled": True}, "reminders": {"enabled": True}, "marketing": {"enabled": False}},
        "locale": "pt-BR",
    }


def test_preferences_come_back_as_they_were():
    record = customer(email={"marketing": True}, locale="zh-hant-tw")

    assert record.preferences.locale == "zh-Hant-TW"
    assert Record.from_item(from_attributes(to_attributes(record.to_item()))) == record


@pytest.mark.parametrize("wrong", ["english", "e", "en-GB-oed-x", "en--GB", "12", "en-GBR"])
def test_a_locale_is_a_language_tag(wrong: str):
    with pytest.raises(ValueError, match="BCP 47"):
        customer(locale=wrong)
