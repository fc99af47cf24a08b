"""Finding customers by words: the items that make it fast, kept from the stream, and the search itself.

One item per customer and word stands in the order word, then newest first. A search walks the items that begin with
its longest term and looks the customers up: the items are a guess, the customer decides. Results stand in the order
of the items, each customer at the first of its words that matches, so its place follows from the customer alone and
its id is all that a cursor needs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched, islice, pairwise
from typing import Any

from billing.customers.record import KIND, Record, key_of
from billing.customers.words import have_all, matching, terms_of, words_of
from billing.table import Item, Key, Keys, table
from billing.tenancy import Tenant
from billing.wire import refuse

_RARE = 500
"""A term with fewer items is answered from all of them."""
_PROBED = 3
"""Terms of one search that are tried for being rare."""
_AT_ONCE = 100
"""Customers that one round trip reads."""
_ENOUGH = 1_000
"""Customers looked at for a page that has something: it may stay short, the next page goes on."""
_TOO_MANY = 5_000
"""Customers looked at for a page that has nothing: then the search is refused, because no cursor could go on."""
_ITEMS_AT_ONCE = 1_000
_QUERIES = 20
_TRIES = 3
_HIGHEST = 10**12 - 1


@dataclass(frozen=True, slots=True)
class Found:
    """Customers that match, in the order of their words."""

    records: Sequence[Record]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Rewording:
    """Words of a customer that a change brought, took or moved."""

    tenant: Tenant
    customer_id: str
    sequence: int
    words: frozenset[str]

    @classmethod
    def between(cls, old: Record | None, new: Record) -> "Rewording":
        """Return what the change from one version to the next did; `old` is None for the first."""
        before, after = _entries(old), _entries(new)
        touched = {word for word in before.keys() | after.keys() if before.get(word) != after.get(word)}
        return cls(new.tenant, new.id, new.sequence, frozenset(touched))


def search(tenant: Tenant, text: str, *, limit: int, skip: int = 0, after: Record | None = None) -> Found:
    """Return customers that have, for every word of the text, a word that begins with it.

    A full page of a common word takes two round trips, three when it has a hundred customers. A page may come up
    short and still have more: bounded work had found no more, and the next page goes on.

    Raises:
        InvalidFields: `after` is no result of this search; or its words are each so common, and together so rare,
            that thousands of customers were looked at in vain.
    """
    terms = terms_of(text)
    if not terms:
        return Found([], has_more=False)
    place = ""
    if after is not None:
        place = _place(after, terms[0])
        if not place:
            raise refuse("starting_after", "is not a result of this search")
    rare = _rare(tenant, terms)
    if rare is None:
        return _walked(tenant, terms, limit=limit, skip=skip, after=place)
    hits = [record for record in _read(tenant, rare) if _holds(record, terms)]
    left = sorted(
        (record for record in hits if _place(record, terms[0]) > place),
        key=lambda record: _place(record, terms[0]),
    )
    return Found(left[skip : skip + limit], has_more=len(left) > skip + limit)


def project(rewordings: Iterable[Rewording]) -> None:
    """Bring the items of reworded customers up to the customers as they stand now.

    Of each word that any change ever touched, the item is written again as the present customer has it, so replays
    and old changes come to the same items.
    """
    touched: dict[tuple[Tenant, str, int], set[str]] = {}
    for each in rewordings:
        if each.words:
            touched.setdefault((each.tenant, each.customer_id, each.sequence), set()).update(each.words)
    for part in batched(touched.items(), _AT_ONCE, strict=False):
        _project(dict(part))


def _project(touched: Mapping[tuple[Tenant, str, int], Iterable[str]]) -> None:
    versions: dict[str, int] = {}
    # A second reader of old records may be at work too: who wrote last has to have seen the present version.
    for _ in range(_TRIES):
        puts: list[Item] = []
        deletions: list[Key] = []
        customers = table().get_all([key_of(tenant, customer_id) for tenant, customer_id, _ in touched])
        for ((tenant, customer_id, sequence), words), item in zip(touched.items(), customers, strict=True):
            version = item["version"] if item else 0
            if versions.get(customer_id) == version:
                continue
            versions[customer_id] = version
            entries = _entries(Record.from_item(item) if item else None)
            for word in words:
                key = _key(tenant, word, sequence, customer_id)
                if word in entries:
                    puts.append({**key, "customer_id": customer_id, "shared": entries[word]})
                else:
                    deletions.append(key)
        if not puts and not deletions:
            return
        table().put_all(puts, deletions)


def _entries(record: Record | None) -> dict[str, int]:
    """Return each word with how many characters it shares with the customer's word before it.

    A search for more characters than that finds the customer here first; for fewer it has found it at an earlier word.
    """
    if record is None or record.deleted_at:
        return {}
    return {word: _shared(earlier, word) for earlier, word in pairwise(["", *sorted(words_of(record.texts))])}


def _shared(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _key(tenant: Tenant, word: str, sequence: int, customer_id: str) -> Key:
    return {"pk": Keys(tenant).words(KIND, word[0]), "sk": f"{word}#{_HIGHEST - sequence:012d}#{customer_id}"}


def _place(record: Record, term: str) -> str:
    """Return where a customer stands among the results for a term; empty when it is none, deleted or not."""
    word = matching(words_of(record.texts), term)
    return _key(record.tenant, word, record.sequence, record.id)["sk"] if word else ""


def _holds(record: Record, terms: tuple[str, ...]) -> bool:
    return not record.deleted_at and have_all(words_of(record.texts), terms)


def _rare(tenant: Tenant, terms: tuple[str, ...]) -> list[str] | None:
    """Return the customers of a term that few have, None if there is no such term or no choice of one.

    The longest term is likely the rarest, but not when it is a common e-mail domain.
    """
    if len(terms) == 1:
        return None
    for term in terms[:_PROBED]:
        page = table().query(
            "pk = :pk AND begins_with(sk, :term)",
            {":pk": Keys(tenant).words(KIND, term[0]), ":term": term},
            limit=_RARE,
        )
        if page.last_key is None:
            return [item["customer_id"] for item in page.items if item["shared"] < len(term)]
    return None


def _walked(tenant: Tenant, terms: tuple[str, ...], *, limit: int, skip: int, after: str) -> Found:
    wanted = skip + limit + 1
    first = max(2 * wanted, _AT_ONCE if len(terms) > 1 else 0)
    walk = _Walk(tenant, terms[0], after, first=min(first, _ITEMS_AT_ONCE))
    candidates = iter(walk)
    hits: list[Record] = []
    looked_at = 0
    while len(hits) < wanted and looked_at < (skip + _ENOUGH if len(hits) > skip else _TOO_MANY):
        # One term finds what it looks for, but for stale items; several need to look further.
        at_once = _AT_ONCE if len(terms) > 1 else min(_AT_ONCE, max(wanted - len(hits), 10))
        part = list(islice(candidates, at_once))
        if not part:
            break
        looked_at += len(part)
        places = {item["sk"] for item in part}
        hits += [
            record
            for record in _read(tenant, dict.fromkeys(item["customer_id"] for item in part))
            if _holds(record, terms) and _place(record, terms[0]) in places
        ]
    has_more = len(hits) >= wanted or not walk.ended
    if has_more and len(hits) <= skip:
        raise refuse("search", "matches too many customers with each word and too few with all; add letters to a word")
    return Found(hits[skip : skip + limit], has_more)


class _Walk:
    """The items of a term from a place on, without those of a customer that has an earlier one."""

    def __init__(self, tenant: Tenant, term: str, after: str, *, first: int) -> None:
        self.ended = False
        """Whether the walk came to the end of the items and not of its bound."""
        self._partition = Keys(tenant).words(KIND, term[0])
        self._term = term
        # The next character after # is higher than any that goes on from a whole place, and lower than any other's.
        self._from = f"{after}$" if after else term
        self._first = first

    def __iter__(self) -> Iterator[Item]:
        start: Mapping[str, Any] | None = None
        for query in range(_QUERIES):
            page = table().query(
                "pk = :pk AND sk BETWEEN :from AND :to",
                {":pk": self._partition, ":from": self._from, ":to": f"{self._term}\U0010ffff"},
                limit=_ITEMS_AT_ONCE if query else self._first,
                newest_first=False,
                start=start,
            )
            yield from (item for item in page.items if item["shared"] < len(self._term))
            start = page.last_key
            if start is None:
                self.ended = True
                return


def _read(tenant: Tenant, customer_ids: Iterable[str]) -> Iterator[Record]:
    for part in batched(customer_ids, _AT_ONCE, strict=False):
        for item in table().get_all([key_of(tenant, customer_id) for customer_id in part]):
            if item is not None:
                yield Record.from_item(item)
