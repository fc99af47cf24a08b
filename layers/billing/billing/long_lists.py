"""Pages of lists that are too long to be read whole: all objects of a kind, or those that share a facet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from billing.table import Item, Keys, facets, table
from billing.table.ranked import RankedList
from billing.tenancy import Tenant
from billing.wire import CursorQuery, PageQuery, refuse

FURTHEST_SKIPPED = 1_000
"""How many objects of a facet can be skipped; beyond, a cursor goes on."""
MOST_COUNTED = 1_000
"""How many objects of a facet are counted."""


@dataclass(frozen=True, slots=True)
class Found:
    """The items of one page, newest first. `offset` and `total` are None where the list does not know them."""

    items: Sequence[Item]
    has_more: bool
    offset: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class LongList:
    """The objects of one kind of a tenant. `noun` is what a refused cursor is said not to be; `parse` reads an id."""

    tenant: Tenant
    kind: str
    noun: str
    parse: Callable[[str], str | None]

    def page(self, query: CursorQuery, facet: str | None = None, *, counted: bool = False) -> Found:
        """Return the page that a query asks for, of all objects or of those with a facet.

        `counted` has those with a facet counted, up to 1,000 of them; all objects are counted anyway.

        Raises:
            InvalidFields: a cursor names no object of the tenant; more than 1,000 objects were to be skipped.
        """
        return self._ranked(query) if facet is None else self._faceted(query, facet, counted=counted)

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

    def _faceted(self, query: CursorQuery, facet: str, *, counted: bool) -> Found:
        offset = None
        older_than = newer_than = None
        if query.starting_after is not None:
            older_than = self._place("starting_after", query.starting_after)
        elif query.ending_before is not None:
            newer_than = self._place("ending_before", query.ending_before)
        else:
            offset = _first(query)
            if offset > FURTHEST_SKIPPED:
                named = "offset" if getattr(query, "offset", None) is not None else "page"
                reason = f"can skip at most {FURTHEST_SKIPPED} objects of a filtered list; use starting_after to go on"
                raise refuse(named, reason)
        skipped = offset or 0
        rows = self._rows(facet, skipped + query.limit + 1, older_than, newer_than)
        if newer_than is not None:
            shown, has_more = rows[-query.limit :], len(rows) > query.limit
        else:
            shown, has_more = rows[skipped : skipped + query.limit], len(rows) > skipped + query.limit
        total = len(self._rows(facet, MOST_COUNTED, None, None)) if counted else None
        keys = Keys(self.tenant)
        items = table().get_all([keys.entity(self.kind, row.id) for row in shown]) if shown else []
        return Found([item for item in items if item], has_more, offset, total)

    def _rows(self, facet: str, limit: int, older_than: int | None, newer_than: int | None) -> Sequence[facets.Row]:
        return facets.rows(self.tenant, self.kind, facet, limit, older_than=older_than, newer_than=newer_than)

    def _place(self, param: str, text: str) -> int:
        """Return the place of the object that a cursor names: one that is gone keeps it.

        Raises:
            InvalidFields: the tenant has no such object.
        """
        object_id = self.parse(text)
        item = table().get(Keys(self.tenant).entity(self.kind, object_id)) if object_id else None
        if item is None:
            raise refuse(param, f"must be the id of {self.noun}")
        return int(item["sequence"])


def _first(query: CursorQuery) -> int:
    return query.first() if isinstance(query, PageQuery) else 0
