"""A table in memory that keeps the promises ranked lists and search rely on, counts its calls, and can be raced."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from billing.table.items import Item, Key, from_attributes
from billing.table.table import QueryPage, Raced
from billing.table.transaction import Transaction


class FakeTable:
    """Items by key. `before_write` is called between a read and the write that relies on it."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.calls: list[str] = []
        self.before_write: Callable[[], None] = lambda: None

    def put(self, item: Item) -> None:
        self.items[item["pk"], item["sk"]] = {name: value for name, value in item.items() if value is not None}

    def get(self, key: Key) -> Item | None:
        self.calls.append("get")
        return self.items.get((key["pk"], key["sk"]))

    def get_all(self, keys: Sequence[Key]) -> list[Item | None]:
        self.calls.append("get_all")
        assert 0 < len(keys) <= 100
        return [self.items.get((key["pk"], key["sk"])) for key in keys]

    def query(
        self,
        condition: str,
        values: Mapping[str, Any],
        *,
        limit: int | None = None,
        newest_first: bool = True,
        index: str | None = None,
        start: Mapping[str, Any] | None = None,
        only: str | None = None,
    ) -> QueryPage:
        self.calls.append("query")
        partition, order = ("list", "sequence") if index else ("pk", "sk")
        first, *bounds = values.values()
        holds: Callable[[Any], bool] = {
            "pk = :pk": lambda _: True,
            "pk = :pk AND sk < :sk": lambda place: place < bounds[0],
            "pk = :pk AND sk > :sk": lambda place: place > bounds[0],
            "pk = :pk AND sk < :until": lambda place: place < bounds[0],
            "#list = :list AND #sequence <= :until": lambda place: place <= bounds[0],
            "pk = :pk AND begins_with(sk, :term)": lambda place: place.startswith(bounds[0]),
            "pk = :pk AND sk BETWEEN :from AND :to": lambda place: bounds[0] <= place <= bounds[1],
            "#list = :list AND #sequence > :watermark": lambda place: place > bounds[0],
            "#list = :list AND #sequence <= :bound": lambda place: place <= bounds[0],
            "#list = :list AND #sequence >= :bound": lambda place: place >= bounds[0],
        }[condition]
        found = sorted(
            (item for item in self.items.values() if item.get(partition) == first and holds(item[order])),
            key=lambda item: item[order],
            reverse=newest_first,
        )
        if start:
            seen = next(at for at, item in enumerate(found) if item[order] == start[order])
            found = found[seen + 1 :]
        page = found[:limit]
        last = {order: page[-1][order]} if limit and len(page) == limit else None
        return QueryPage([{only: item[only]} for item in page] if only else page, last)

    def put_all(self, items: Sequence[Item], delete: Sequence[Key] = ()) -> None:
        self.calls.append("put_all")
        keys = [(each["pk"], each["sk"]) for each in [*items, *delete]]
        assert len(keys) == len(set(keys)), "DynamoDB refuses a batch that names a key twice"
        for item in items:
            self.put(item)
        for key in delete:
            self.items.pop((key["pk"], key["sk"]), None)

    def write(self, transaction: Transaction, remaining_seconds: Callable[[], float]) -> None:
        assert remaining_seconds() > 0
        if not transaction.writes:
            return
        self.calls.append("write")
        self.before_write()
        assert len(transaction.writes) <= 100
        items = [from_attributes(write.request.get("Item") or write.request["Key"]) for write in transaction.writes]
        keys = [(item["pk"], item["sk"]) for item in items]
        assert len(keys) == len(set(keys)), "DynamoDB refuses a transaction that names a key twice"
        for write, key in zip(transaction.writes, keys, strict=True):
            stored = self.items.get(key)
            expected = write.request.get("ExpressionAttributeValues", {}).get(":version")
            is_conditional = "ConditionExpression" in write.request
            if is_conditional and (stored["version"] if stored else None) != (int(expected["N"]) if expected else None):
                raise Raced
        for write, item in zip(transaction.writes, items, strict=True):
            if write.kind == "Delete":
                self.items.pop((item["pk"], item["sk"]), None)
            else:
                self.put(item)
