"""The addresses of a customer: one default of each type, and the customer's own among them."""

from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.customers.address_book import MOST_ADDRESSES, AddressBook, AddressType, Entry
from billing.errors import InvalidFields, MalformedRequest
from billing.table.items import from_attribute, to_attribute

TYPES: tuple[AddressType, ...] = get_args(AddressType.__value__)
BERLIN = {"line1": "Unter den Linden 1", "city": "Berlin", "country": "DE"}


def entry(number: int, type_: AddressType = "billing", *, is_default: bool = False, **parts: str) -> Entry:
    moment = f"2026-01-01T00:00:{number:02d}.000Z"
    return Entry(f"addr_{number}", type_, parts or BERLIN, moment, moment, is_default=is_default)


def book(*entries: Entry) -> AddressBook:
    made = AddressBook()
    for each in entries:
        made = made.with_entry(each)
    return made


def default_of(made: AddressBook, type_: AddressType = "billing") -> str | None:
    default = made.default(type_)
    return default.id if default else None


def test_the_first_of_a_type_is_its_default():
    made = book(entry(1), entry(2, "shipping"), entry(3), entry(4, "shipping"))

    assert (default_of(made), default_of(made, "shipping")) == ("addr_1", "addr_2")


def test_a_new_default_takes_the_place_of_the_old():
    made = book(entry(1), entry(2, "shipping"), entry(3, is_default=True))

    assert default_of(made) == "addr_3"
    assert [each.updated_at[-7:-5] for each in made.entries] == ["03", "02", "03"], "both whose flag moved were changed"


def test_the_default_moves_to_another_of_its_type():
    made = book(entry(1), entry(2), entry(3, "shipping"))

    moved = made.changed(made.entries[1], {}, is_default=True, moment="later")

    assert (default_of(moved), default_of(moved, "shipping")) == ("addr_2", "addr_3")


def test_the_default_cannot_be_told_to_be_none():
    made = book(entry(1), entry(2))

    with pytest.raises(InvalidFields) as refused:
        made.changed(made.entries[0], {}, is_default=False, moment="later")
    assert refused.value.param == "is_default"
    assert made.changed(made.entries[1], {}, is_default=False, moment="later") == made


def test_the_newest_left_takes_the_place_of_a_removed_default():
    made = book(entry(1), entry(2), entry(3), entry(4, "shipping"))

    assert default_of(made.without(made.entries[0], "later")) == "addr_3"
    assert default_of(made.without(made.entries[1], "later")) == "addr_1"
    assert default_of(made.without(made.entries[3], "later"), "shipping") is None


def test_the_own_address_is_the_default_billing_address():
    made = book(entry(1, "shipping", city="Rome"), entry(2, city="Berlin"), entry(3, city="Paris"))

    changed = made.with_own({"city": None, "country": "FR"}, new_id="addr_9", moment="later")

    assert (made.own, changed.own) == ({"city": "Berlin"}, {"country": "FR"})
    assert [each.id for each in changed.entries] == ["addr_1", "addr_2", "addr_3"]


def test_without_a_billing_address_the_own_one_is_new():
    made = book(entry(1, "shipping")).with_own({"city": "Berlin", "state": None}, new_id="addr_9", moment="now")

    assert made.default("billing") == Entry("addr_9", "billing", {"city": "Berlin"}, "now", "now", is_default=True)


def test_an_own_address_that_loses_its_last_part_goes_and_the_next_takes_its_place():
    made = book(entry(1, city="Berlin"), entry(2, city="Paris"))

    after = made.with_own({"city": None}, new_id="addr_9", moment="later")

    assert [(each.id, each.is_default) for each in after.entries] == [("addr_2", True)]
    assert AddressBook().with_own({"city": None}, new_id="addr_9", moment="later") == AddressBook()


def test_a_full_book_takes_no_more():
    made = book(*(entry(number, "shipping") for number in range(MOST_ADDRESSES)))

    with pytest.raises(MalformedRequest):
        made.with_entry(entry(99))
    with pytest.raises(MalformedRequest):
        made.with_own({"city": "Berlin"}, new_id="addr_9", moment="later")


def test_what_changes_nothing_is_the_same_book():
    made = book(entry(1), entry(2))

    assert made.changed(made.entries[0], BERLIN, is_default=True, moment="later") == made
    assert made.with_own(BERLIN, new_id="addr_9", moment="later") is made


def test_an_entry_comes_back_from_its_item_as_it_was():
    assert Entry.from_item(from_attribute(to_attribute(entry(1, is_default=True).to_item()))) == entry(
        1, is_default=True
    )


type Step = Callable[[AddressBook], AddressBook]
parts = st.dictionaries(st.sampled_from(["line1", "city", "country"]), st.sampled_from(["a", "b"]), min_size=1)
cleared = st.dictionaries(st.sampled_from(["line1", "city", "country"]), st.none() | st.sampled_from(["a", "b"]))


@st.composite
def steps(draw: Any) -> Step:
    """Anything that may be done to a book; what is refused leaves it as it was."""
    number = draw(st.integers(0, 10**6))
    at = draw(st.integers(0, MOST_ADDRESSES))
    new = entry(number % 60, draw(st.sampled_from(TYPES)), is_default=draw(st.booleans()), **draw(parts))
    change, flag = draw(cleared), draw(st.none() | st.booleans())

    def add(made: AddressBook) -> AddressBook:
        return made if made.find(new.id) else made.with_entry(new)

    def alter(made: AddressBook) -> AddressBook:
        return made.changed(made.entries[at % len(made.entries)], change, is_default=flag, moment="later")

    def drop(made: AddressBook) -> AddressBook:
        return made.without(made.entries[at % len(made.entries)], "later")

    def own(made: AddressBook) -> AddressBook:
        return made.with_own(change, new_id=f"addr_own_{number}_{len(made.entries)}", moment="later")

    step: Step = draw(st.sampled_from([add, add, alter, drop, own]))
    return step


@given(st.lists(steps(), max_size=40))
def test_each_type_has_exactly_one_default_whatever_is_done(done: list[Step]) -> None:
    made = AddressBook()
    for step in done:
        try:
            made = step(made)
        except (InvalidFields, MalformedRequest, ZeroDivisionError):
            continue
        for type_ in TYPES:
            flags = [each.is_default for each in made.entries if each.type == type_]
            assert sum(flags) == (1 if flags else 0)
        default = made.default("billing")
        assert made.own == (default.parts if default else {})
        assert len(made.entries) <= MOST_ADDRESSES
        assert len({each.id for each in made.entries}) == len(made.entries)
