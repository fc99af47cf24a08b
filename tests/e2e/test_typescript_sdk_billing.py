"""Subscriptions and invoices by the official TypeScript SDK, unmodified, against the running product."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="module")
def seen(sdk: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What the SDK saw, from one run."""
    return sdk("billing.mjs")


def test_it_creates_reads_lists_and_changes_subscriptions(seen: dict[str, Any]) -> None:
    assert seen["subscribed"]["id"].startswith("sub_")
    assert (seen["subscribed"]["status"], seen["subscribed"]["quantity"]) == ("trialing", 2)
    assert seen["subscription"] == seen["subscribed"]
    assert seen["subscriptions"] == seen["wantedSubscriptions"], "newest first"
    assert seen["changed"]["quantity"] == 3


def test_it_cancels_subscriptions(seen: dict[str, Any]) -> None:
    assert (seen["toEnd"]["status"], seen["toEnd"]["cancelAtPeriodEnd"]) == ("trialing", True)
    assert (seen["ended"]["status"], seen["ended"]["cancellationReason"]) == ("canceled", "dear")


def test_it_creates_reads_lists_and_voids_invoices(seen: dict[str, Any]) -> None:
    assert (seen["draft"]["status"], seen["draft"]["total_minor"]) == ("draft", 1500)
    assert seen["invoice"] == seen["draft"]
    assert (seen["finalized"]["status"], bool(seen["finalized"]["invoice_number"])) == ("open", True)
    assert seen["invoices"] == [seen["draft"]["id"]]
    assert seen["voided"]["status"] == "voided"


def test_it_charges_by_payment_intents(seen: dict[str, Any]) -> None:
    assert (seen["intended"]["status"], seen["intended"]["payment_method"]) == ("requires_confirmation", seen["method"])
    assert (seen["confirmed"]["status"], seen["confirmed"]["amount_received"]) == ("succeeded", 4900)
    assert (seen["held"]["payment_method"], seen["held"]["amount_capturable"]) == (seen["method"], 4900)
    assert (seen["captured"]["status"], seen["captured"]["amount_received"]) == ("succeeded", 4500)
    assert (seen["canceled"]["status"], seen["canceled"]["cancellation_reason"]) == ("canceled", "abandoned")
    assert seen["intents"] == seen["wantedIntents"], "newest first"


@pytest.mark.parametrize(
    ("failure", "status", "words"),
    [("again", 400, "canceled"), ("missing", 404, "No such invoice"), ("paidTwice", 400, "confirmed")],
)
def test_its_errors_are_readable(seen: dict[str, Any], failure: str, status: int, words: str) -> None:
    assert seen[failure]["status"] == status, seen[failure]
    assert words in seen[failure]["message"]
