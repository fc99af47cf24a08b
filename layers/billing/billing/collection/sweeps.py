"""What is due, found without a scan and worked off: renewals, attempts to collect, due dates, lost answers.

How something is worked off is imported when the first of its kind is due.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from billing.errors import CustomerDeleted, IdempotencyInProgress, NotAttempted
from billing.gateway import Refused, gateway_of
from billing.gateway.pending import Pending
from billing.table import due
from billing.table.due import Due
from billing.table.keys import due as due_partition
from billing.table.partitions import oldest
from billing.tenancy import Call, Caller, Tenant
from billing.test_clock.record import read as read_clock

KINDS = ("subscription", "invoice", "order")
"""What can be due, those first that make others due."""

AT_ONCE = 200
"""How many of one kind a run takes up, and how many lost answers."""

_ONE_SECONDS = 40.0
"""As long as a gateway and a busy table may take for one of them."""

type Seen = tuple[str, Exception | None]
"""The id of what was worked off, and what stood in the way."""


def work_off(caller: Caller, kind: str, id: str) -> None:  # noqa: A002 - the contract's word
    """Do with one object what its time has come for; nothing if it has not."""
    match kind:
        case "subscription":
            from billing.collection import renewals  # noqa: PLC0415 - see above

            renewals.renew(caller, id)
        case "invoice":
            from billing.collection import invoices  # noqa: PLC0415 - see above

            invoices.attempt(caller, id)
            invoices.become_overdue(caller, id)
        case "order":
            from billing.collection import orders  # noqa: PLC0415 - see above

            orders.expire(caller, id)


def work_off_all(now: datetime, remaining_seconds: Callable[[], float]) -> Iterator[Seen]:
    """Work off what is due, of all tenants, and yield each object's id; runs at the same time share the work.

    In no order, so that two runs seldom meet and one object that always fails stands in nobody's way.
    """
    for kind in KINDS:
        waiting = list(due.of_all(kind, AT_ONCE, until=int(now.timestamp())))
        random.shuffle(waiting)
        for each in waiting:
            if remaining_seconds() < _ONE_SECONDS:
                return
            yield _worked_off(each, now, remaining_seconds)


def reconcile(now: datetime, remaining_seconds: Callable[[], float]) -> Iterator[Seen]:
    """Look for answers of gateways that were lost, and yield each payment's id."""
    for item in oldest(due_partition("payment"), AT_ONCE, until=int(now.timestamp())):
        if remaining_seconds() < _ONE_SECONDS:
            return
        pending = Pending.from_item(item)
        payment_id = str(pending.facts["payment"])
        caller = system(pending.tenant, now, remaining_seconds)
        call = replace(caller.call, request_id=pending.request_id, idempotency_key=pending.idempotency_key)
        try:
            _settle(replace(caller, call=call), pending)
            yield payment_id, None
        except (IdempotencyInProgress, CustomerDeleted):
            yield payment_id, None  # settled, by another or to the effect that the money is given back
        except Exception as error:  # noqa: BLE001 - one that can't be finished must not stand in the others' way
            yield payment_id, error


def _settle(caller: Caller, pending: Pending) -> None:
    """Find out what has become of a request. What never reached the gateway is not begun now: nobody waits for it."""
    from billing.collection.gateway_work import taken_over  # noqa: PLC0415 - see above

    work = taken_over(caller, gateway_of(pending.tenant), pending)
    outcome = work.looked_up()
    if outcome is None:
        outcome = Refused(NotAttempted())
    work.settled(outcome)


def _worked_off(each: Due, now: datetime, remaining_seconds: Callable[[], float]) -> Seen:
    try:
        work_off(system(each.tenant, now, remaining_seconds), each.kind, each.id)
    except Exception as error:  # noqa: BLE001 - as above
        return each.id, error
    return each.id, None


def system(tenant: Tenant, now: datetime, remaining_seconds: Callable[[], float]) -> Caller:
    """Return the caller that stands for nobody: what is done is done because its time has come."""
    clock = None if tenant.livemode else read_clock(tenant, now)
    return Caller(tenant, "", frozenset(), Call("", now, remaining_seconds=remaining_seconds, clock=clock))
