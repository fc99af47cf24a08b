"""The official TypeScript SDK, unmodified, against the running product."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="module")
def seen(sdk: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What the SDK saw, from one run."""
    return sdk("customers.mjs")


def test_it_creates_and_reads_a_customer(seen: dict[str, Any]) -> None:
    assert seen["created"]["id"].startswith("cus_")
    assert seen["created"]["address"]["postal_code"] == "94102"
    assert seen["got"] == seen["created"]


def test_it_lists_and_pages_through_all(seen: dict[str, Any]) -> None:
    assert [len(seen["page"]["data"]), seen["page"]["pagination"]["total"]] == [20, 25]
    assert len(seen["paged"]) == len(set(seen["paged"])) == 25
    assert seen["paged"][-1] == "john@example.com", "newest first"


def test_it_finds_by_email_and_by_word(seen: dict[str, Any]) -> None:
    assert seen["byEmail"] == [seen["created"]["id"]]
    assert seen["found"] == [seen["created"]["id"]]


def test_it_updates(seen: dict[str, Any]) -> None:
    assert seen["updated"]["metadata"]["plan"] == "pro"
    assert seen["updated"]["metadata"]["tier"] == "enterprise"


@pytest.mark.parametrize(
    ("failure", "status", "words"),
    [
        ("duplicate", 409, "already exists"),
        ("missing", 404, "No such customer"),
        ("invalid", 400, "email"),
        ("stranger", 401, "API key"),
    ],
)
def test_its_errors_are_readable(seen: dict[str, Any], failure: str, status: int, words: str) -> None:
    assert seen[failure]["status"] == status, seen[failure]
    assert words in seen[failure]["message"]


def test_a_deleted_customer_can_still_be_read(seen: dict[str, Any]) -> None:
    assert seen["deleted"]["success"] is True
    assert seen["afterDeletion"]["deleted"] is True


def test_it_reads_the_events_of_the_customer(seen: dict[str, Any]) -> None:
    assert seen["events"] == ["customer.deleted", "customer.updated", "customer.created"]
    assert seen["sameEvent"] == seen["event"]
    assert seen["event"]["data"]["previous_attributes"]["metadata"] == {
        "salesRep": "jane@company.com",
        "tier": "enterprise",
    }
