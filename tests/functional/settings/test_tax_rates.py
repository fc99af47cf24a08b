"""/v2/settings/tax-rates."""

from typing import Any

from tests.client import Api

PATH = "/v2/settings/tax-rates"
VAT = {"label": "VAT", "country": "DE", "percentage": 19}


def test_the_life_of_a_tax_rate(api: Api) -> None:
    created = api.post(PATH, VAT)
    rate = created.json()["data"]
    assert created.status_code == 201
    assert rate["id"].startswith("txr_")
    assert (rate["object"], rate["percentage"], rate["inclusive"], rate["active"]) == ("tax_rate", "19", False, True)

    changed = api.patch(f"{PATH}/{rate['id']}", {"label": "MwSt.", "percentage": "16.5", "inclusive": True})
    assert (changed.json()["data"]["percentage"], changed.json()["data"]["label"]) == ("16.5", "MwSt.")
    assert api.get(f"{PATH}/{rate['id']}").json() == changed.json()

    api.post(PATH, {"label": "Sales tax", "country": "US", "state": "New York", "percentage": 8.875})
    listed = api.get(PATH, limit=1).json()
    assert [each["percentage"] for each in listed["data"]] == ["8.875"]
    assert (listed["total_count"], listed["has_more"]) == (2, True)

    gone = api.delete(f"{PATH}/{rate['id']}")
    assert gone.json()["data"] == {"id": rate["id"], "object": "tax_rate", "deleted": True}
    assert api.get(f"{PATH}/{rate['id']}").status_code == 404
    assert api.delete(f"{PATH}/{rate['id']}").status_code == 404
    assert api.get(f"{PATH}/nothing").status_code == 404


def test_a_place_has_one_active_rate(api: Api) -> None:
    first = api.post(PATH, VAT).json()["data"]

    taken = api.post(PATH, {**VAT, "percentage": 7})
    assert taken.status_code == 409
    assert taken.json()["error"]["details"] == {"tax_rate_id": first["id"]}

    second = api.post(PATH, {**VAT, "percentage": 7, "active": False}).json()["data"]
    assert api.patch(f"{PATH}/{second['id']}", {"active": True}).status_code == 409
    api.patch(f"{PATH}/{first['id']}", {"active": False})
    assert api.patch(f"{PATH}/{second['id']}", {"active": True}).status_code == 200


def test_what_is_wrong_is_refused_by_name(api: Api) -> None:
    for body, param in (
        ({**VAT, "percentage": 100.5}, "percentage"),
        ({**VAT, "percentage": "8.87512"}, "percentage"),
        ({**VAT, "country": "EU"}, "country"),
        ({"country": "DE", "percentage": 19}, "label"),
        ({**VAT, "rate": 1}, "rate"),
    ):
        refused = api.post(PATH, body)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)
    rate = api.post(PATH, VAT).json()["data"]
    refused = api.patch(f"{PATH}/{rate['id']}", {"percentage": None})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "percentage")


def test_a_repeated_creation_is_the_same(api: Api) -> None:
    first = api.post(PATH, VAT, idempotency_key="key-1")

    assert api.post(PATH, VAT, idempotency_key="key-1").content == first.content
    assert api.get(PATH).json()["total_count"] == 1


def test_rates_have_scopes_and_tenants_of_their_own(api: Api, key: Any, client: Any) -> None:
    rate = api.post(PATH, VAT).json()["data"]
    reader = client(key(scopes=["settings:read"]))

    assert reader.get(PATH).json()["data"] == []
    assert reader.get(f"{PATH}/{rate['id']}").status_code == 404
    assert reader.post(PATH, VAT).status_code == 403
    assert client(key(scopes=["customers:*"])).get(PATH).status_code == 403
