"""Partitions of the index `lists`, by their sequence."""

from collections.abc import Sequence
from typing import Any

from billing.table.items import Item
from billing.table.table import table

INDEX = "lists"


def newest(
    partition: str, limit: int, *, older_than: int | None = None, newer_than: int | None = None
) -> tuple[Sequence[Item], bool]:
    """Return up to `limit` items, newest first, and whether there are more in the direction of reading.

    One query, more only when items fill a megabyte. With `newer_than` the page ends just before that sequence number
    and reading goes towards the newest.
    """
    rows = _rows(partition, limit + 1, older_than, newer_than)
    page = rows[:limit]
    return (page if newer_than is None else page[::-1]), len(rows) > limit


def _rows(partition: str, limit: int, older_than: int | None, newer_than: int | None) -> list[Item]:
    condition, values = "#list = :list", {":list": partition}
    bound: dict[str, Any] = {}
    if older_than is not None:
        condition, bound = condition + " AND #sequence < :sequence", {":sequence": older_than}
    elif newer_than is not None:
        condition, bound = condition + " AND #sequence > :sequence", {":sequence": newer_than}
    rows: list[Item] = []
    start = None
    while len(rows) < limit:
        page = table().query(
            condition,
            values | bound,
            limit=limit - len(rows),
            newest_first=newer_than is None,
            index=INDEX,
            start=start,
        )
        rows += page.items
        start = page.last_key
        if start is None:
            break
    return rows


def oldest(partition: str, limit: int, *, until: int) -> Sequence[Item]:
    """Return the `limit` items of a partition with the lowest sequence, none above `until`."""
    condition = "#list = :list AND #sequence <= :until"
    values = {":list": partition, ":until": until}
    return table().query(condition, values, limit=limit, newest_first=False, index=INDEX).items
