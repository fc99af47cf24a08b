"""Publishing what a batch of stream records means, in order, and saying how far it got.

Order holds per object: its later event is not sent before its earlier one was taken. A call therefore carries at most
one event of an object, and events of different objects travel together.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from billing.events.bus import CALL_SECONDS, MOST_ENTRIES, TOO_MANY_BYTES, Bus, size_of
from billing.events.changes import events_in

MOST_ATTEMPTS = 6
"""How often an entry is sent before its record is reported; the stream then tries the whole record again."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The first record that is not done; `event_id` is None where the record itself can't be read."""

    position: int
    reason: str
    event_id: str | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a batch: everything before `failure` is published, nothing of its object after it is."""

    failure: Failure | None = None
    published: Counter[str] = field(default_factory=Counter)

    def fails(self, failure: Failure) -> None:
        """Keep the failure if it is the earliest."""
        if self.failure is None or failure.position < self.failure.position:
            self.failure = failure


@dataclass(slots=True, eq=False)
class _Sending:
    """An event on its way: the position of its record in the batch, and the object whose order it must keep."""

    position: int
    object: str
    event_id: str
    entry: dict[str, Any]
    size: int
    attempts: int = 0
    taken: bool = False

    def failed(self, reason: str) -> Failure:
        return Failure(self.position, reason, self.event_id)


def publish(
    records: Sequence[Mapping[str, Any]],
    bus: Bus,
    *,
    remaining_seconds: Callable[[], float],
    pause: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Publish the events of stream records until all are taken, time is short, or one fails for good.

    Nothing after a failure is sent any more: the stream delivers from there once more, so that it would only go out
    twice. What went out before the failure showed itself does go out twice, under the same id.
    """
    outcome = Outcome()
    waiting = _readable(records, bus, outcome)
    while waiting:
        for call in _calls(_heads(waiting)):
            if remaining_seconds() < CALL_SECONDS:
                first = next(each for each in waiting if not each.taken)
                outcome.fails(first.failed("OutOfTime"))
                return outcome
            _send(_before(outcome.failure, call), bus, outcome)
        waiting = _before(outcome.failure, [each for each in waiting if not each.taken])
        refused = max((each.attempts for each in waiting), default=0)
        if refused:
            pause(_jittered(refused))
    return outcome


def _send(call: Sequence[_Sending], bus: Bus, outcome: Outcome) -> None:
    """Send what one call carries, and note for each entry what became of it."""
    if not call:
        return
    for each, reason in zip(call, bus.put([each.entry for each in call]), strict=True):
        each.attempts += 1
        if reason is None:
            each.taken = True
            outcome.published[each.entry["DetailType"]] += 1
        elif each.attempts >= MOST_ATTEMPTS:
            outcome.fails(each.failed(reason))


def _readable(records: Sequence[Mapping[str, Any]], bus: Bus, outcome: Outcome) -> list[_Sending]:
    """Return the events of the records, up to the first record that can never be published."""
    waiting: list[_Sending] = []
    for position, record in enumerate(records):
        try:
            events = events_in(record)
            for event in events:
                entry = bus.entry(event)
                size = size_of(entry)
                if size >= TOO_MANY_BYTES:
                    outcome.fails(Failure(position, f"TooLarge: {size} bytes", event.id))
                    return _before(outcome.failure, waiting)
                waiting.append(_Sending(position, record["dynamodb"]["Keys"]["pk"]["S"], event.id, entry, size))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one record, those before it go out
            outcome.fails(Failure(position, f"Unreadable: {type(error).__name__}"))
            return _before(outcome.failure, waiting)
    return waiting


def _before(failure: Failure | None, waiting: Sequence[_Sending]) -> list[_Sending]:
    return [each for each in waiting if failure is None or each.position < failure.position]


def _heads(waiting: Sequence[_Sending]) -> list[_Sending]:
    """Return the earliest event of each object."""
    heads: dict[str, _Sending] = {}
    for each in waiting:
        heads.setdefault(each.object, each)
    return list(heads.values())


def _calls(sendings: Sequence[_Sending]) -> Iterator[list[_Sending]]:
    """Yield them in as few calls as order and the two limits allow."""
    call: list[_Sending] = []
    for each in sendings:
        if call and (len(call) == MOST_ENTRIES or sum(other.size for other in call) + each.size >= TOO_MANY_BYTES):
            yield call
            call = []
        call.append(each)
    if call:
        yield call


def _jittered(attempt: int) -> float:
    return random.uniform(0.05, 0.1 * 2 ** min(attempt, 5))  # noqa: S311 - jitter, not a secret
