"""Lists that know the rank of every object: any page costs what the first one costs.

A list is the index `lists`: live objects by the sequence number that the tenant's counter gave them, newest first.
Beside it stand derived items, written from the stream: per 1,024 sequence numbers a map of who was born and who is
gone, per 1,024 maps their counts of live objects. Counts, then one map, then one query of the index give any page.

What the stream has not brought yet is read from the index and counted in: everything above the watermark, the highest
sequence number in any map. A deletion that is still on its way makes an object appear on two neighbouring pages; a
creation that is overtaken by a newer one (the stream keeps order per object only) may be missed between two pages.
Both pass with the stream's delay, a second or so; a page by cursor depends on neither.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched

from billing.errors import Unavailable
from billing.table.items import Item, Key
from billing.table.keys import Keys
from billing.table.ranks import WIDTH, Counts, RankMap
from billing.table.table import Raced, table
from billing.table.transaction import Transaction
from billing.tenancy import Tenant

INDEX = "lists"

_LARGEST_SEQUENCE = 10**15
_BACKLOG_QUERIES = 8
"""How many queries may count what the stream has not brought yet: 8 MB of objects, some ten thousand."""
_WRITES = 100
"""What one transaction may write, and one batch read."""
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Page:
    """Objects of a list, newest first; `has_more` says whether the list goes on in the direction of reading."""

    items: Sequence[Item]
    has_more: bool
    total: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of one object: its place in a list, and whether it has left it for good."""

    tenant: Tenant
    kind: str
    sequence: int
    gone: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """One map of one list."""

    tenant: Tenant
    kind: str
    number: int

    @property
    def map_key(self) -> Key:
        return Keys(self.tenant).rank_map(self.kind, self.number)

    @property
    def count_key(self) -> Key:
        return Keys(self.tenant).rank_count(self.kind, self.number // WIDTH)


@dataclass(frozen=True, slots=True)
class _Standing:
    """A list as its counts describe it up to the watermark, and the sequence numbers of the objects above it."""

    groups: Mapping[int, Item]
    watermark: int
    newer: Sequence[int]

    @property
    def total(self) -> int:
        live: int = sum(group["live"] for group in self.groups.values())
        return live + len(self.newer)

    def find(self, rank: int) -> tuple[int, int] | None:
        """Return the number of the map that holds the object at `rank`, and its rank within."""
        rank -= len(self.newer)
        for number in sorted(self.groups, reverse=True):
            group = self.groups[number]
            if rank < group["live"]:
                found = Counts.from_bytes(group["counts"], group["watermark"]).find(rank)
                return (number * WIDTH + found[0], found[1]) if found else None
            rank -= group["live"]
        return None


class RankedList:
    """The live objects of one kind, newest first."""

    def __init__(self, tenant: Tenant, kind: str) -> None:
        self._keys = Keys(tenant)
        self._kind = kind

    def page(self, offset: int, limit: int) -> Page:
        """Return `limit` objects after the `offset` newest ones.

        Two round trips for the first page and three for any other; one more while there are numbers above the
        watermark, and more only when objects fill a megabyte or the stream is thousands of objects behind.
        """
        standing = self._standing()
        if offset == 0:
            start: int | None = _LARGEST_SEQUENCE
        elif offset >= standing.total:
            start = None
        else:
            start = self._sequence_at(standing, offset)
        if start is None:
            return Page([], has_more=False, total=standing.total)
        rows, has_more = self._rows(limit, at_most=start)
        return Page(rows, has_more, standing.total)

    def older(self, sequence: int, limit: int) -> Page:
        """Return the `limit` objects next older than a sequence number."""
        total = self._standing().total
        rows, has_more = self._rows(limit, at_most=sequence - 1)
        return Page(rows, has_more, total)

    def newer(self, sequence: int, limit: int) -> Page:
        """Return the `limit` objects next newer than a sequence number; `has_more` is about still newer ones."""
        total = self._standing().total
        rows, has_more = self._rows(limit, at_least=sequence + 1)
        return Page(rows[::-1], has_more, total)

    def _standing(self) -> _Standing:
        last = 0
        groups: dict[int, Item] = {}
        for item in self._items("pk = :pk", {":pk": self._keys.ranks(self._kind)}):
            if item["sk"] == "sequence":
                last = item["last"]
            else:
                groups[int(item["sk"].removeprefix("count#"))] = item
        watermark = max((group["watermark"] for group in groups.values()), default=0)
        return _Standing(groups, watermark, self._above(watermark) if last > watermark else [])

    def _items(self, condition: str, values: Mapping[str, str]) -> Iterator[Item]:
        start: Mapping[str, object] | None = None
        while True:
            page = table().query(condition, values, start=start)
            yield from page.items
            start = page.last_key
            if start is None:
                return

    def _above(self, watermark: int) -> list[int]:
        found: list[int] = []
        start: Mapping[str, object] | None = None
        for _ in range(_BACKLOG_QUERIES):
            page = table().query(
                "#list = :list AND #sequence > :watermark",
                {":list": self._keys.listing(self._kind), ":watermark": watermark},
                index=INDEX,
                only="sequence",
                start=start,
            )
            found += [item["sequence"] for item in page.items]
            start = page.last_key
            if start is None:
                break
        return found

    def _sequence_at(self, standing: _Standing, rank: int) -> int | None:
        if rank < len(standing.newer):
            return standing.newer[rank]
        found = standing.find(rank)
        if found is None:
            return None
        number, rank_within = found
        item = table().get(self._keys.rank_map(self._kind, number))
        # The map may know newer objects by now than the counts did; those are counted already.
        place = _map_of(item).until(standing.watermark - number * WIDTH).find(rank_within)
        # Deletions that came between the two reads: going on below the map shows an object twice and skips none.
        return number * WIDTH + (place if place is not None else -1)

    def _rows(self, limit: int, *, at_most: int | None = None, at_least: int | None = None) -> tuple[list[Item], bool]:
        """Return `limit` rows from a bound on, and whether there are more: one query unless they fill a megabyte."""
        rows: list[Item] = []
        start: Mapping[str, object] | None = None
        while len(rows) <= limit:
            page = table().query(
                f"#list = :list AND #sequence {'<=' if at_least is None else '>='} :bound",
                {":list": self._keys.listing(self._kind), ":bound": at_most if at_least is None else at_least},
                index=INDEX,
                limit=limit + 1 - len(rows),
                newest_first=at_least is None,
                start=start,
            )
            rows += page.items
            start = page.last_key
            if start is None:
                break
        return rows[:limit], len(rows) > limit


def project(listed: Iterable[Listed], remaining_seconds: Callable[[], float]) -> None:
    """Bring maps and counts up to what is known of some objects.

    Two round trips, read and write, for every hundred items that they touch; one if all was known before. A map and
    its count change together or not at all.

    Raises:
        Unavailable: the table was busy, or others kept changing the same maps, for longer than there is time.
    """
    known: dict[_Place, RankMap] = {}
    for each in listed:
        place = _Place(each.tenant, each.kind, each.sequence // WIDTH)
        known[place] = known.get(place, RankMap()).merged(RankMap.of(each.sequence, gone=each.gone))
    # With as many counts as maps a part still fits one transaction.
    for part in batched(known.items(), _WRITES // 2, strict=False):
        _project(dict(part), remaining_seconds)


def _project(known: Mapping[_Place, RankMap], remaining_seconds: Callable[[], float]) -> None:
    for _ in range(_TRIES):
        transaction = _bringing_up(known)
        try:
            table().write(transaction, remaining_seconds)
        except Raced:
            continue  # another shard of the stream has changed one of these items
        return
    raise Unavailable


def _bringing_up(known: Mapping[_Place, RankMap]) -> Transaction:
    """Read the items and return what must be written to them: nothing if they know it all."""
    map_keys = [place.map_key for place in known]
    count_keys = list({place.count_key["pk"] + place.count_key["sk"]: place.count_key for place in known}.values())
    items = table().get_all(map_keys + count_keys)
    maps = dict(zip(known, items, strict=False))
    transaction = Transaction()
    for count_key, counts in zip(count_keys, items[len(map_keys) :], strict=True):
        changed: dict[int, RankMap] = {}
        for place, item in maps.items():
            before = _map_of(item)
            after = before.merged(known[place])
            if place.count_key == count_key and after != before:
                changed[place.number] = after
                born, gone = after.to_bytes()
                _put(transaction, place.map_key, item, {"born": born, "gone": gone})
        if changed:
            before_counts = Counts.from_bytes(counts["counts"], counts["watermark"]) if counts else Counts()
            after_counts = before_counts.updated(changed)
            _put(
                transaction,
                count_key,
                counts,
                {
                    "counts": after_counts.to_bytes(),
                    "live": sum(after_counts.live),
                    "watermark": after_counts.watermark,
                },
            )
    return transaction


def _put(transaction: Transaction, key: Key, before: Item | None, after: Item) -> None:
    version = before["version"] if before else 0
    transaction.put(key, {**after, "version": version + 1}, over=version)


def _map_of(item: Item | None) -> RankMap:
    return RankMap.from_bytes(item["born"], item["gone"]) if item else RankMap()
