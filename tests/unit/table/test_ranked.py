"""Ranked lists over a table in memory: what the stream brings, in whatever order, and what pages come of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.errors import Unavailable
from billing.table import Keys, ranked
from billing.table.ranked import Listed, RankedList, project
from billing.table.ranks import WIDTH
from billing.tenancy import Tenant
from tests.unit.table.fake_table import FakeTable

TENANTS = (Tenant("mer_a", True), Tenant("mer_a", False), Tenant("mer_b", True))
KIND = "customer"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    return _installed(monkeypatch)


def _installed(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    fake = FakeTable()
    monkeypatch.setattr(ranked, "table", lambda: fake)
    return fake


def _project(*listed: Listed) -> None:
    project(listed, lambda: 30.0)


def _create(table: FakeTable, sequence: int, tenant: Tenant = TENANTS[0]) -> Listed:
    """Do what a creation does before the stream has brought it anywhere."""
    keys = Keys(tenant)
    table.put({**keys.entity(KIND, f"cus_{sequence}"), "list": keys.listing(KIND), "sequence": sequence})
    counter = table.items.get((keys.ranks(KIND), "sequence"), {"last": 0})
    table.put({**keys.sequence(KIND), "last": max(sequence, counter["last"])})
    return Listed(tenant, KIND, sequence, gone=False)


def _delete(table: FakeTable, sequence: int, tenant: Tenant = TENANTS[0]) -> Listed:
    table.put({**Keys(tenant).entity(KIND, f"cus_{sequence}"), "sequence": sequence})
    return Listed(tenant, KIND, sequence, gone=True)


def _page(offset: int, limit: int, tenant: Tenant = TENANTS[0]) -> list[int]:
    return [item["sequence"] for item in RankedList(tenant, KIND).page(offset, limit).items]


records = st.lists(
    st.builds(
        Listed,
        st.sampled_from(TENANTS),
        st.just(KIND),
        st.one_of(st.integers(1, 40), st.integers(1, 5 * WIDTH), st.integers(WIDTH**2 - 5, WIDTH**2 + 5)),
        st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(records, st.data())
def test_any_order_repetition_and_batching_comes_to_the_same(known: list[Listed], data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        table = _installed(monkeypatch)
        delivered = data.draw(
            st.permutations(known + data.draw(st.lists(st.sampled_from(known)) if known else st.just([])))
        )
        while delivered:
            size = data.draw(st.integers(1, len(delivered)))
            batch, delivered = delivered[:size], delivered[size:]
            _project(*batch)

        for tenant in TENANTS:
            ours = [each for each in known if each.tenant == tenant]
            gone = {each.sequence for each in ours if each.gone}
            live = {each.sequence for each in ours} - gone
            counts = [item for key, item in table.items.items() if key[0] == Keys(tenant).ranks(KIND)]
            assert sum(item["live"] for item in counts) == len(live)
            assert max((item["watermark"] for item in counts), default=0) == max(
                (each.sequence for each in ours), default=0
            )
            for sequence in live:
                _create(table, sequence, tenant)
            newest_first = sorted(live, reverse=True)
            offset = data.draw(st.integers(0, len(live) + 1))
            assert _page(offset, 7, tenant) == newest_first[offset : offset + 7]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.sets(st.integers(1, 60)), st.integers(1, 9))
def test_pages_partition_the_list_also_while_the_stream_is_behind(
    created: int, projected: int, deleted: set[int], limit: int
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        table = _installed(monkeypatch)
        creations = [_create(table, sequence) for sequence in range(1, created + 1)]
        _project(*creations[:projected])
        deletions = [_delete(table, sequence) for sequence in deleted if sequence <= created]
        # Deletions of what is not projected yet need no projection: those objects are counted from the index.
        _project(*[each for each in deletions if each.sequence <= projected])
        live = [sequence for sequence in range(created, 0, -1) if sequence not in deleted]

        seen: list[int] = []
        while True:
            page = RankedList(TENANTS[0], KIND).page(len(seen), limit)
            seen += [item["sequence"] for item in page.items]
            assert page.total == len(live)
            assert page.has_more == (len(seen) < len(live))
            if not page.has_more:
                break

        assert seen == live


def test_a_projection_that_is_overtaken_reads_again(table: FakeTable) -> None:
    def overtake() -> None:
        table.before_write = lambda: None
        _project(Listed(TENANTS[0], KIND, 2, gone=False))

    table.before_write = overtake
    _project(_create(table, 1))
    _create(table, 2)

    assert _page(1, 1) == [1]
    assert RankedList(TENANTS[0], KIND).page(0, 1).total == 2


def test_a_projection_that_is_always_overtaken_gives_up(table: FakeTable) -> None:
    numbers = iter(range(2, 1000))

    def overtake() -> None:
        table.before_write, again = (lambda: None), table.before_write
        _project(Listed(TENANTS[0], KIND, next(numbers), gone=False))
        table.before_write = again

    table.before_write = overtake
    with pytest.raises(Unavailable):
        _project(_create(table, 1))


def test_what_is_known_already_is_not_written_again(table: FakeTable) -> None:
    creation = _create(table, 1)
    _project(creation)
    table.calls.clear()

    _project(creation, creation)

    assert table.calls == ["get_all"]


def test_a_batch_of_one_list_takes_one_read_and_one_write(table: FakeTable) -> None:
    _project(*[_create(table, sequence) for sequence in range(1, 101)])

    assert table.calls == ["get_all", "write"]


def test_a_batch_of_a_hundred_lists_stays_within_the_limits(table: FakeTable) -> None:
    _project(*[Listed(Tenant(f"mer_{number}", True), KIND, 1, gone=False) for number in range(100)])

    assert table.calls == ["get_all", "write"] * 2


@pytest.mark.parametrize(
    ("offset", "trips"), [(0, ["query", "query"]), (20, ["query", "get", "query"]), (2900, ["query", "get", "query"])]
)
def test_every_page_takes_at_most_three_round_trips(table: FakeTable, offset: int, trips: list[str]) -> None:
    creations = [_create(table, sequence) for sequence in range(1, 3001)]
    _project(*creations)
    table.calls.clear()

    assert _page(offset, 20) == list(range(3000 - offset, 2980 - offset, -1))
    assert table.calls == trips


def test_numbers_that_no_object_came_to_have_cost_one_more_round_trip(table: FakeTable) -> None:
    _project(*[_create(table, sequence) for sequence in range(1, 31)])
    table.put({**Keys(TENANTS[0]).sequence(KIND), "last": 33})
    table.calls.clear()

    page = RankedList(TENANTS[0], KIND).page(20, 20)

    assert [item["sequence"] for item in page.items] == list(range(10, 0, -1))
    assert page.total == 30
    assert table.calls == ["query", "query", "get", "query"]


def test_beyond_the_end_there_is_an_empty_page(table: FakeTable) -> None:
    _project(*[_create(table, sequence) for sequence in range(1, 4)])

    for offset in (3, 4, 10**12):
        page = RankedList(TENANTS[0], KIND).page(offset, 20)
        assert (page.items, page.has_more, page.total) == ([], False, 3)


def test_a_deletion_on_its_way_skips_nobody(table: FakeTable) -> None:
    _project(*[_create(table, sequence) for sequence in range(1, 31)])
    _delete(table, 20)

    first, second = _page(0, 10), _page(10, 10)

    assert set(first) | set(second) >= set(range(11, 31)) - {20}


def test_a_map_that_lost_its_objects_between_two_reads_skips_nobody(table: FakeTable) -> None:
    _project(*[_create(table, sequence) for sequence in range(1, WIDTH + 11)])
    read = table.get

    def get(key: dict[str, str]) -> object:
        _project(*[_delete(table, sequence) for sequence in range(WIDTH, WIDTH + 11)])
        return read(key)

    table.get = get  # type: ignore[assignment]

    assert _page(5, 3) == [WIDTH - 1, WIDTH - 2, WIDTH - 3]


def test_a_map_that_got_new_objects_between_two_reads_counts_them_once(table: FakeTable) -> None:
    creations = [_create(table, sequence) for sequence in range(1, 6)]
    _project(*creations[:4])
    read = table.get

    def get(key: dict[str, str]) -> object:
        _project(creations[4])
        return read(key)

    table.get = get  # type: ignore[assignment]

    assert _page(1, 2) == [4, 3]


def test_cursors_read_in_both_directions(table: FakeTable) -> None:
    _project(*[_create(table, sequence) for sequence in range(1, 8)])
    _project(_delete(table, 4))
    customers = RankedList(TENANTS[0], KIND)

    older, newer = customers.older(4, 2), customers.newer(4, 2)

    assert ([item["sequence"] for item in older.items], older.has_more) == ([3, 2], True)
    assert ([item["sequence"] for item in newer.items], newer.has_more) == ([6, 5], True)
    assert customers.older(3, 2).has_more is False
    assert customers.newer(5, 2).has_more is False
    assert older.total == newer.total == 6
