"""Pages of objects that share a facet."""

from collections.abc import Sequence
from typing import Any

import pytest

from billing import long_lists
from billing.errors import InvalidFields
from billing.long_lists import FURTHEST_SKIPPED, MOST_LOOKED_AT, Found, LongList, Span
from billing.table import Keys, Transaction, facets
from billing.table.facets import Faceted, follow
from billing.tenancy import Tenant
from billing.wire import PageQuery
from tests.unit.table.fake_table import FakeTable

TENANT = Tenant("mer_1", livemode=True)
SANDBOX = Tenant("mer_1", livemode=False)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    fake = FakeTable()
    for module in (facets, long_lists):
        monkeypatch.setattr(module, "table", lambda: fake)
    return fake


def keep(table: FakeTable, sequence: int, *found_by: str, tenant: Tenant = TENANT, created: int | None = None) -> None:
    thing = Faceted(tenant, "thing", f"thing_{sequence}", sequence, found_by, created)
    table.put({**Keys(tenant).entity("thing", thing.id), "id": thing.id, "sequence": sequence})
    table.write(follow(Transaction(), None, thing), lambda: 30.0)


def page(
    facet: str | Sequence[str] = "x",
    *,
    tenant: Tenant = TENANT,
    counted: bool = False,
    span: Span | None = None,
    **query: Any,
) -> Found:
    things = LongList(tenant, "thing", "a thing", lambda text: text if text.startswith("thing_") else None)
    return things.page(PageQuery(**query), facet, counted=counted, span=span or Span())


def sequences(found: Found) -> list[int]:
    return [item["sequence"] for item in found.items]


def test_pages_by_offset_and_by_number(table: FakeTable):
    for sequence in range(1, 8):
        keep(table, sequence, "x")

    first = page(limit=3, counted=True)
    assert (sequences(first), first.has_more, first.offset, first.total) == ([7, 6, 5], True, 0, 7)
    assert sequences(page(limit=3, page=2)) == [4, 3, 2]
    last = page(limit=3, offset=6)
    assert (sequences(last), last.has_more, last.total) == ([1], False, None)
    assert sequences(page(limit=3, offset=7)) == []


def test_pages_by_cursor_in_both_directions(table: FakeTable):
    for sequence in range(1, 8):
        keep(table, sequence, "x")

    older = page(limit=2, starting_after="thing_5")
    assert (sequences(older), older.has_more, older.offset) == ([4, 3], True, None)
    assert not page(limit=4, starting_after="thing_5").has_more
    newer = page(limit=2, ending_before="thing_4")
    assert (sequences(newer), newer.has_more) == ([6, 5], True)
    assert not page(limit=3, ending_before="thing_4").has_more


@pytest.mark.parametrize("most_counted", [1, 3, 5, 7, 8])
def test_counting_changes_no_page(table: FakeTable, monkeypatch: pytest.MonkeyPatch, most_counted: int):
    monkeypatch.setattr(long_lists, "MOST_COUNTED", most_counted)
    for sequence in range(1, 8):
        keep(table, sequence, "x")
    places = [{name: f"thing_{number}"} for name in ("starting_after", "ending_before") for number in range(1, 8)]
    queries: list[dict[str, Any]] = [*places, *({"offset": number} for number in range(8))]

    for query in queries:
        for limit in (1, 2, 7):
            plain, counted = (page(limit=limit, counted=counting, **query) for counting in (False, True))
            assert (sequences(counted), counted.has_more) == (sequences(plain), plain.has_more), query
            assert counted.total == min(most_counted, 7)


def test_a_cursor_that_names_nothing_is_refused_by_name(table: FakeTable):
    for wrong in ("thing_9", "nonsense"):
        with pytest.raises(InvalidFields, match="starting_after: must be the id of a thing"):
            page(starting_after=wrong)


def test_a_cursor_need_not_share_the_facet(table: FakeTable):
    keep(table, 1, "x")
    keep(table, 2, "y")

    assert sequences(page(starting_after="thing_2")) == [1]


