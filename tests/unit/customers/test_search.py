"""Search over a table in memory: what the stream brings in whatever order, and pages of it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.customers import search as searching
from billing.customers.record import Record, key_of
from billing.customers.search import Rewording, project, search
from billing.errors import InvalidFields
from billing.tenancy import Tenant
from tests.unit.table.fake_table import FakeTable

HERE, ELSEWHERE = Tenant("mer_a", True), Tenant("mer_a", False)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    return _installed(monkeypatch)


def _installed(monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    fake = FakeTable()
    monkeypatch.setattr(searching, "table", lambda: fake)
    return fake


def _customer(number: int, name: str | None, email: str | None = None, tenant: Tenant = HERE) -> Record:
    return Record(
        tenant=tenant,
        id=f"cus_{number:032x}",
        version=1,
        sequence=number,
        source="api",
        created_at="",
        updated_at="",
        texts={"email": email or f"u{number}@x.example"} | ({"name": name} if name else {}),
    )


def _kept(table: FakeTable, *records: Record) -> None:
    for record in records:
        table.put(record.to_item())
    project(Rewording.between(None, record) for record in records)


def _numbers(records: Iterator[Record] | list[Record]) -> list[int]:
    return [record.sequence for record in records]


def _paged(text: str, limit: int) -> list[int]:
    """Read all results as a client does: on from the last one."""
    seen: list[int] = []
    after: Record | None = None
    while True:
        found = search(HERE, text, limit=limit, after=after)
        seen += _numbers(list(found.records))
        if not found.has_more:
            return seen
        assert found.records, "a client could not go on"
        after = found.records[-1]


names = st.sampled_from(["ann", "anna lee", "bob", "bob ann", "zoé", None])


def _life(number: int, history: list[tuple[str | None, bool]]) -> list[Record]:
    """Return the versions of a customer that is renamed, and deleted at last or not."""
    versions = [_customer(number, history[0][0])]
    for name, deleted in history[1:]:
        last = versions[-1]
        deleted_at = "now" if deleted or last.deleted_at else None
        texts = _customer(number, name).texts
        versions.append(replace(last, version=last.version + 1, texts=texts, deleted_at=deleted_at))
    return versions


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(names, st.booleans()), min_size=1, max_size=4), max_size=5), st.data())
def test_any_order_and_repetition_of_changes_comes_to_the_same_items(
    histories: list[list[tuple[str | None, bool]]], data: st.DataObject
) -> None:
    lives = [_life(number, history) for number, history in enumerate(histories, start=1)]
    with pytest.MonkeyPatch.context() as monkeypatch:
        expected = _installed(monkeypatch)
        _kept(expected, *[life[-1] for life in lives])

        table = _installed(monkeypatch)
        changes: list[Rewording] = []
        to_come = data.draw(st.permutations([number for number, life in enumerate(lives) for _ in life]))
        for number in to_come:
            stored = table.get(key_of(HERE, lives[number][0].id))
            written = stored["version"] if stored else 0
            old, new = lives[number][written - 1] if written else None, lives[number][written]
            table.put(new.to_item())
            changes.append(Rewording.between(old, new))
            project(data.draw(st.lists(st.sampled_from(changes), max_size=3)))
        for batch in data.draw(st.permutations([changes[at : at + 2] for at in range(0, len(changes), 2)])):
            project(batch)

        assert table.items == expected.items


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.lists(st.sampled_from(["jan", "jane", "janet", "doe", "don", "x"]), max_size=3), names)),
    st.sampled_from(["jan", "jane", "d", "j d", "x jan", "do jan", "nobody"]),
    st.integers(1, 5),
)
def test_pages_hold_each_match_exactly_once(people: list[tuple[list[str], str | None]], text: str, limit: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        table = _installed(monkeypatch)
        monkeypatch.setattr(searching, "_RARE", 4)
        _kept(
            table,
            *[
                _customer(number, " ".join([*words, other or ""]), email=".".join(["q", *words, f"{number}@y.example"]))
                for number, (words, other) in enumerate(people, start=1)
            ],
        )
        expected = {
            number
            for number, (words, other) in enumerate(people, start=1)
            if all(any(w.startswith(t) for w in [*words, *(other or "").split()]) for t in text.split())
        }

        seen = _paged(text, limit)

        assert len(seen) == len(set(seen))
        assert set(seen) == expected
        whole = search(HERE, text, limit=100).records
        assert _numbers(list(whole)) == seen
        assert _numbers(list(search(HERE, text, limit=100, skip=limit).records)) == seen[limit:]


def test_results_stand_by_matched_word_then_newest_first(table: FakeTable) -> None:
    _kept(
        table,
        _customer(1, "Jane"),
        _customer(2, "Janet"),
        _customer(3, "Jane"),
        _customer(4, "Janet"),
        _customer(5, "Janet", email="jane@b.example"),
    )

    assert _numbers(list(search(HERE, "jane", limit=10).records)) == [3, 1, 5, 4, 2]


def test_a_full_page_of_a_common_word_takes_two_round_trips(table: FakeTable) -> None:
    _kept(table, *[_customer(number, "Jane") for number in range(1, 301)])

    for limit, trips in [
        (20, ["query", "get_all"]),
        (99, ["query", "get_all"]),
        (100, ["query", "get_all", "get_all"]),
    ]:
        table.calls.clear()
        found = search(HERE, "jane", limit=limit)
        assert (len(found.records), found.has_more) == (limit, True)
        assert table.calls == trips


def test_the_end_of_a_search_is_told_at_its_exact_end(table: FakeTable) -> None:
    _kept(table, *[_customer(number, "Jane") for number in range(1, 21)])

    assert search(HERE, "jane", limit=20).has_more is False
    assert search(HERE, "jane", limit=19).has_more is True


def test_stale_items_and_deleted_customers_are_passed_over(table: FakeTable) -> None:
    first, second, third = (_customer(number, "Jane") for number in (1, 2, 3))
    _kept(table, first, second, third)
    table.put(replace(second, version=2, texts={**second.texts, "name": "Joan"}).to_item())
    table.put(replace(third, version=2, deleted_at="now").to_item())

    assert _numbers(list(search(HERE, "jane", limit=10).records)) == [1]


def test_a_deleted_customer_is_still_a_place_to_go_on_from(table: FakeTable) -> None:
    people = [_customer(number, "Jane") for number in (1, 2, 3)]
    _kept(table, *people)
    gone = replace(people[1], version=2, deleted_at="now")
    table.put(gone.to_item())
    project([Rewording.between(people[1], gone)])

    assert _numbers(list(search(HERE, "jane", limit=10, after=gone).records)) == [1]


def test_a_customer_that_does_not_match_is_no_place_to_go_on_from(table: FakeTable) -> None:
    with pytest.raises(InvalidFields) as refused:
        search(HERE, "jane", limit=10, after=_customer(1, "Bob"))

    assert refused.value.param == "starting_after"


def test_a_rare_word_decides_however_common_the_longer_one_is(table: FakeTable) -> None:
    _kept(
        table, *[_customer(number, "zoe" if number == 7 else "bob", f"u{number}@gmail.com") for number in range(1, 901)]
    )
    table.calls.clear()

    assert _numbers(list(search(HERE, "gmail.com zoe", limit=20).records)) == [7]
    assert table.calls == ["query", "query", "get_all"]


def test_common_words_that_hardly_meet_go_on_until_refused(table: FakeTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_RARE", 10)
    monkeypatch.setattr(searching, "_ENOUGH", 100)
    monkeypatch.setattr(searching, "_TOO_MANY", 300)
    people = [_customer(number, "Jane" if number % 2 else "Zoe", f"u{number}@gmail.com") for number in range(1, 501)]
    people += [_customer(number, "Jane Zoe", f"u{number}@gmail.com") for number in (501, 502)]
    _kept(table, *people)

    found = search(HERE, "jane zoe", limit=20)
    assert (_numbers(list(found.records)), found.has_more) == ([502, 501], True), "a short page that goes on"
    last = search(HERE, "jane zoe", limit=20, after=found.records[-1])
    assert (list(last.records), last.has_more) == ([], False), "and comes to its end"

    monkeypatch.setattr(searching, "_TOO_MANY", 100)
    with pytest.raises(InvalidFields) as refused:
        search(HERE, "jane zoe", limit=20, after=found.records[-1])
    assert refused.value.param == "search"


def test_tenants_do_not_find_each_other(table: FakeTable) -> None:
    _kept(table, _customer(1, "Jane", tenant=ELSEWHERE))

    assert search(HERE, "jane", limit=10).records == []
    assert len(search(ELSEWHERE, "jane", limit=10).records) == 1


def test_a_change_that_leaves_the_words_reads_and_writes_nothing(table: FakeTable) -> None:
    before = _customer(1, "Jane")
    _kept(table, before)
    table.calls.clear()

    project([Rewording.between(before, replace(before, version=2, metadata={"a": 1}))])

    assert table.calls == []


def test_a_customer_that_changes_meanwhile_is_read_again(table: FakeTable) -> None:
    before = _customer(1, "Jane")
    after = replace(before, version=2, texts={**before.texts, "name": "Joan"})
    table.put(before.to_item())
    put_all = table.put_all

    def overtaken(*arguments: object, **named: object) -> None:
        table.put_all = put_all  # type: ignore[method-assign]
        table.put(after.to_item())
        project([Rewording.between(before, after)])
        put_all(*arguments, **named)  # type: ignore[arg-type]

    table.put_all = overtaken  # type: ignore[method-assign]
    project([Rewording.between(None, before)])

    assert search(HERE, "joan", limit=10).records == [after]
    assert not [sk for _, sk in table.items if sk.startswith("jane#")]
