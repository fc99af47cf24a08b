"""Keys, scopes and tenants."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from local.testing import Runtime
from tests.client import Api

type Mint = Callable[..., dict[str, Any]]
type Client = Callable[[dict[str, Any]], Api]


def test_a_missing_key_is_refused_by_the_gateway_itself(connection: httpx.Client) -> None:
    response = Api(connection, None).get("/v2/customers")

    assert response.status_code == 401
    assert response.json()["message"] == "Unauthorized"


def test_an_unknown_key_is_refused_in_the_contracts_shape(connection: httpx.Client) -> None:
    response = Api(connection, "rk_live_nobody").get("/v2/customers")

    assert response.status_code == 401
    assert response.json()["error"]["type"] == "authentication_error"
    assert response.json()["error"]["code"] == "unauthenticated"


def test_a_revoked_key_stops_working(runtime: Runtime, key: Mint, client: Client) -> None:
    minted = key()

    assert runtime.invoke("RevokeApiKey", {"key": minted["key"]})["revoked"] is True
    assert runtime.invoke("RevokeApiKey", {"key": minted["key"]})["key_id"] == minted["key_id"], "repeatable"

    assert client(minted).get("/v2/customers").status_code == 401


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"),
    [
        (["*"], 200, 201),
        (["*:read"], 200, 403),
        (["customers:*"], 200, 201),
        (["customers:write"], 403, 201),
        (["invoices:*"], 403, 403),
    ],
)
def test_a_key_may_do_what_its_scopes_say(
    key: Mint, client: Client, scopes: list[str], reads: int, writes: int
) -> None:
    api = client(key(scopes=scopes))

    listed = api.get("/v2/customers")
    created = api.post("/v2/customers", {"email": "a@example.com"})

    assert (listed.status_code, created.status_code) == (reads, writes)
    for refused in (each for each in (listed, created) if each.status_code == 403):
        assert refused.json()["error"]["type"] == "permission_error"
        assert "customers:" in refused.json()["error"]["message"]


def test_tenants_and_modes_share_nothing(key: Mint, client: Client) -> None:
    sandbox_key = key()
    sandbox, live, other = (
        client(sandbox_key),
        client(key(mode="live", merchant_id=sandbox_key["merchant_id"])),
        client(key()),
    )
    mine = sandbox.create("same@example.com", name="Mine")

    for stranger in (live, other):
        assert stranger.get(f"/v2/customers/{mine['id']}").status_code == 404
        assert stranger.patch(f"/v2/customers/{mine['id']}", {"name": "x"}).status_code == 404
        assert stranger.delete(f"/v2/customers/{mine['id']}").status_code == 404
        assert stranger.get("/v2/customers", email="same@example.com").json()["data"] == []
        assert stranger.get("/v2/customers").json()["pagination"]["total"] == 0
        assert stranger.get("/v2/customers", starting_after=mine["id"]).status_code == 400
        assert stranger.create("same@example.com")["id"] != mine["id"], "an e-mail is unique per merchant and mode"

    assert sandbox.get(f"/v2/customers/{mine['id']}").json()["data"]["name"] == "Mine"


def test_a_key_is_shown_once_and_kept_as_a_digest(runtime: Runtime, key: Mint) -> None:
    minted = key()

    assert minted["key"].startswith("rk_sandbox_")
    pages = runtime.clients.dynamodb.get_paginator("scan").paginate(
        TableName=runtime.table_name,
        FilterExpression="merchant_id = :merchant OR contains(pk, :key) OR contains(sk, :key)",
        ExpressionAttributeValues={":merchant": {"S": minted["merchant_id"]}, ":key": {"S": minted["key"]}},
    )
    items = [item for page in pages for item in page["Items"]]
    assert minted["key_id"] in str(items)
    assert minted["key"] not in str(items)


def test_an_unknown_route_is_answered_in_the_contracts_shape(api: Api) -> None:
    response = api.request("GET", "/v2/nothing")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "resource_missing"


def test_the_version_is_echoed(api: Api) -> None:
    pinned = api.request("GET", "/v2/customers", headers={"revkeen-version": "2026-03-16"})

    assert pinned.headers["revkeen-version"] == "2026-03-16"
    wrong = api.request("GET", "/v2/customers", headers={"revkeen-version": "latest"})
    assert wrong.status_code == 400
    assert wrong.json()["error"]["param"] == "RevKeen-Version"
