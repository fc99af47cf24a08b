"""Rows by which objects are found when their time has come."""

import pytest

from billing.table import Transaction, due, partitions
from billing.table.due import Due, follow, of_all, of_tenant
from billing.tenancy import Tenant
from tests.unit.table.fake_table import FakeTable

TENANT = Tenant("mer_1", livemode=True)
SANDBOX = Tenant("mer_1", livemode=False)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    fake = FakeTable()
    for module in (due, partitions):
        monkeypatch.setattr(module, "table", lambda: fake)
    return fake


def thing(number: int, second: int, tenant: Tenant = TENANT) -> Due:
    return Due(tenant, "thing", f"thing_{number}", second)


def keep(table: FakeTable, before: Due | None, after: Due | None) -> None:
    table.write(follow(Transaction(), before, after), lambda: 30.0)


def test_what_has_waited_longest_comes_first_and_the_future_not_at_all(table: FakeTable):
    for number, second in ((1, 300), (2, 100), (3, 200), (4, 201)):
        keep(table, None, thing(number, second))

    assert of_all("thing", 10, until=200) == [thing(2, 100), thing(3, 200)]
    assert of_tenant(TENANT, "thing", 10, until=200) == [thing(2, 100), thing(3, 200)]
    assert of_tenant(TENANT, "thing", 1, until=1_000) == [thing(2, 100)]


def test_two_objects_can_be_due_at_the_same_second(table: FakeTable):
    keep(table, None, thing(1, 100))
    keep(table, None, thing(2, 100))

    assert of_tenant(TENANT, "thing", 10, until=100) == [thing(1, 100), thing(2, 100)]


def test_a_row_moves_with_its_time_and_goes_with_it(table: FakeTable):
    keep(table, None, thing(1, 100))
    keep(table, thing(1, 100), thing(1, 500))

    assert of_tenant(TENANT, "thing", 10, until=499) == []
    assert of_all("thing", 10, until=500) == [thing(1, 500)]

    keep(table, thing(1, 500), None)
    assert table.items == {}


def test_the_same_time_writes_nothing(table: FakeTable):
    assert follow(Transaction(), thing(1, 100), thing(1, 100)).writes == []
    assert follow(Transaction(), None, None).writes == []


def test_all_tenants_are_served_by_one_reader_and_a_clock_sees_its_own(table: FakeTable):
    keep(table, None, thing(1, 100))
    keep(table, None, thing(2, 50, SANDBOX))

    assert of_all("thing", 10, until=100) == [thing(2, 50, SANDBOX), thing(1, 100)]
    assert of_tenant(SANDBOX, "thing", 10, until=100) == [thing(2, 50, SANDBOX)]
    assert of_all("other", 10, until=100) == []
