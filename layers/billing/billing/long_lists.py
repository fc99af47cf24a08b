"""Pages of lists that are too long to be read whole: all objects of a kind, or those that share a facet."""

import heapq
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from billing.table import Item, Keys, facets, table
from billing.table.ranked import RankedList
from billing.tenancy import Tenant
from billing.wire import CursorQuery, PageQuery, refuse

FURTHEST_SKIPPED = 1_000
"""How many objects of a facet can be skipped; beyond, a cursor goes on."""
MOST_COUNTED = 1_000
"""How many objects of a facet are counted."""
MOST_LOOKED_AT = 5_000
"""How many objects are looked at for one page of a span of time."""

_LOOKED_AT_ONCE = 500
_SIDE_BY_SIDE_SECONDS = 300
"""Requests that run side by side draw their numbers in another order than that of their moments, by less than this."""


@dataclass(frozen=True, slots=True)
class Found:
    """The items of one page, newest first. `offset` and `total` are None where the list does not know them."""

    items: Sequence[Item]
    has_more: bool
    offset: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time in Unix seconds, both ends in it; an end that is None is open."""

    first: int | None = None
    last: int | None = None

    @property
    def is_everything(self) -> bool:
        """Whether no end is given."""
        return self.first is None and self.last is None

    def __contains__(self, second: object) -> bool:
        """Whether a second lies in it."""
        if not isinstance(second, int):
            return False
        return (self.first is None or second >= self.first) and (self.last is None or second <= self.last)

    def is_passed(self, second: int | None, *, newest_first: bool) -> bool:
        """Whether nothing of it can follow a row of this second, in the order in which numbers are drawn."""
        if second is None:
            return False
        if newest_first:
            return self.first is not None and second < self.first - _SIDE_BY_SIDE_SECONDS
        return self.last is not None and second > self.last + _SIDE_BY_SIDE_SECONDS


_EVERYTHING = Span()


@dataclass(frozen=True, slots=True)
class LongList:
    """The objects of one kind of a tenant. `noun` is what a refused cursor is said not to be; `parse` reads an id."""

    tenant: Tenant
    kind: str
    noun: str
    parse: Callable[[str], str | None]

    def page(
        self,
        query: CursorQuery,
        facet: str | Sequence[str] | None = None,
        *,
        counted: bool = False,
        span: Span = _EVERYTHING,
    ) -> Found:
        """Return the page that a query asks for, of all objects or of those with a facet, or with any of several.

        Several facets must be such that an object has one of them at a time, in the order in which it passes through
        them: what moves on while they are read is then never missed. `counted` has those with a facet counted, up to
        1,000 of them; all objects are counted anyway.

        `span`, of objects with a facet whose rows tell when they were created, leaves only those of that time. They
        are looked for among the rows, newest first, and no further than 5,000 of them: a page may come up short and
        still have more. A live tenant's rows stand in the order of their time, so there the search also ends where
        the span does; a sandbox tenant's test clock can be set back.

        Raises:
            InvalidFields: a cursor names no object of the tenant; more than 1,000 objects were to be skipped; 5,000
                objects were looked at and none is of the span, with the cursor from which to look further.
        """
        if facet is None:
            return self._ranked(query)
        return self._faceted(query, [facet] if isinstance(facet, str) else facet, span, counted=counted)

    def _ranked(self, query: CursorQuery) -> Found:
        ranked = RankedList(self.tenant, self.kind)
        offset = None
        if query.starting_after is not None:
            page = ranked.older(self._place("starting_after", query.starting_after), query.limit)
        elif query.ending_before is not None:
            page = ranked.newer(self._place("ending_before", query.ending_before), query.limit)
        else:
            offset = _first(query)
            page = ranked.page(offset, query.limit)
        return Found(page.items, page.has_more, offset, page.total)

    def _faceted(self, query: CursorQuery, wanted: Collection[str], span: Span, *, counted: bool) -> Found:
        # What is counted holds most pages, and most of the objects that cursors name.
        newest = self._rows(wanted, MOST_COUNTED, None, None) if counted else None
        offset = None
        older_than = newer_than = None
        if query.starting_after is not None:
            older_than = self._place("starting_after", query.starting_after, newest)
        elif query.ending_before is not None:
            newer_than = self._place("ending_before", query.ending_before, newest)
        else:
            offset = _first(query)
            if offset > FURTHEST_SKIPPED:
                named = "offset" if getattr(query, "offset", None) is not None else "page"
                reason = f"can skip at most {FURTHEST_SKIPPED} objects of a filtered list; use starting_after to go on"
                raise refuse(named, reason)
        skipped = offset or 0
        needed = skipped + query.limit + 1
        stopped_at = None
        if span.is_everything:
            among = _among(newest, needed, older_than, newer_than) if newest is not None else None
            rows = among if among is not None else self._rows(wanted, needed, older_than, newer_than)
        else:
            rows, stopped_at = self._within(span, wanted, needed, older_than, newer_than)
        shown = rows[-query.limit :] if newer_than is not None else rows[skipped : skipped + query.limit]
        if stopped_at and not shown:
            cursor = "starting_after" if newer_than is None else "ending_before"
            reason = f"none of {MOST_LOOKED_AT} objects is of that time; send {cursor}={stopped_at.id} to look further"
            raise refuse("created_lte" if newer_than is None else "created_gte", reason)
        keys = Keys(self.tenant)
        items = table().get_all([keys.entity(self.kind, row.id) for row in shown]) if shown else []
        has_more = len(rows) == needed or stopped_at is not None
        total = len(newest) if newest is not None else None
        return Found([item for item in items if item], has_more, offset, total)

    def _within(
        self, span: Span, wanted: Collection[str], limit: int, older_than: int | None, newer_than: int | None
    ) -> tuple[Sequence[facets.Row], facets.Row | None]:
        """Return up to `limit` rows of a span, newest first, and the row at which looking for more was given up."""
        newest_first = newer_than is None
        is_in_order = self.tenant.livemode
        found: list[facets.Row] = []
        stopped_at = None
        for _ in range(MOST_LOOKED_AT // _LOOKED_AT_ONCE):
            rows = self._rows(wanted, _LOOKED_AT_ONCE, older_than, newer_than)
            met = rows if newest_first else rows[::-1]
            found += [row for row in met if row.created in span]
            is_over = len(rows) < _LOOKED_AT_ONCE or len(found) >= limit
            if is_over or (is_in_order and span.is_passed(met[-1].created, newest_first=newest_first)):
                stopped_at = None
                break
            stopped_at = met[-1]
            older_than, newer_than = (stopped_at.sequence, None) if newest_first else (None, stopped_at.sequence)
        found = found[:limit]
        return (found if newest_first else found[::-1]), stopped_at

    def _rows(
        self, wanted: Collection[str], limit: int, older_than: int | None, newer_than: int | None
    ) -> Sequence[facets.Row]:
        """Return up to `limit` rows with any of the facets, newest first; with `newer_than` the nearest newer ones."""
        found = [
            facets.rows(self.tenant, self.kind, each, limit, older_than=older_than, newer_than=newer_than)
            for each in wanted
        ]
        # What has moved on between two of the queries is met twice.
        met = {row.sequence: row for row in heapq.merge(*found, key=lambda row: row.sequence, reverse=True)}
        rows = list(met.values())
        return rows[:limit] if newer_than is None else rows[-limit:]

    def _place(self, param: str, text: str, known: Sequence[facets.Row] | None = None) -> int:
        """Return the place of the object that a cursor names: one that is gone keeps it.

        `known` are rows that may tell without a read.

        Raises:
            InvalidFields: the tenant has no such object.
        """
        object_id = self.parse(text)
        for row in known or ():
            if row.id == object_id:
                return row.sequence
        item = table().get(Keys(self.tenant).entity(self.kind, object_id)) if object_id else None
        if item is None:
            raise refuse(param, f"must be the id of {self.noun}")
        return int(item["sequence"])


def _among(
    newest: Sequence[facets.Row], limit: int, older_than: int | None, newer_than: int | None
) -> Sequence[facets.Row] | None:
    """Return what `_rows` would from the newest rows, which were read to be counted; None if it needs older ones."""
    is_whole = len(newest) < MOST_COUNTED
    if newer_than is not None:
        if not is_whole and newer_than < newest[-1].sequence:
            return None
        return [row for row in newest if row.sequence > newer_than][-limit:]
    older = [row for row in newest if older_than is None or row.sequence < older_than][:limit]
    return older if is_whole or len(older) == limit else None


def _first(query: CursorQuery) -> int:
    return query.first() if isinstance(query, PageQuery) else 0
