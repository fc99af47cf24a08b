"""The stream's second reader: batches as Lambda hands them over."""

import importlib
from types import SimpleNamespace
from typing import Any

import pytest

from billing.customers import search as searching
from billing.customers.lists import list_customers
from billing.customers.models import ListCustomers
from billing.customers.record import KIND, Record
from billing.errors import Unavailable
from billing.table import Keys, ranked
from billing.times import now
from tests.unit.events.stream import TENANT, customer, renamed, stream_record
from tests.unit.table.fake_table import FakeTable

project_lists = importlib.import_module("stream.project_lists")
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    fake = FakeTable()
    for module in (ranked, searching):
        monkeypatch.setattr(module, "table", lambda: fake)
    return fake


def _stored(table: FakeTable, record: Record) -> Record:
    table.put(record.to_item())
    table.put({**Keys(TENANT).sequence(KIND), "last": record.sequence})
    return record


def _handle(*records: dict[str, Any]) -> list[str]:
    answer = project_lists.handler({"Records": list(records)}, CONTEXT)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def _total() -> int | None:
    return list_customers(TENANT, ListCustomers(), now()).total


def _found(text: str) -> list[str]:
    return [each.id for each in list_customers(TENANT, ListCustomers(search=text), now()).data]


def _unreadable(sequence_number: int) -> dict[str, Any]:
    record = stream_record(None, customer(99), sequence_number)
    del record["dynamodb"]["NewImage"]["version"]
    return record


def test_a_batch_makes_totals_and_words(table: FakeTable) -> None:
    first, second = _stored(table, customer(1)), _stored(table, customer(2))
    second_renamed = _stored(table, renamed(second))

    failures = _handle(
        stream_record(None, first, 1), stream_record(None, second, 2), stream_record(second, second_renamed, 3)
    )

    assert failures == []
    assert _total() == 2
    assert _found("c2@example.com") == [second.id]
    assert _found("name") == [second.id, first.id]


def test_records_that_come_again_change_nothing(table: FakeTable) -> None:
    first = _stored(table, customer(1))
    second = _stored(table, renamed(first))
    batch = [stream_record(None, first, 1), stream_record(first, second, 2)]
    _handle(*batch)
    before = dict(table.items)

    _handle(*batch)
    _handle(batch[0])

    assert table.items == before


def test_what_stands_before_an_unreadable_record_is_done_and_the_rest_comes_again(table: FakeTable) -> None:
    first, second = _stored(table, customer(1)), _stored(table, customer(2))

    failures = _handle(stream_record(None, first, 1), _unreadable(2), stream_record(None, second, 3), _unreadable(4))

    assert failures == ["2"]
    assert _found("name") == [first.id]
    assert _handle(stream_record(None, second, 3)) == []
    assert _found("name") == [second.id, first.id]


def test_an_unreadable_record_at_the_head_has_the_batch_halved(table: FakeTable) -> None:
    with pytest.raises(project_lists.Unreadable):
        _handle(_unreadable(1), stream_record(None, _stored(table, customer(1)), 2))

    assert _handle(_unreadable(1)) == ["1"], "alone it is reported, and ends in the bucket"


def test_a_busy_table_has_the_whole_batch_delivered_again(table: FakeTable) -> None:
    def busy() -> None:
        raise Unavailable

    table.before_write = busy

    with pytest.raises(Unavailable):
        _handle(stream_record(None, _stored(table, customer(1)), 1))
