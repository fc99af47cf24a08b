"""/v2/settings/billing."""

from typing import Any

import pytest

from tests.client import Api

PATH = "/v2/settings/billing"


def test_before_anything_is_set_the_defaults_hold(api: Api) -> None:
    response = api.get(PATH)

    settings = response.json()["data"]
    assert (response.status_code, response.headers["etag"]) == (200, '"0"')
    assert (settings["time_zone"], settings["default_currency"], settings["days_until_due"]) == ("UTC", "USD", 30)
    assert settings["dunning"]["retry_days"] == [3, 5, 7]
    assert "updated_at" not in settings


def test_settings_are_merged_and_null_resets(api: Api) -> None:
    first = api.patch(
        PATH,
        {
            "businessName": "Acme GmbH",
            "address": {"line1": "Unter den Linden 1", "postalCode": "10117", "country": "DE"},
            "timeZone": "Europe/Berlin",
            "dunning": {"retryDays": [2, 4]},
        },
    )
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')

    second = api.patch(
        PATH, {"address": {"city": "Berlin"}, "days_until_due": 0, "time_zone": None, "dunning": {"retry_days": None}}
    ).json()["data"]

    assert second["business_name"] == second["businessName"] == "Acme GmbH"
    assert (second["address"]["city"], second["address"]["postal_code"]) == ("Berlin", "10117")
    assert (second["days_until_due"], second["time_zone"]) == (0, "UTC")
    assert second["dunning"]["retryDays"] == [3, 5, 7]
    assert api.get(PATH).json()["data"] == second
    assert "address" not in api.patch(PATH, {"address": None}).json()["data"]


def test_what_changes_nothing_makes_no_version(api: Api) -> None:
    api.patch(PATH, {"taxId": "DE136695976"})

    assert api.patch(PATH, {"tax_id": "DE136695976"}).headers["etag"] == '"1"'


def test_a_change_can_be_held_to_a_version(api: Api) -> None:
    assert api.patch(PATH, {"days_until_due": 7}, if_match='"0"').status_code == 200
    assert api.patch(PATH, {"days_until_due": 8}, if_match='"0"').status_code == 412
    assert api.patch(PATH, {"days_until_due": 8}, if_match='"1"').status_code == 200


def test_a_repeated_change_is_answered_again(api: Api) -> None:
    first = api.patch(PATH, {"days_until_due": 7}, idempotency_key="key-1", if_match='"0"')
    again = api.patch(PATH, {"days_until_due": 7}, idempotency_key="key-1", if_match='"0"')

    assert (first.status_code, again.content) == (200, first.content)
    assert api.get(PATH).headers["etag"] == '"1"'


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"timeZone": "Europe/Bonn"}, "timeZone"),
        ({"default_currency": "EURO"}, "default_currency"),
        ({"dunning": {"retryDays": [0]}}, "dunning.retryDays.0"),
        ({"address": {"country": "Germany"}}, "address.country"),
        ({"currency": "EUR"}, "currency"),
    ],
)
def test_what_is_wrong_is_refused_by_name(api: Api, change: dict[str, Any], param: str) -> None:
    response = api.patch(PATH, change)

    assert (response.status_code, response.json()["error"]["param"]) == (400, param)
    assert api.get(PATH).headers["etag"] == '"0"'


def test_they_have_scopes_and_tenants_of_their_own(api: Api, key: Any, client: Any) -> None:
    api.patch(PATH, {"business_name": "Acme GmbH"})
    reader = client(key(scopes=["settings:read"]))

    assert "business_name" not in reader.get(PATH).json()["data"]
    assert reader.patch(PATH, {"business_name": "Other"}).status_code == 403
    assert client(key(scopes=["customers:*"])).get(PATH).status_code == 403
