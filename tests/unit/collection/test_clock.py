"""Moving a sandbox merchant's time: all that is due on the way, in its order and at its own moment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from billing.collection import clock
from billing.errors import InvalidFields, MalformedRequest
from billing.tenancy import Tenant
from billing.test_clock.models import Advance, TestClock
from billing.times import iso
from tests.unit.collection.ledger import Ledger
from tests.unit.collection.shop import Shop
from tests.unit.gateway.scripted import NOW, Died
from tests.unit.table.memory import Memory

SANDBOX = Tenant("mer_" + "2" * 32, livemode=False)


@pytest.fixture
def shop(memory: Memory, ledger: Ledger) -> Shop:
    return Shop(memory, ledger, SANDBOX)


def advance(shop: Shop, days: int, remaining_seconds: Callable[[], float] = lambda: 10.0) -> TestClock:
    caller = shop.caller()
    call = replace(caller.call, remaining_seconds=remaining_seconds)
    return clock.advance(replace(caller, call=call), Advance(days=days))


def shown(at: TestClock) -> datetime:
    return datetime.fromisoformat(at.now)


def test_what_is_due_on_the_way_is_done_at_its_own_moment(shop: Shop, jane: str) -> None:
    advance(shop, 1)
    shop.subscribe(jane)

    advance(shop, 100)

    assert [each.created_at[:10] for each in shop.invoices()] == [
        "2026-01-16",
        "2026-02-16",
        "2026-03-16",
        "2026-04-16",
    ]
    assert [each.paid_at for each in shop.invoices()] == [each.created_at for each in shop.invoices()]
    assert [each.taken_minor for each in shop.ledger.entries.values()] == [1_000] * 4


def test_with_too_little_time_the_same_request_goes_on(shop: Shop, jane: str) -> None:
    advance(shop, 1)
    shop.subscribe(jane)
    there = NOW + timedelta(days=101)

    first = advance(shop, 100, lambda: 1.0 if len(shop.invoices()) == 2 else 10.0)
    assert (first.status, first.target, shown(first) < there) == ("advancing", iso(there), True)
    last = clock.advance(shop.caller(), Advance(to=there))

    assert (last.status, shown(last), last.target) == ("ready", there, None)
    assert len(shop.invoices()) == len(shop.ledger.entries) == 4


def test_two_who_advance_at_once_do_everything_once(shop: Shop, jane: str) -> None:
    advance(shop, 1)
    shop.subscribe(jane)
    shop.ledger.meanwhile = lambda: advance(shop, 60)

    advance(shop, 60)
    clock.advance(shop.caller(), Advance(days=1))

    periods = [each.period_start for each in shop.invoices()]
    assert len(periods) == len({*periods})
    assert len(shop.ledger.entries) == len([each for each in shop.invoices() if each.status == "paid"])
    assert {each.status for each in shop.invoices()} == {"paid"}


def test_a_clock_that_died_on_its_way_goes_on(shop: Shop, jane: str) -> None:
    advance(shop, 1)
    shop.subscribe(jane)
    shop.ledger.mood = "kills_after"
    with pytest.raises(Died):
        advance(shop, 60)

    assert clock.get(shop.caller()).status == "advancing"
    shop.reconcile()
    assert clock.advance(shop.caller(), Advance(to=NOW + timedelta(days=61))).status == "ready"

    assert [each.status for each in shop.invoices()] == ["paid"] * 3
    assert len(shop.ledger.entries) == 3


def test_the_real_time_overtakes_a_clock(shop: Shop) -> None:
    advance(shop, 10)
    shop.now += timedelta(days=11)

    assert (clock.get(shop.caller()).status, shown(clock.get(shop.caller()))) == ("real_time", shop.now)


def test_a_stopped_clock_shows_the_real_time(shop: Shop) -> None:
    advance(shop, 10)

    stopped = clock.stop(shop.caller())

    assert (stopped.status, shown(stopped)) == ("real_time", NOW)
    assert shown(advance(shop, 2)) == NOW + timedelta(days=2)


def test_a_clock_goes_forward_alone(shop: Shop) -> None:
    advance(shop, 10)

    for to in (NOW, NOW + timedelta(days=10)):
        with pytest.raises(InvalidFields):
            clock.advance(shop.caller(), Advance(to=to))


def test_live_mode_has_no_clock(memory: Memory, ledger: Ledger) -> None:
    live = Shop(memory, ledger)

    for ask in (clock.get, clock.stop, lambda caller: clock.advance(caller, Advance(days=1))):
        with pytest.raises(MalformedRequest):
            ask(live.caller())


@pytest.mark.parametrize("field", ["days", "hours"])
def test_a_clock_is_moved_by_whole_numbers_alone(field: str):
    with pytest.raises(ValidationError, match=field):
        Advance.model_validate({field: "1"})
