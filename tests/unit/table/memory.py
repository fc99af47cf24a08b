"""DynamoDB's data path in memory, for tests that make thousands of calls: only what `billing.table` asks of it.

It knows the few conditions that our transactions use and refuses any other, so it can't agree to something that it does
not understand. What DynamoDB refuses is refused: a key twice in one transaction, more than 100 writes.
"""

# ruff: noqa: N803 - arguments have botocore's names

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from billing.table import table

type Attributes = dict[str, Any]


class Memory:
    """A client of one table; methods are named and answer as botocore's."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Attributes] = {}

    def get_item(self, *, Key: Attributes, **_: Any) -> dict[str, Any]:
        item = self.items.get(_place(Key))
        return {"Item": dict(item)} if item else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        ((name, request),) = RequestItems.items()
        keys = request["Keys"]
        assert 0 < len(keys) <= 100
        assert len({_place(key) for key in keys}) == len(keys), "DynamoDB refuses a batch that names a key twice"
        return {"Responses": {name: [dict(self.items[_place(key)]) for key in keys if _place(key) in self.items]}}

    def batch_write_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:
        ((_, requests),) = RequestItems.items()
        assert 0 < len(requests) <= 25
        for kind, request in (next(iter(each.items())) for each in requests):
            if kind == "PutRequest":
                self.items[_place(request["Item"])] = dict(request["Item"])
            else:
                self.items.pop(_place(request["Key"]), None)
        return {}

    def query(
        self,
        *,
        KeyConditionExpression: str,
        ExpressionAttributeValues: Mapping[str, Any],
        ScanIndexForward: bool,
        IndexName: str | None = None,
        Limit: int | None = None,
        ExclusiveStartKey: Attributes | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        partition, order = ("list", "sequence") if IndexName else ("pk", "sk")
        first, *bound = (_value(each) for each in ExpressionAttributeValues.values())
        holds: Mapping[str, Callable[[Any], bool]] = {
            "pk = :pk": lambda _: True,
            "pk = :pk AND sk < :sk": lambda place: place < bound[0],
            "pk = :pk AND sk > :sk": lambda place: place > bound[0],
            "pk = :pk AND sk < :until": lambda place: place < bound[0],
            "#list = :list": lambda _: True,
            "#list = :list AND #sequence <= :until": lambda place: place <= bound[0],
        }
        wanted = holds[KeyConditionExpression]
        found = [
            item
            for item in self.items.values()
            if partition in item and _value(item[partition]) == first and wanted(_value(item[order]))
        ]
        found.sort(key=lambda item: (_value(item[order]), _value(item["pk"])), reverse=not ScanIndexForward)
        if ExclusiveStartKey:
            places = [_place(item) for item in found]
            found = found[places.index(_place(ExclusiveStartKey)) + 1 :]
        page = found[:Limit]
        more = {"LastEvaluatedKey": page[-1]} if page and len(page) < len(found) else {}
        return {"Items": [dict(item) for item in page], **more}

    def update_item(self, *, Key: Attributes, UpdateExpression: str, **request: Any) -> dict[str, Any]:
        assert UpdateExpression == "ADD #last :amount"
        item = self.items.setdefault(_place(Key), dict(Key))
        amount = int(request["ExpressionAttributeValues"][":amount"]["N"])
        item["last"] = {"N": str(int(item.get("last", {"N": "0"})["N"]) + amount)}
        return {"Attributes": dict(item)}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        assert 0 < len(TransactItems) <= 100, f"{len(TransactItems)} writes"
        writes = [next(iter(each.items())) for each in TransactItems]
        places = [_place(write.get("Item") or write["Key"]) for _, write in writes]
        assert len(set(places)) == len(places), "DynamoDB refuses a transaction that names a key twice"
        reasons = [
            {"Code": "None"} if _holds(write, self.items.get(place)) else _refused(self.items.get(place))
            for (_, write), place in zip(writes, places, strict=True)
        ]
        if any(reason["Code"] != "None" for reason in reasons):
            raise ClientError(
                {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons},  # type: ignore[typeddict-unknown-key]
                "TransactWriteItems",
            )
        for (kind, write), place in zip(writes, places, strict=True):
            if kind == "Put":
                self.items[place] = dict(write["Item"])
            elif kind == "Delete":
                self.items.pop(place, None)
            else:
                assert kind == "ConditionCheck", kind
        return {}


def _holds(write: Mapping[str, Any], item: Attributes | None) -> bool:
    condition = write.get("ConditionExpression")
    names, values = write.get("ExpressionAttributeNames", {}), write.get("ExpressionAttributeValues", {})
    match condition:
        case None:
            return True
        case "attribute_not_exists(pk)":
            return item is None
        case "#version = :version" | "#name = :value":
            (name,), (value,) = names.values(), values.values()
            return item is not None and item.get(name) == value
        case "attribute_exists(pk) AND attribute_not_exists(#name)":
            return item is not None and names["#name"] not in item
        case "attribute_not_exists(pk) OR #expires <= :now":
            return item is None or _value(item[names["#expires"]]) <= _value(values[":now"])
        case other:
            raise NotImplementedError(other)


def _refused(item: Attributes | None) -> dict[str, Any]:
    return {"Code": "ConditionalCheckFailed", **({"Item": dict(item)} if item else {})}


def _place(key: Attributes) -> tuple[str, str]:
    return key["pk"]["S"], key["sk"]["S"]


def _value(attribute: Attributes) -> Any:
    ((kind, value),) = attribute.items()
    return int(value) if kind == "N" else value


class _Session:
    """What `billing.table` opens its client with."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def create_client(self, service: str, **_: Any) -> Memory:
        assert service == "dynamodb"
        return self._memory


@contextmanager
def table_in_memory() -> Iterator[Memory]:
    """Have all code read and write an empty table in memory."""
    memory = Memory()
    table.cache_clear()
    try:
        with (
            patch.dict(os.environ, {"TABLE_NAME": "table"}),
            patch("botocore.session.get_session", lambda: _Session(memory)),
        ):
            table()
            yield memory
    finally:
        table.cache_clear()
