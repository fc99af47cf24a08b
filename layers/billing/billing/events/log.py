"""The event log: 30 days of events, by id and in lists (contract §H).

An event is kept once, under its id. Pointers to it stand in partitions for the whole tenant, for its type and each
wildcard that means it, and for each object it is about, all in the same order. A list reads the narrowest partitions.
"""

import heapq
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing.errors import NotFound
from billing.events.models import FACETS, Event, ListEvents, matches
from billing.ids import parse_id
from billing.table import Item, Keys, table
from billing.tenancy import Caller, Tenant
from billing.wire import Listing, refuse

RETENTION_SECONDS = 30 * 24 * 60 * 60
"""How long an event can be read."""

MOST_READ = 5000
"""Pointers that one list looks at when no partition holds exactly what is asked for."""
_FILTERED_PAGE = 500

_KIND = "event"


def record(event: Event) -> None:
    """Keep an event. Repeatable: an event that is delivered twice is kept once.

    The event goes first, so that no pointer leads nowhere.
    """
    keys = Keys(Tenant(event.account, event.livemode))
    expires_at = event.created + RETENTION_SECONDS
    place = _place(event)
    objects = _objects(event)
    body = json.dumps(event.to_wire(), ensure_ascii=False, separators=(",", ":"))
    kept = {"entity": _KIND, "id": event.id, "place": place, "body": body, "expires_at": expires_at}
    pointer = {"sk": place, "id": event.id, "type": event.type, "objects": objects, "expires_at": expires_at}
    partitions = [
        keys.log(),
        *(keys.log("type", pattern) for pattern in _patterns(event.type)),
        *(keys.log(name, id) for name, id in objects.items()),  # noqa: A001 - the contract's word
    ]
    table().put_all([{**keys.entity(_KIND, event.id), **kept}])
    table().put_all([{"pk": partition, **pointer} for partition in partitions])


def get(caller: Caller, event_id: str) -> Event:
    """Return an event.

    Raises:
        NotFound: the tenant has no such event, or it is older than 30 days.
    """
    item = _read(caller, event_id)
    if item is None:
        raise NotFound("event", event_id)
    return _event(item)


def find(caller: Caller, query: ListEvents) -> Listing[Event]:
    """Return one page of the tenant's events, newest first.

    Raises:
        InvalidFields: a cursor that names no event; or a search that has looked at 5,000 events and found none,
            with the moment from which to go on.
    """
    keys = Keys(caller.tenant)
    stretch = _stretch(caller, query)
    partitions, exact = _partitions(keys, query)
    read_at_once = query.limit + 2 if exact else _FILTERED_PAGE
    walks = [_walk(partition, stretch, read_at_once) for partition in partitions]
    merged = heapq.merge(*walks, key=lambda pointer: pointer["sk"], reverse=stretch.newest_first)
    beyond_cursor = (pointer for pointer in merged if pointer["sk"] != stretch.cursor)
    seen = _Seen(itertools.islice(beyond_cursor, MOST_READ))
    wanted = (pointer for pointer in seen if _is_wanted(pointer, query))
    found = list(itertools.islice(_distinct(wanted), query.limit + 1))
    stopped = len(found) <= query.limit and seen.count == MOST_READ
    if stopped and not found:
        raise _look_further(seen.last, stretch)
    shown = found[: query.limit]
    if not stretch.newest_first:
        shown.reverse()
    items = table().get_all([keys.entity(_KIND, pointer["id"]) for pointer in shown]) if shown else []
    # TTL deletes one item at a time: an event may go a moment before its pointer.
    return Listing([_event(item) for item in items if item], len(found) > query.limit or stopped, query.limit)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The part of a partition to read, both ends included; `cursor` is the one place in it that is not meant."""

    low: str
    high: str
    cursor: str | None
    newest_first: bool


class _Seen(Iterator[Item]):
    """Counts the pointers that pass, and remembers the last."""

    def __init__(self, pointers: Iterable[Item]) -> None:
        self._pointers = iter(pointers)
        self.count = 0
        self.last: Item = {}

    def __next__(self) -> Item:
        self.last = next(self._pointers)
        self.count += 1
        return self.last


def _stretch(caller: Caller, query: ListEvents) -> _Stretch:
    # What has expired and is not deleted yet (TTL comes late) lies below the lowest place.
    oldest = int(caller.call.now.timestamp()) - RETENTION_SECONDS + 1
    low = _from_second(max(oldest, query.created_gte or 0))
    high = "~" if query.created_lte is None else _through_second(query.created_lte)
    if query.starting_after:
        cursor = _cursor(caller, "starting_after", query.starting_after)
        return _Stretch(low, min(high, cursor), cursor, newest_first=True)
    if query.ending_before:
        cursor = _cursor(caller, "ending_before", query.ending_before)
        return _Stretch(max(low, cursor), high, cursor, newest_first=False)
    return _Stretch(low, high, None, newest_first=True)


def _cursor(caller: Caller, param: str, text: str) -> str:
    event_id = parse_id("evt", text)
    item = _read(caller, event_id) if event_id else None
    if item is None:
        raise refuse(param, "is not the id of an event")
    place: str = item["place"]
    return place


def _partitions(keys: Keys, query: ListEvents) -> tuple[list[str], bool]:
    """Return the narrowest partitions that hold everything asked for, and whether they hold nothing else."""
    facets = query.facets()
    patterns = query.patterns()
    if facets:
        # A customer has the most events of the four, so any other object is the narrower choice.
        name = next((name for name in facets if name != "customer"), "customer")
        return [keys.log(name, facets[name])], len(facets) == 1 and not patterns
    if not patterns:
        return [keys.log()], True
    fewest = min(patterns, key=len)
    if "*" in fewest:
        return [keys.log()], len(patterns) == 1
    return [keys.log("type", pattern) for pattern in fewest], len(patterns) == 1


def _walk(partition: str, stretch: _Stretch, read_at_once: int) -> Iterator[Item]:
    """Yield a partition's pointers, reading on as they are asked for."""
    if stretch.low > stretch.high:
        return
    start: Mapping[str, Any] | None = None
    while True:
        page = table().query(
            "pk = :pk AND sk BETWEEN :low AND :high",
            {":pk": partition, ":low": stretch.low, ":high": stretch.high},
            limit=read_at_once,
            newest_first=stretch.newest_first,
            start=start,
        )
        yield from page.items
        start = page.last_key
        if start is None:
            return


