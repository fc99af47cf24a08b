"""Moving a sandbox merchant's test clock: what is due on the way is done in its order, each at its own moment."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from billing.collection.sweeps import KINDS, work_off
from billing.errors import MalformedRequest
from billing.table import Transaction, due, table
from billing.table.due import Due
from billing.table.table import Raced, until_written
from billing.tenancy import Caller
from billing.test_clock.models import FURTHEST_DAYS, Advance, TestClock
from billing.test_clock.record import Clock, key_of
from billing.wire import refuse

_LOOKED_AT = 20
"""How many of what is due next are looked at: more than can ever be stuck."""

_ONE_SECONDS = 3.0
"""With less time than this left nothing more is begun: what is left is for the next request."""


def get(caller: Caller) -> TestClock:
    """Return what a merchant's clock shows.

    Raises:
        MalformedRequest: live mode has no test clock.
    """
    _only_in_sandbox(caller)
    return TestClock.of(Clock.from_item(table().get(key_of(caller.tenant))), caller.call.now)


def advance(caller: Caller, body: Advance) -> TestClock:
    """Move the clock forward and do all that becomes due, as far as the time of this request goes.

    The answer says `advancing` when something is left: the same request, or one to a later moment, goes on.

    Raises:
        MalformedRequest: live mode has no test clock.
        InvalidFields: the target lies behind what the clock shows, or more than two years ahead of it.
    """
    _only_in_sandbox(caller)

    def aim() -> Clock:
        [item] = table().get_for_change(caller, [key_of(caller.tenant)])
        before = Clock.from_item(item)
        asked = caller.call.idempotency_scope
        if asked is not None and asked == before.asked:
            return before
        shown = max(before.shown or caller.call.now, caller.call.now)
        target = _target(body, shown, before.target)
        after = replace(before, version=before.version + 1, shown=shown, target=target, asked=asked)
        _write(caller, before, after)
        return after

    clock = until_written(caller, aim)
    try:
        clock = _advanced(caller, clock)
    except Raced:  # another request advances it too, and is further
        clock = Clock.from_item(table().get(key_of(caller.tenant)))
    answer = TestClock.of(clock, caller.call.now)
    if not clock.is_advancing:  # what is left to do is done by the same request, sent again
        table().commit(Transaction(), caller, answer)
    return answer


def stop(caller: Caller) -> TestClock:
    """Give the merchant the real time back. What has happened in the future stays.

    Raises:
        MalformedRequest: live mode has no test clock.
    """
    _only_in_sandbox(caller)

    def once() -> Clock:
        before = Clock.from_item(table().get(key_of(caller.tenant)))
        after = Clock(version=before.version + 1)
        if before.shown is not None:
            _write(caller, before, after)
        return after

    return TestClock.of(until_written(caller, once), caller.call.now)


def _advanced(caller: Caller, clock: Clock) -> Clock:
    stuck: set[Due] = set()
    while clock.target is not None:
        if caller.call.remaining_seconds() < _ONE_SECONDS:
            return clock
        nearest = _nearest(caller, clock.target, stuck)
        if nearest is None:
            return _moved(caller, clock, clock.target, target=None)
        moment = max(clock.shown or clock.target, datetime.fromtimestamp(nearest.second, UTC))
        if moment != clock.shown:
            clock = _moved(caller, clock, moment, target=clock.target)
        at_its_time = replace(caller.call, clock=moment, request_id="", idempotency_key=None, idempotency_scope=None)
        work_off(replace(caller, call=at_its_time), nearest.kind, nearest.id)
        stuck.add(nearest)  # what is still due at that time is left to the sweeps
    return clock


def _nearest(caller: Caller, target: datetime, stuck: Collection[Due]) -> Due | None:
    """Return what is due first on the way, but for what has been taken up before and is still there."""
    until = int(target.timestamp())
    left = [
        each
        for kind in KINDS
        for each in due.of_tenant(caller.tenant, kind, _LOOKED_AT, until=until)
        if each not in stuck
    ]
    return min(left, key=lambda each: each.second, default=None)


def _target(body: Advance, shown: datetime, earlier: datetime | None) -> datetime:
    if body.to is None and earlier is not None:
        return earlier  # still on its way: days and hours were counted from where it had begun
    target = body.to or shown + timedelta(days=body.days or 0, hours=body.hours or 0)
    target = target.replace(microsecond=0) + timedelta(seconds=target.microsecond > 0)
    if target <= shown and target != earlier:
        raise refuse("to", f"must be after {shown.isoformat(timespec='seconds')}, which the clock shows")
    if target > shown + timedelta(days=FURTHEST_DAYS):
        raise refuse("to", f"must be at most {FURTHEST_DAYS} days ahead of what the clock shows")
    return max(target, earlier) if earlier else target


def _moved(caller: Caller, clock: Clock, shown: datetime, *, target: datetime | None) -> Clock:
    after = replace(clock, version=clock.version + 1, shown=shown, target=target)
    _write(caller, clock, after)
    return after


def _write(caller: Caller, before: Clock, after: Clock) -> None:
    transaction = Transaction().put(key_of(caller.tenant), after.to_item(), over=before.version)
    table().write(transaction, caller.call.remaining_seconds)


def _only_in_sandbox(caller: Caller) -> None:
    if caller.tenant.livemode:
        raise MalformedRequest("Live mode has no test clock: use a sandbox key")
