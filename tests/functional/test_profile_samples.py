"""The samples of what a customer's profile has beside itself and of the settings, replayed in the order of a life."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from billing.ids import new_id
from local.testing import Runtime
from tests.openapi import validate_response

SAMPLES = Path(__file__).parents[2] / "events"
MADE_UP = re.compile(r"\b(mer|cus|addr|cf|bus|txr|sub)_0{10,}[0-9a-f]+\b")

ADDRESSES = [
    ("CreateAddress", "addresses/create", 201),
    ("ListAddresses", "addresses/list", 200),
    ("GetAddress", "addresses/get", 200),
    ("UpdateAddress", "addresses/update", 200),
    ("DeleteAddress", "addresses/delete", 200),
    ("GetAddress", "addresses/get", 404),
]
CUSTOM_FIELDS = [
    ("CreateCustomField", "settings/create_custom_field", 201),
    ("ListCustomFields", "settings/list_custom_fields", 200),
    ("GetCustomField", "settings/get_custom_field", 200),
    ("UpdateCustomField", "settings/update_custom_field", 200),
    ("DeleteCustomField", "settings/delete_custom_field", 200),
    ("GetCustomField", "settings/get_custom_field", 404),
]
BUSINESSES = [
    ("CreateBusiness", "businesses/create", 201),
    ("ListBusinesses", "businesses/list", 200),
    ("LinkBusinessCustomer", "businesses/link_customer", 200),
    ("UpdateBusiness", "businesses/update", 200),
    ("UnlinkBusinessCustomer", "businesses/unlink_customer", 200),
    ("DeleteBusiness", "businesses/delete", 200),
    ("GetBusiness", "businesses/get", 200),
]
BILLING_SETTINGS = [
    ("GetBillingSettings", "settings/get_billing", 200),
    ("UpdateBillingSettings", "settings/update_billing", 200),
]
TAX_RATES = [
    ("CreateTaxRate", "settings/create_tax_rate", 201),
    ("ListTaxRates", "settings/list_tax_rates", 200),
    ("GetTaxRate", "settings/get_tax_rate", 200),
    ("UpdateTaxRate", "settings/update_tax_rate", 200),
    ("DeleteTaxRate", "settings/delete_tax_rate", 200),
    ("GetTaxRate", "settings/get_tax_rate", 404),
]
SUBSCRIPTIONS = [
    ("CreateSubscription", "subscriptions/create", 201),
    ("ListSubscriptions", "subscriptions/list", 200),
    ("GetSubscription", "subscriptions/get", 200),
    ("UpdateSubscription", "subscriptions/update", 200),
    ("PauseSubscription", "subscriptions/pause", 200),
    ("ResumeSubscription", "subscriptions/resume", 200),
    ("CancelSubscription", "subscriptions/cancel", 200),
    ("ReactivateSubscription", "subscriptions/reactivate", 200),
    ("ListCustomerSubscriptions", "customers/subscriptions", 200),
    ("DeleteSubscription", "subscriptions/delete", 200),
    ("ResumeSubscription", "subscriptions/resume", 400),
]
LINKS_OF_NOBODY = [
    ("ShowUnsubscribe", "preferences/show_unsubscribe", 404),
    ("Unsubscribe", "preferences/unsubscribe", 404),
]


@pytest.mark.parametrize(
    "life", [ADDRESSES, CUSTOM_FIELDS, BUSINESSES, BILLING_SETTINGS, TAX_RATES, SUBSCRIPTIONS, LINKS_OF_NOBODY]
)
def test_a_life(runtime: Runtime, life: list[tuple[str, str, int]]) -> None:
    made = {"mer": new_id("mer")}

    for function, name, expected in [("CreateCustomer", "customers/create", 201), *life]:
        text = SAMPLES.joinpath(f"{name}.json").read_text()
        event = json.loads(MADE_UP.sub(lambda found: made.get(found[1], found[0]), text))
        response: dict[str, Any] = runtime.invoke(function, event)
        http = event["requestContext"]["http"]
        validate_response(http["method"], http["path"], response["statusCode"], response["headers"], response["body"])
        assert (function, response["statusCode"]) == (function, expected)
        if expected == 201:
            created = json.loads(response["body"])["data"]["id"]
            made[created.partition("_")[0]] = created