def _is_wanted(pointer: Item, query: ListEvents) -> bool:
    objects: Mapping[str, str] = pointer["objects"]
    return all(objects.get(name) == id for name, id in query.facets().items()) and all(  # noqa: A001 - as above
        any(matches(pointer["type"], pattern) for pattern in alternatives) for alternatives in query.patterns()
    )


def _distinct(pointers: Iterable[Item]) -> Iterator[Item]:
    """Yield each event once: one that several types mean comes from several partitions, side by side."""
    return (next(group) for _, group in itertools.groupby(pointers, key=lambda pointer: pointer["sk"]))


def _look_further(last: Item, stretch: _Stretch) -> Exception:
    second = int(last["sk"].partition("#")[0]) // 1000
    param = "created_lte" if stretch.newest_first else "created_gte"
    return refuse(param, f"none of {MOST_READ} events matches; send {param}={second} without a cursor to look further")


def _read(caller: Caller, event_id: str) -> Item | None:
    item = table().get(Keys(caller.tenant).entity(_KIND, event_id))
    return item if item and item["expires_at"] > caller.call.now.timestamp() else None


def _event(item: Item) -> Event:
    return Event.model_validate_json(item["body"])


def _place(event: Event) -> str:
    """Return where an event stands in every list: by its moment, then by its object's version."""
    milliseconds = round(datetime.fromisoformat(event.created_at).timestamp() * 1000)
    return f"{milliseconds:015d}#{event.version:010d}#{event.id}"


def _from_second(second: int) -> str:
    return f"{second * 1000:015d}"


def _through_second(second: int) -> str:
    return f"{second * 1000 + 999:015d}~"


def _patterns(type: str) -> Sequence[str]:  # noqa: A002 - the contract's word
    """Return the type and its wildcards: `customer.created`, `customer.*`."""
    parts = type.split(".")
    return [type, *(".".join(parts[:length]) + ".*" for length in range(1, len(parts)))]


def _objects(event: Event) -> dict[str, str]:
    """Return the ids of the objects that an event is about, by kind: the object itself and those that it names."""
    about = event.data["object"]
    named = {name: about.get("id" if about.get("object") == name else f"{name}_id") for name in FACETS}
    parsed = {name: parse_id(FACETS[name], text) for name, text in named.items() if isinstance(text, str)}
    return {name: id for name, id in parsed.items() if id}  # noqa: A001 - as above
