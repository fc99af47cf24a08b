"""What becomes of a transaction that meets another one on an item."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from billing.errors import Unavailable
from billing.table import Keys, Transaction, table
from billing.table.table import Raced, until_written
from tests.unit.gateway.scripted import TENANT, calling
from tests.unit.table.memory import Memory, table_in_memory

KEY = Keys(TENANT).setting("thing")


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    """A table where every transaction but the third one meets another on its first item, once there is one."""
    asked: list[Any] = []

    def meet(self: Memory, **request: Any) -> dict[str, Any]:
        asked.append(request)
        if len(asked) % 3:
            reasons = [{"Code": "TransactionConflict"}, *({"Code": "None"} for _ in request["TransactItems"][1:])]
            answer: Any = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise ClientError(answer, "TransactWriteItems")
        return real(self, **request)

    with table_in_memory() as memory:
        table().write(Transaction().create(KEY, {"version": 1}), lambda: 10.0)
        real = Memory.transact_write_items
        monkeypatch.setattr(Memory, "transact_write_items", meet)
        monkeypatch.setattr("time.sleep", lambda _: None)
        yield memory


def test_whoever_relies_on_a_version_reads_again_at_once(memory):
    reads: list[int] = []

    def attempt() -> None:
        item = table().get(KEY)
        assert item
        reads.append(item["version"])
        table().commit(Transaction().replace(KEY, {"version": 2}, version=1), calling(), None)

    until_written(calling(), attempt)

    assert reads == [1, 1, 1]
    assert table().get(KEY) == {**KEY, "version": 2}


def test_what_relies_on_none_is_tried_again_as_it_is(memory):
    table().commit(Transaction().follow(KEY, {"version": 7}), calling(), None)

    assert table().get(KEY) == {**KEY, "version": 7}


def test_derived_items_are_tried_again_as_they_are(memory):
    table().write(Transaction().replace(KEY, {"version": 2}, version=1), lambda: 10.0)

    assert table().get(KEY) == {**KEY, "version": 2}


def test_it_is_not_tried_when_there_is_no_time_left(memory):
    with pytest.raises(Unavailable):
        table().write(Transaction().follow(KEY, {"version": 7}), lambda: 0.5)
    with pytest.raises(Raced):
        table().commit(Transaction().replace(KEY, {"version": 2}, version=1), calling(), None)
