"""/v2/settings/custom-fields, and the values on customers."""

from typing import Any

import pytest

from tests.client import Api

PATH = "/v2/settings/custom-fields"
TIER = {"key": "tier", "label": "Tier", "type": "dropdown", "options": ["basic", "gold"]}


def define(api: Api, key: str, type_: str = "text", **more: Any) -> dict[str, Any]:
    response = api.post(PATH, {"key": key, "label": key.title(), "type": type_, **more})
    assert response.status_code == 201, response.text
    field: dict[str, Any] = response.json()["data"]
    return field


def test_the_life_of_a_custom_field(api: Api) -> None:
    created = api.post(PATH, TIER)
    field = created.json()["data"]
    assert created.status_code == 201
    assert field["id"].startswith("cf_")
    assert {name: field[name] for name in TIER} == TIER
    assert (field["object"], field["entity"], field["required"]) == ("custom_field", "customer", False)

    changed = api.patch(f"{PATH}/{field['id']}", {"label": "Level", "options": ["gold"]}).json()["data"]
    assert (changed["label"], changed["options"]) == ("Level", ["gold"])
    assert api.get(f"{PATH}/{field['id']}").json()["data"] == changed

    define(api, "note")
    listed = api.get(PATH, limit=1).json()
    assert ([each["key"] for each in listed["data"]], listed["total_count"], listed["has_more"]) == (["note"], 2, True)

    gone = api.delete(f"{PATH}/{field['id']}")
    assert gone.json()["data"] == {"id": field["id"], "object": "custom_field", "deleted": True}
    assert api.get(f"{PATH}/{field['id']}").status_code == 404
    assert api.delete(f"{PATH}/{field['id']}").status_code == 404


def test_a_key_is_unique_and_key_and_type_never_change(api: Api) -> None:
    field = define(api, "seats", "number")

    taken = api.post(PATH, {"key": "seats", "label": "Again", "type": "text"})
    assert (taken.status_code, taken.json()["error"]["param"]) == (409, "key")
    for change in ({"key": "chairs"}, {"type": "text"}):
        refused = api.patch(f"{PATH}/{field['id']}", change)
        assert (refused.status_code, refused.json()["error"]["param"]) == (400, next(iter(change)))


@pytest.mark.parametrize("spelling", ["customFields", "custom_fields"])
def test_values_are_held_against_their_definition(api: Api, spelling: str) -> None:
    api.post(PATH, TIER)
    define(api, "seats", "number")
    customer = api.create("a@example.com", **{spelling: {"tier": "gold", "seats": 3, "own": ["anything"]}})
    path = f"/v2/customers/{customer['id']}"
    assert customer["customFields"] == {"tier": "gold", "seats": 3, "own": ["anything"]}

    for response in (
        api.post("/v2/customers", {"email": "b@example.com", spelling: {"tier": "silver"}}),
        api.patch(path, {spelling: {"tier": "silver"}}),
        api.patch(path, {spelling: {"tier": "silver"}}, idempotency_key="key-1"),
    ):
        assert response.status_code == 400, response.text
        assert response.json()["error"]["param"] == f"{spelling}.tier"
    assert api.patch(path, {spelling: {"tier": None, "seats": 2.5}}).json()["data"]["custom_fields"] == {
        "seats": 2.5,
        "own": ["anything"],
    }


def test_a_changed_definition_leaves_customers_changeable(api: Api) -> None:
    field = api.post(PATH, TIER).json()["data"]
    path = f"/v2/customers/{api.create('a@example.com', customFields={'tier': 'basic'})['id']}"
    api.patch(f"{PATH}/{field['id']}", {"label": "Level", "options": ["gold"], "required": True})

    assert api.get(path).json()["data"]["customFields"] == {"tier": "basic"}
    assert api.patch(path, {"name": "Jane"}).status_code == 200
    assert api.patch(path, {"customFields": {"other": 1}}).json()["data"]["customFields"]["tier"] == "basic"
    assert api.patch(path, {"customFields": {"tier": "basic"}}).status_code == 400


def test_required_fields_are_asked_for_at_creation_alone(api: Api) -> None:
    older = api.create("older@example.com")["id"]
    field = define(api, "vat_office", required=True)

    missing = api.post("/v2/customers", {"email": "a@example.com"})
    assert (missing.status_code, missing.json()["error"]["param"]) == (400, "customFields.vat_office")
    empty = api.post("/v2/customers", {"email": "a@example.com", "custom_fields": {"vat_office": None}})
    assert (empty.status_code, empty.json()["error"]["param"]) == (400, "custom_fields.vat_office")
    created = api.create("a@example.com", customFields={"vat_office": "Berlin"})
    assert api.patch(f"/v2/customers/{created['id']}", {"customFields": {"vat_office": None}}).status_code == 200
    assert api.patch(f"/v2/customers/{older}", {"name": "Jane"}).status_code == 200

    api.patch(f"{PATH}/{field['id']}", {"required": False})
    assert api.create("b@example.com")
    api.patch(f"{PATH}/{field['id']}", {"required": True})
    assert api.post("/v2/customers", {"email": "c@example.com"}).status_code == 400
    api.delete(f"{PATH}/{field['id']}")
    assert api.create("c@example.com")


def test_lists_do_not_mind_the_flag_of_required_fields(api: Api) -> None:
    define(api, "note", required=True)

    assert api.get("/v2/customers").json()["total_count"] == 0
    api.create("a@example.com", customFields={"note": "x"})
    assert api.get("/v2/customers").json()["total_count"] == 1


def test_settings_have_scopes_and_tenants_of_their_own(api: Api, key: Any, client: Any) -> None:
    field = define(api, "note")
    reader = client(key(scopes=["settings:read"]))

    assert reader.get(PATH).json()["data"] == []
    assert reader.post(PATH, TIER).status_code == 403
    assert client(key(scopes=["customers:*"])).get(PATH).status_code == 403
    assert reader.get(f"{PATH}/{field['id']}").status_code == 404


def test_a_repeated_definition_is_the_same(api: Api) -> None:
    first = api.post(PATH, TIER, idempotency_key="key-1")

    assert api.post(PATH, TIER, idempotency_key="key-1").content == first.content
    assert len(api.get(PATH).json()["data"]) == 1
