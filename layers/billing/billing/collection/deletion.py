"""Deleting a customer: everything that it still pays for ends with it.

The subscriptions of the usual customer end in the very transaction that deletes it. One with more of them than a
transaction holds loses the rest a moment later, when the deletion comes through the stream; until then nothing can be
charged for them, because whatever takes money makes sure of its customer in its own transaction.

What subscriptions and payments are made of is imported when a customer has some: deleting one that has none is cheap.
"""

from typing import TYPE_CHECKING

from billing.customers import rules
from billing.customers.models import DeletedCustomer
from billing.customers.operations import replacing
from billing.customers.record import Record, key_of
from billing.errors import BillingError, NotFound
from billing.preconditions import check_version
from billing.table import Keys, Transaction, facets, table
from billing.table.table import until_written
from billing.tenancy import Caller

if TYPE_CHECKING:
    from billing.collection.gateway_work import Work
    from billing.payments.record import Record as Payment
    from billing.subscriptions.record import Record as Subscription

MOST_AT_ONCE = 12
"""How many subscriptions end in the transaction that deletes their customer: each takes seven of its 100 writes."""


def delete(caller: Caller, customer_id: str) -> DeletedCustomer:
    """Mark a customer as deleted, keep its data, free its e-mail and end its subscriptions; repeatable.

    Two round trips; three for a customer that has ever subscribed.

    Raises:
        NotFound: the tenant has no such customer.
        PreconditionFailed: `If-Match` names another version.
    """

    def once() -> DeletedCustomer:
        [item] = table().get_for_change(caller, [key_of(caller.tenant, customer_id)])
        if item is None:
            raise NotFound("customer", customer_id)
        record = Record.from_item(item)
        if not record.deleted_at:
            check_version(caller.call, record.version)
        after = rules.deleted(record, caller.call)
        transaction = replacing(record, after)
        if after is not record and record.has_subscribed:
            for each in _live(caller, customer_id):
                _ending(transaction, each, caller)
        answer = after.to_deleted()
        table().commit(transaction, caller, answer)
        return answer

    return until_written(caller, once)


def sweep(caller: Caller, customer_id: str) -> int:
    """End what a deleted customer still has: subscriptions beyond the first few, money that is held. Repeatable.

    Returns how many things have ended.
    """
    ended = 0
    while live := _live(caller, customer_id):
        for each in live:
            _end(caller, each.id)
        ended += len(live)
    for payment in _held(caller, customer_id):
        ended += _let_go(caller, payment)
    return ended


def _live(caller: Caller, customer_id: str) -> "list[Subscription]":
    """Return subscriptions of a customer that are not over."""
    from billing.subscriptions import record as subscriptions  # noqa: PLC0415 - see above

    tenant = caller.tenant
    wanted = subscriptions.live_facet(customer_id)
    rows = facets.rows(tenant, subscriptions.KIND, wanted, MOST_AT_ONCE)
    items = table().get_all([subscriptions.key_of(tenant, row.id) for row in rows]) if rows else []
    return [subscriptions.Record.from_item(item) for item in items if item]


def _ending(transaction: Transaction, subscription: "Subscription", caller: Caller) -> Transaction:
    from billing.subscriptions.record import put  # noqa: PLC0415 - see above
    from billing.subscriptions.rules import ended_with_customer  # noqa: PLC0415 - see above

    return put(transaction, subscription, ended_with_customer(subscription, caller.call))


def _end(caller: Caller, subscription_id: str) -> None:
    from billing.subscriptions import record as subscriptions  # noqa: PLC0415 - see above

    def once() -> None:
        item = table().get(subscriptions.key_of(caller.tenant, subscription_id))
        if item is None:
            return
        transaction = _ending(Transaction(), subscriptions.Record.from_item(item), caller)
        table().write(transaction, caller.call.remaining_seconds)

    until_written(caller, once)


def _held(caller: Caller, customer_id: str) -> "list[Payment]":
    """Return payments of a customer whose money is held and not taken, or waits for what the payer does."""
    from billing.payments import record as payments  # noqa: PLC0415 - see above

    tenant = caller.tenant
    rows: list[facets.Row] = []
    for state in ("authorized", "awaiting_payer"):
        wanted = facets.facet(customer=customer_id, status=state) or ""
        rows += facets.rows(tenant, payments.KIND, wanted, 100)
    items = table().get_all([Keys(tenant).entity(payments.KIND, row.id) for row in rows]) if rows else []
    return [payments.Record.from_item(item) for item in items if item]


def _let_go(caller: Caller, payment: "Payment") -> bool:
    """Have the gateway let go what it holds, unless something else is being asked about it right now."""
    from billing.collection import affected  # noqa: PLC0415 - see above
    from billing.collection.gateway_work import undoing  # noqa: PLC0415 - see above
    from billing.gateway import gateway_of  # noqa: PLC0415 - see above

    gateway = gateway_of(caller.tenant)

    def once() -> "Work | None":
        before = affected.read(payment)
        transaction = Transaction()
        work, after = undoing(caller, gateway, transaction, before)
        affected.put(transaction, before, after)
        table().write(transaction, caller.call.remaining_seconds)
        return work

    try:
        work = until_written(caller, once)
        if work:
            work.settled(work.asked())
    except BillingError:
        return False
    return work is not None
