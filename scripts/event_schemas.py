"""Write the JSON Schemas of events from what the API's document says of the objects that they carry.

    python -m scripts.event_schemas [--check]

One file for each event type and version in docs/events. A schema only ever gains fields within a version.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from scripts.openapi.document import document
from scripts.openapi.routes import ROOT, routes

DIRECTORY = ROOT / "docs" / "events"
PATTERN_OF_INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"

DESCRIBED: Mapping[str, Mapping[str, str]] = {
    "Invoice": {
        "invoice.created": "An invoice was made, as a draft or open at once.",
        "invoice.finalized": "A draft got its number and is due.",
        "invoice.sent": "An invoice goes out to its customer; unless by e-mail, whoever listens delivers it.",
        "invoice.paid": "All of an invoice was paid.",
        "invoice.payment_failed": "An attempt to collect an invoice by itself has failed.",
        "invoice.overdue": "An invoice was not paid in time.",
        "invoice.voided": "Nobody has to pay an invoice any more.",
        "invoice.marked_uncollectible": "An invoice was given up.",
    },
    "PaymentIntent": {
        "payment_intent.created": "A payment is meant to be made.",
        "payment_intent.requires_action": "The payer must do something before a payment can come in.",
        "payment_intent.succeeded": "A payment that began as a payment intent has come in.",
        "payment_intent.payment_failed": "A payment intent has failed; it can be confirmed with another method.",
        "payment_intent.canceled": "A payment intent was given up, and what was held for it let go.",
    },
    "Subscription": {
        "subscription.created": "A customer has subscribed.",
        "subscription.updated": "A subscription has changed in a way that has no event of its own.",
        "subscription.activated": "A subscription has begun to be paid for.",
        "subscription.renewed": "A new period of a subscription has begun.",
        "subscription.trial_will_end": "A trial ends in a few days.",
        "subscription.past_due": "A subscription could not be collected.",
        "subscription.paused": "A subscription was paused.",
        "subscription.resumed": "A subscription goes on after a pause.",
        "subscription.canceled": "A subscription was ended.",
        "subscription.expired": "A subscription has run for as long as it was meant to.",
    },
}
"""The event types of each object, with what they say. The schemas of the older objects are written by hand."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is not as it would be")
    check = parser.parse_args().check
    stale: list[str] = []
    for type_, schema in schemas(document(routes())["components"]["schemas"]):
        path = DIRECTORY / f"{type_}.v1.json"
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        if not path.exists() or path.read_text() != text:
            stale.append(path.name)
            if not check:
                path.write_text(text)
    if stale:
        print("not up to date:" if check else "written:", ", ".join(stale))
        sys.exit(1 if check else 0)


def schemas(components: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each event type with its schema."""
    for component, types in DESCRIBED.items():
        if component in components:
            for type_, description in types.items():
                yield type_, _schema(type_, description, component, components)


def _schema(type_: str, description: str, component: str, components: Mapping[str, Any]) -> dict[str, Any]:
    definitions = dict(_reached(component, components))
    whole = definitions[component]
    beside = {name: {"$ref": f"#/$defs/{component}/properties/{name}"} for name in whole["properties"]}
    data: dict[str, Any] = {
        "type": "object",
        "description": "`object`, and its fields once more beside it.",
        "required": ["object", *(name for name in whole["required"] if name != "object")],
        "properties": {**beside, "object": {"$ref": f"#/$defs/{component}"}},
        "additionalProperties": False,
    }
    if type_.endswith(".updated"):
        data["required"].append("previous_attributes")
        data["properties"]["previous_attributes"] = {
            "type": "object",
            "description": "What has changed, as it was before; null where it was unset.",
            "propertyNames": {"enum": list(whole["properties"])},
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:revkeen:event:{type_}:v1",
        "title": type_,
        "description": description,
        "type": "object",
        "required": list(_envelope(type_)),
        "properties": _envelope(type_) | {"data": data},
        "additionalProperties": False,
        "$defs": definitions,
    }


def _envelope(type_: str) -> dict[str, Any]:
    texts = {"type": ["string", "null"]}
    return {
        "id": {
            "type": "string",
            "pattern": "^evt_[0-9a-f]{32}$",
            "description": "The same for every delivery of this event.",
        },
        "object": {"const": "event"},
        "type": {"const": type_},
        "created": {"type": "integer", "minimum": 0, "description": "Unix seconds."},
        "created_at": {"type": "string", "format": "date-time", "pattern": PATTERN_OF_INSTANT},
        "livemode": {"type": "boolean"},
        "api_version": {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\d$"},
        "account": {"type": "string", "pattern": "^mer_[0-9a-f]{32}$", "description": "The merchant."},
        "pending_webhooks": {"type": "integer", "minimum": 0},
        "request": {
            "description": "The API request that made the change; null if none did.",
            "anyOf": [
                {
                    "type": "object",
                    "required": ["id", "idempotency_key"],
                    "properties": {"id": texts, "idempotency_key": texts},
                    "additionalProperties": False,
                },
                {"type": "null"},
            ],
        },
        "version": {
            "type": "integer",
            "minimum": 1,
            "description": "The object's version: per object, higher is later.",
        },
        "data": {},
    }


def _reached(component: str, components: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a component and all that it refers to, with references that hold within one schema."""
    waiting, seen = [component], {component}
    while waiting:
        name = waiting.pop(0)
        text = json.dumps(components[name])
        for other in components:
            if f'"#/components/schemas/{other}"' in text and other not in seen:
                seen.add(other)
                waiting.append(other)
        yield name, json.loads(text.replace("#/components/schemas/", "#/$defs/"))


if __name__ == "__main__":
    main()
