"""Pages of lists that are short enough to be read whole: the children of one object, a tenant's settings."""

from collections.abc import Sequence

from billing.ids import parse_id
from billing.wire import Listing, PageQuery, Resource, refuse


def page_of[R: Resource](whole: Sequence[R], query: PageQuery, *, prefix: str) -> Listing[R]:
    """Return the page of a whole list, newest first, that a query asks for; cursors are ids with this prefix.

    Raises:
        InvalidFields: a cursor names nothing in the list.
    """
    total = len(whole)
    if query.starting_after is not None:
        first = _place(whole, "starting_after", query.starting_after, prefix) + 1
    elif query.ending_before is not None:
        end = _place(whole, "ending_before", query.ending_before, prefix)
        first = max(end - query.limit, 0)
        return Listing(whole[first:end], has_more=first > 0, limit=query.limit, total=total)
    else:
        first = query.first()
    last = first + query.limit
    offset = first if query.starting_after is None else None
    return Listing(whole[first:last], has_more=last < total, limit=query.limit, offset=offset, total=total)


def _place(whole: Sequence[Resource], param: str, text: str, prefix: str) -> int:
    wanted = parse_id(prefix, text)
    for place, each in enumerate(whole):
        if getattr(each, "id", None) == wanted:
            return place
    raise refuse(param, "must be the id of an object in this list")
