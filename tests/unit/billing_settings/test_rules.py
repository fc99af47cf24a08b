"""The rules of billing settings."""

from typing import Any

import pytest
from pydantic import ValidationError

from billing.billing_settings import rules
from billing.billing_settings.models import BillingSettings, BillingSettingsChanges
from billing.billing_settings.record import Dunning, Settings
from billing.table.items import from_attributes, to_attributes

MOMENT = "2026-01-15T10:30:00.000Z"
EVERYTHING = {
    "businessName": "Acme GmbH",
    "supportEmail": "help@acme.example",
    "supportPhone": "+49 30 1234567",
    "address": {"line1": "Unter den Linden 1", "city": "Berlin", "postalCode": "10117", "country": "de"},
    "taxId": "DE136695976",
    "timeZone": "Europe/Berlin",
    "defaultCurrency": "eur",
    "invoiceFooter": "Thank you.\nSee you again.",
    "daysUntilDue": 14,
    "dunning": {"retryDays": [1, 2, 30], "finalAction": "pause"},
    "trialReminderDays": 0,
}


def changed(settings: Settings, moment: str = MOMENT, **changes: Any) -> Settings:
    return rules.changed(settings, BillingSettingsChanges.model_validate(changes), moment)


def test_without_an_item_the_defaults_hold():
    settings = Settings.from_item(None)

    assert settings == Settings()
    assert (settings.time_zone, settings.default_currency, settings.days_until_due) == ("UTC", "USD", 30)
    assert (settings.dunning, settings.trial_reminder_days) == (Dunning((3, 5, 7), "cancel"), 3)
    assert (settings.country, settings.version) == (None, 0)


def test_what_is_kept_comes_back():
    settings = changed(Settings(), **EVERYTHING)

    assert Settings.from_item(from_attributes(to_attributes(settings.to_item()))) == settings
    assert settings.dunning == Dunning((1, 2, 30), "pause")
    assert (settings.country, settings.default_currency, settings.version) == ("DE", "EUR", 1)
    never_set = changed(Settings(), days_until_due=0)
    assert Settings.from_item(from_attributes(to_attributes(never_set.to_item()))) == never_set


def test_a_change_touches_what_it_names():
    before = changed(Settings(), **EVERYTHING)

    after = changed(
        before,
        "2026-01-16T00:00:00.000Z",
        business_name="Acme SE",
        address={"city": None, "line1": "Neue Str. 1"},
        dunning={"retry_days": []},
    )

    assert after.address == {"line1": "Neue Str. 1", "postal_code": "10117", "country": "DE"}
    assert after.dunning == Dunning((), "pause")
    assert (after.business_name, after.tax_id) == ("Acme SE", before.tax_id)
    assert (after.version, after.updated_at) == (2, "2026-01-16T00:00:00.000Z")


def test_null_resets_to_the_default():
    before = changed(Settings(), **EVERYTHING)

    assert changed(before, dunning={"retryDays": None}).dunning == Dunning((3, 5, 7), "pause")
    after = changed(before, **dict.fromkeys(EVERYTHING))
    assert after == Settings(version=2, updated_at=MOMENT)


def test_what_changes_nothing_is_the_same():
    before = changed(Settings(), **EVERYTHING)

    assert changed(before, **EVERYTHING) is before
    assert changed(Settings(), **dict.fromkeys(EVERYTHING)) == Settings()


def test_a_clock_that_runs_behind_makes_no_later_version_older():
    before = changed(Settings(), tax_id="x")

    assert changed(before, "2025-01-01T00:00:00.000Z", tax_id="y").updated_at == MOMENT


def test_the_answer_says_all_that_holds():
    wire = BillingSettings.of(Settings()).to_wire()

    assert wire == {
        "object": "billing_settings",
        "time_zone": "UTC",
        "timeZone": "UTC",
        "default_currency": "USD",
        "defaultCurrency": "USD",
        "days_until_due": 30,
        "daysUntilDue": 30,
        "dunning": {
            "retry_days": [3, 5, 7],
            "retryDays": [3, 5, 7],
            "final_action": "cancel",
            "finalAction": "cancel",
        },
        "trial_reminder_days": 3,
        "trialReminderDays": 3,
    }


@pytest.mark.parametrize(
    ("change", "location"),
    [
        ({"support_email": "nobody"}, ["support_email"]),
        ({"support_phone": "call me"}, ["support_phone"]),
        ({"address": {"country": "XX"}}, ["address", "country"]),
        ({"address": {"street": "x"}}, ["address", "street"]),
        ({"time_zone": "Europe/Bonn"}, ["time_zone"]),
        ({"default_currency": "EURO"}, ["default_currency"]),
        ({"invoice_footer": "x" * 1001}, ["invoice_footer"]),
        ({"invoice_footer": "4242 4242 4242 4242"}, ["invoice_footer"]),
        ({"days_until_due": 366}, ["days_until_due"]),
        ({"days_until_due": -1}, ["days_until_due"]),
        ({"days_until_due": True}, ["days_until_due"]),
        ({"days_until_due": "30"}, ["days_until_due"]),
        ({"trial_reminder_days": 31}, ["trial_reminder_days"]),
        ({"dunning": {"retry_days": [1] * 9}}, ["dunning", "retry_days"]),
        ({"dunning": {"retry_days": [3, 0]}}, ["dunning", "retry_days", 1]),
        ({"dunning": {"retry_days": [31]}}, ["dunning", "retry_days", 0]),
        ({"dunning": {"final_action": "forget"}}, ["dunning", "final_action"]),
    ],
)
def test_what_is_wrong_is_refused_by_name(change: dict[str, Any], location: list[str | int]):
    with pytest.raises(ValidationError) as refused:
        BillingSettingsChanges.model_validate(change)

    [error] = refused.value.errors()
    assert list(error["loc"]) == location
