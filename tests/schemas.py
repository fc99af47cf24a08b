"""The published schemas of events, as a check."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[1] / "docs" / "events"


@cache
def _validator(type_: str) -> Draft202012Validator:
    """Return the validator of the newest version of an event type's schema."""
    versions = sorted(SCHEMAS.glob(f"{type_}.v*.json"), key=lambda path: int(path.stem.rpartition(".v")[2]))
    assert versions, f"docs/events has no schema of {type_}"
    schema = json.loads(versions[-1].read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def validate_event(event: dict[str, Any]) -> None:
    """Check an event against the schema of its type."""
    _validator(event["type"]).validate(event)