@pytest.mark.parametrize(
    ("query", "param"), [({"offset": FURTHEST_SKIPPED + 1}, "offset"), ({"page": 52, "limit": 20}, "page")]
)
def test_skipping_has_a_bound(table: FakeTable, query: dict[str, int], param: str):
    with pytest.raises(InvalidFields, match=f"{param}: can skip at most"):
        page(**query)


def test_several_facets_are_one_list(table: FakeTable):
    for sequence in range(1, 7):
        keep(table, sequence, "odd" if sequence % 2 else "even")
    keep(table, 7, "other")

    both = page(["odd", "even"], limit=3, counted=True)
    assert (sequences(both), both.has_more, both.total) == ([6, 5, 4], True, 6)
    assert sequences(page(["odd", "even"], limit=2, starting_after="thing_4")) == [3, 2]
    newer = page(["odd", "even"], limit=2, ending_before="thing_2")
    assert (sequences(newer), newer.has_more) == ([4, 3], True)


def test_what_moves_on_between_two_queries_is_shown_once(table: FakeTable):
    keep(table, 1, "before", "after")

    assert sequences(page(["before", "after"])) == [1]


def test_a_span_of_time_leaves_out_what_is_not_of_it(table: FakeTable):
    for sequence in range(1, 11):
        keep(table, sequence, "x", created=sequence * 1_000)

    middle = page(span=Span(3_000, 6_000), limit=3)
    assert (sequences(middle), middle.has_more) == ([6, 5, 4], True)
    rest = page(span=Span(3_000, 6_000), limit=3, starting_after="thing_4")
    assert (sequences(rest), rest.has_more) == ([3], False)
    assert sequences(page(span=Span(3_000, 6_000), limit=2, ending_before="thing_3")) == [5, 4]
    assert sequences(page(span=Span(first=9_000))) == [10, 9]
    assert sequences(page(span=Span(last=2_000))) == [2, 1]
    assert sequences(page(span=Span(3_000, 6_000), offset=3, limit=3)) == [3]
    assert sequences(page(span=Span(20_000, 30_000))) == []


def test_a_live_search_ends_where_the_span_does_and_a_set_back_clock_is_looked_behind(table: FakeTable):
    for tenant in (TENANT, SANDBOX):
        keep(table, 1, "x", tenant=tenant, created=10_000_000)  # its test clock was ahead, and then stopped
        for sequence in range(2, 1_100):
            keep(table, sequence, "x", tenant=tenant, created=sequence)

    table.calls.clear()
    assert sequences(page(span=Span(first=5_000_000))) == []
    live = len(table.calls)
    assert sequences(page(span=Span(first=5_000_000), tenant=SANDBOX)) == [1]
    assert live == 1


def test_a_search_is_bounded_and_says_where_to_go_on(table: FakeTable, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(long_lists, "MOST_LOOKED_AT", 20)
    monkeypatch.setattr(long_lists, "_LOOKED_AT_ONCE", 10)
    for sequence in range(1, 31):
        keep(table, sequence, "x", created=1 if sequence <= 5 else 1_000)

    with pytest.raises(InvalidFields, match=r"created_lte: none of 20 .* send starting_after=thing_11"):
        page(span=Span(last=500))
    assert sequences(page(span=Span(last=500), starting_after="thing_11")) == [5, 4, 3, 2, 1]
    with pytest.raises(InvalidFields, match=r"created_gte: none of 20 .* send ending_before=thing_25"):
        page(span=Span(first=2_000), ending_before="thing_5")
    assert MOST_LOOKED_AT == 5_000


def test_a_page_that_comes_up_short_says_that_there_is_more(table: FakeTable, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(long_lists, "MOST_LOOKED_AT", 20)
    monkeypatch.setattr(long_lists, "_LOOKED_AT_ONCE", 10)
    for sequence in range(1, 31):
        keep(table, sequence, "x", created=1 if sequence in (2, 20) else 1_000)

    found = page(span=Span(last=500))
    assert (sequences(found), found.has_more) == ([20], True)
    assert sequences(page(span=Span(last=500), starting_after="thing_20")) == [2]
