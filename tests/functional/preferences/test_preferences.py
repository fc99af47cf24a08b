"""Communication preferences on customers, and the unsubscribe link."""

import base64
from typing import Any

import httpx
import pytest

from billing.preferences.tokens import Addressee, sign
from billing.tenancy import Tenant
from local.testing import Runtime
from tests.client import Api, until

ONE_CLICK = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def link(runtime: Runtime) -> Any:
    """Makes the path of a customer's unsubscribe link."""
    secrets = runtime.clients.secrets
    [name] = [each["Name"] for each in secrets.list_secrets()["SecretList"] if "LinkSecret" in each["Name"]]
    secret = secrets.get_secret_value(SecretId=name)["SecretString"]

    def make(customer: dict[str, Any]) -> str:
        addressee = Addressee(Tenant(customer["merchant_id"], livemode=False), customer["id"])
        return f"/v2/unsubscribe/{sign(addressee, secret)}"

    return make


@pytest.fixture
def public(connection: httpx.Client) -> Api:
    """A client without a key."""
    return Api(connection, None)


def marketing(api: Api, customer: dict[str, Any]) -> Any:
    return api.get(f"/v2/customers/{customer['id']}").json()["data"]["communicationPreferences"]["email"]["marketing"]


def test_choices_are_kept_with_time_and_source(api: Api) -> None:
    customer = api.create("a@example.com", communicationPreferences={"email": {"marketing": True}, "locale": "de-ch"})

    shown = customer["communication_preferences"]
    assert shown == customer["communicationPreferences"]
    assert shown["email"]["marketing"]["source"] == "api"
    assert shown["email"]["marketing"]["updatedAt"] == customer["created_at"]
    assert shown["sms"] == {
        "receipts": {"enabled": True},
        "reminders": {"enabled": True},
        "marketing": {"enabled": False},
    }
    assert shown["locale"] == "de-CH"

    changed = api.patch(f"/v2/customers/{customer['id']}", {"communication_preferences": {"sms": {"receipts": False}}})
    assert changed.json()["data"]["communication_preferences"]["sms"]["receipts"]["enabled"] is False
    assert changed.json()["data"]["communication_preferences"]["email"] == shown["email"]


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"email": {"marketing": "yes"}}, "email.marketing"),
        ({"email": {"newsletter": True}}, "email.newsletter"),
        ({"fax": {}}, "fax"),
        ({"locale": "english"}, "locale"),
        ([], None),
    ],
)
def test_a_wrong_choice_is_named(api: Api, wrong: Any, param: str | None) -> None:
    response = api.post("/v2/customers", {"email": "a@example.com", "communicationPreferences": wrong})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == ".".join(filter(None, ["communicationPreferences", param]))


def test_one_click_turns_marketing_off_and_nothing_else(api: Api, public: Api, link: Any) -> None:
    customer = api.create("a@example.com", communicationPreferences={"email": {"marketing": True}})

    first = public.request("POST", link(customer), headers=ONE_CLICK, content=b"List-Unsubscribe=One-Click")
    again = public.request("POST", link(customer), headers=ONE_CLICK, content=b"List-Unsubscribe=One-Click")

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 200
    chosen = marketing(api, customer)
    assert (chosen["enabled"], chosen["source"]) == (False, "unsubscribe")
    shown = api.get(f"/v2/customers/{customer['id']}")
    assert shown.headers["etag"] == '"2"', "the second click changed nothing"
    assert shown.json()["data"]["communication_preferences"]["email"]["receipts"] == {"enabled": True}


def test_unsubscribing_is_news_that_no_key_has_made(api: Api, public: Api, link: Any) -> None:
    customer = api.create("a@example.com", communicationPreferences={"email": {"marketing": True}})
    public.request("POST", link(customer))

    [event] = until(lambda: api.get("/v2/events", customer_id=customer["id"], type="customer.updated").json()["data"])
    assert event["request"] is None
    assert set(event["data"]["previous_attributes"]) == {"communication_preferences", "communicationPreferences"}


def test_to_look_at_the_link_changes_nothing(api: Api, public: Api, link: Any) -> None:
    customer = api.create("a@example.com", communicationPreferences={"email": {"marketing": True}})

    page = public.get(link(customer))

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert '<html lang="en">' in page.text
    assert '<form method="post">' in page.text
    assert "a@example.com" not in page.text
    assert marketing(api, customer)["enabled"] is True


def test_a_link_that_is_not_ours_is_not_found(api: Api, public: Api, link: Any) -> None:
    customer = api.create("a@example.com", communicationPreferences={"email": {"marketing": True}})
    path = link(customer)
    raw = bytearray(base64.urlsafe_b64decode(path.rpartition("/")[2]))
    raw[0] ^= 1

    for wrong in (
        path[:-1],
        f"{path[:-1]}{'A' if path[-1] != 'A' else 'B'}",
        "/v2/unsubscribe/x",
        "/v2/unsubscribe/" + base64.urlsafe_b64encode(raw).decode(),
    ):
        for response in (public.get(wrong), public.request("POST", wrong)):
            assert response.status_code == 404
            assert response.json()["error"]["code"] == "resource_missing"
    assert marketing(api, customer)["enabled"] is True


def test_the_link_of_a_deleted_customer_still_answers(api: Api, public: Api, link: Any) -> None:
    customer = api.create("a@example.com")
    api.delete(f"/v2/customers/{customer['id']}")

    assert public.request("POST", link(customer)).status_code == 200
