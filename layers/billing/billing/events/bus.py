"""The port to EventBridge."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from billing.events.models import Event

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient

SOURCE = "revkeen.billing"

MOST_ENTRIES = 10
"""Entries in one call."""
TOO_MANY_BYTES = 256 * 1024
"""A call's entries must come to less than this."""
CALL_SECONDS = 5.0
"""More than a call may last."""


class Bus:
    """An event bus."""

    def __init__(self, client: "EventBridgeClient", name: str) -> None:
        self._client = client
        self._name = name

    def entry(self, event: Event) -> dict[str, Any]:
        """Return the event as PutEvents wants it."""
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": event.type,
            "Time": datetime.fromisoformat(event.created_at),
            "Detail": json.dumps(event.to_wire(), ensure_ascii=False, separators=(",", ":")),
        }

    def put(self, entries: Sequence[Mapping[str, Any]]) -> list[str | None]:
        """Send entries in one call; return for each why it was not taken, or None if it was."""
        try:
            answer = self._client.put_events(Entries=cast("Any", list(entries)))
        except ClientError as error:
            return [error.response["Error"]["Code"]] * len(entries)
        except BotoCoreError as error:
            return [type(error).__name__] * len(entries)
        results = answer["Entries"]
        if len(results) != len(entries):
            return ["IncompleteAnswer"] * len(entries)
        return [None if result.get("EventId") else result.get("ErrorCode", "Unknown") for result in results]


def size_of(entry: Mapping[str, Any]) -> int:
    """Return what an entry counts in bytes: 14 for its time, and the UTF-8 of its texts (EventBridge User Guide)."""
    return 14 + sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail"))


@cache
def bus() -> Bus:
    """Return the bus of this environment (`BUS_NAME`), its client opened once per process."""
    # Not retried here: whoever publishes knows how much time is left and which entries failed.
    config = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 1})
    client = botocore.session.get_session().create_client("events", config=config)
    return Bus(cast("EventBridgeClient", client), os.environ["BUS_NAME"])
