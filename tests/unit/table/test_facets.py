"""Rows by which objects are found by what they have in common."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.table import Keys, Transaction, facets
from billing.table.facets import Faceted, Row, every_facet, facet, follow, rows
from billing.tenancy import Tenant
from tests.unit.table.fake_table import FakeTable

TENANT = Tenant("mer_1", livemode=True)
NAMES = ("a", "b", "c")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    fake = FakeTable()
    monkeypatch.setattr(facets, "table", lambda: fake)
    return fake


def thing(sequence: int, *found_by: str, created: int | None = None, tenant: Tenant = TENANT) -> Faceted:
    return Faceted(tenant, "thing", f"thing_{sequence}", sequence, found_by, created)


def keep(table: FakeTable, *states: Faceted) -> None:
    """Have an object pass through states."""
    for before, after in pairwise((None, *states)):
        assert after is not None
        table.write(follow(Transaction(), before, after), lambda: 30.0)


def ids(found: object) -> list[int]:
    assert isinstance(found, list)
    return [row.sequence for row in found]


def test_a_facet_names_what_is_given_in_its_order():
    assert facet(customer="cus_1", status="open") == "customer#cus_1#status#open"
    assert facet(customer=None, status="open") == "status#open"
    assert facet(customer=None) is None


def test_rows_tell_whose_an_object_is_and_follow_when_that_changes(table: FakeTable):
    owned = [Faceted(TENANT, "thing", "thing_1", 1, ("x",), customer_id=each) for each in (None, "cus_1", "cus_2")]

    keep(table, *owned)

    assert rows(TENANT, "thing", "x", 5) == [Row(1, "thing_1", customer_id="cus_2")]


@given(st.dictionaries(st.sampled_from(NAMES), st.none() | st.sampled_from(["1", "2"])))
def test_every_filter_that_holds_for_an_object_names_one_of_its_facets(shared: dict[str, str | None]):
    ordered = {name: shared.get(name) for name in NAMES}
    found_by = every_facet(**ordered)

    given_names = [name for name, text in ordered.items() if text is not None]
    assert len(found_by) == 2 ** len(given_names) - 1
    for name in given_names:
        assert facet(**{name: ordered[name]}) in found_by
    if given_names:
        assert facet(**ordered) in found_by


def test_rows_follow_from_an_object_and_only_what_differs_is_written(table: FakeTable):
    keep(table, thing(7, "customer#1", "status#open"))

    moving = follow(Transaction(), thing(7, "customer#1", "status#open"), thing(7, "customer#1", "status#paid"))

    assert [write.kind for write in moving.writes] == ["Delete", "Put"]
    table.write(moving, lambda: 30.0)
    assert ids(rows(TENANT, "thing", "status#open", 10)) == []
    assert rows(TENANT, "thing", "status#paid", 10) == [Row(7, "thing_7")]
    assert rows(TENANT, "thing", "customer#1", 10) == [Row(7, "thing_7")]
    assert follow(Transaction(), thing(7, "x"), thing(7, "x")).writes == []


def test_an_object_that_is_gone_is_found_no_more(table: FakeTable):
    keep(table, thing(7, "status#open"), thing(7))

    assert rows(TENANT, "thing", "status#open", 10) == []
    assert table.items == {}


def test_rows_tell_when_their_object_was_created(table: FakeTable):
    keep(table, thing(7, "x", created=1_700_000_000))

    assert rows(TENANT, "thing", "x", 1) == [Row(7, "thing_7", 1_700_000_000)]


def test_rows_are_read_newest_first_and_from_a_bound_on(table: FakeTable):
    for sequence in range(1, 8):
        keep(table, thing(sequence, "x"))

    assert ids(rows(TENANT, "thing", "x", 3)) == [7, 6, 5]
    assert ids(rows(TENANT, "thing", "x", 3, older_than=5)) == [4, 3, 2]
    assert ids(rows(TENANT, "thing", "x", 2, newer_than=3)) == [5, 4], "the nearest newer ones, newest first"
    assert ids(rows(TENANT, "thing", "x", 100)) == [7, 6, 5, 4, 3, 2, 1]


def test_tenants_and_modes_share_no_rows(table: FakeTable):
    sandbox, other = Tenant("mer_1", livemode=False), Tenant("mer_2", livemode=True)
    keep(table, thing(1, "x", tenant=sandbox))
    keep(table, thing(2, "x", tenant=other))

    assert rows(TENANT, "thing", "x", 10) == []
    assert Keys(sandbox).row("thing", "x", 1) != Keys(other).row("thing", "x", 1)
