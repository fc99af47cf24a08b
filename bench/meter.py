"""What a call asks of DynamoDB: its round trips, and the capacity that DynamoDB says they consumed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Usage:
    """What one call came to. Retried requests count once more; capacity is in read and write units together."""

    round_trips: int = 0
    units: float = 0


class Meter:
    """Listens to a botocore client."""

    def __init__(self, client: Any) -> None:
        self._usage: Usage | None = None
        events = client.meta.events
        events.register("provide-client-params.dynamodb", self._ask)
        events.register("before-send.dynamodb", self._sent)
        events.register("after-call.dynamodb", self._answered)

    @contextmanager
    def metered(self) -> Iterator[Usage]:
        """Count while the context lasts."""
        self._usage = usage = Usage()
        try:
            yield usage
        finally:
            self._usage = None

    def _ask(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if self._usage and "ReturnConsumedCapacity" in model.input_shape.members:
            params["ReturnConsumedCapacity"] = "TOTAL"

    def _sent(self, **_: Any) -> None:
        if self._usage:
            self._usage.round_trips += 1

    def _answered(self, parsed: dict[str, Any], **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity") or []
        for each in consumed if isinstance(consumed, list) else [consumed]:
            if self._usage:
                self._usage.units += each["CapacityUnits"]
