"""The commands and queries of subscriptions: read, decide by the rules, commit.

What a subscription does by itself, and its invoices, are `billing.collection`'s.
"""

from collections.abc import Callable

from billing.billing_settings.record import Settings
from billing.billing_settings.record import key_of as settings_key
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.customers.rules import subscribing
from billing.customers.wallet import month_of
from billing.errors import NotFound
from billing.ids import new_id, object_id, parse_id
from billing.live_customers import require_live
from billing.preconditions import check_version
from billing.subscriptions import rules
from billing.subscriptions.models import (
    DeletedSubscription,
    NewSubscription,
    Pause,
    Subscription,
    SubscriptionCancellation,
    SubscriptionChanges,
)
from billing.subscriptions.record import KIND, Record, key_of, put
from billing.table import Item, Keys, Transaction, table
from billing.table.table import until_written
from billing.tenancy import Call, Caller
from billing.wire import refuse


def create(caller: Caller, body: NewSubscription) -> Subscription:
    """Begin a subscription: what it depends on is read, a number is drawn, one transaction.

    The customer moves on with it, so that of a subscription and a deletion at once one sees the other.

    Raises:
        NotFound: the tenant has no such customer or business.
        CustomerDeleted: the customer is deleted.
        InvalidFields: the payment method is none of the customer's active ones, the business is not linked with it,
            or a date lies in the past or too far ahead.
    """
    tenant = caller.tenant
    customer_id = object_id("cus", "customer", body.customer_id)
    business_id = object_id("bus", "business", body.business_id) if body.business_id is not None else None
    subscription_id = new_id("sub")
    sequences: list[int] = []

    def attempt() -> Subscription:
        keys = [customer_key(tenant, customer_id), settings_key(tenant)]
        if business_id:
            # Not by its own record: nothing else is needed of it, and it is much to import.
            keys.append(Keys(tenant).entity("business", business_id))
        item, stored, *rest = table().get_for_change(caller, keys)
        if item is None:
            raise NotFound("customer", customer_id)
        customer = Customer.from_item(item)
        subscribed = subscribing(customer)
        if business_id:
            _check_linked(rest[0], business_id, customer_id)
        settings = Settings.from_item(stored)
        method_id = _method_of(customer, body.payment_method_id, caller.call)
        if not sequences:
            sequences.append(table().next_number(Keys(tenant).sequence(KIND)))
        record = rules.new_subscription(
            tenant,
            body,
            id=subscription_id,
            sequence=sequences[0],
            customer_id=customer_id,
            currency=body.currency or customer.texts.get("currency") or settings.default_currency,
            settings=settings,
            payment_method_id=method_id,
            business_id=business_id,
            call=caller.call,
        )
        transaction = put(Transaction(), None, record)
        transaction.replace(customer_key(tenant, customer_id), subscribed.to_item(), version=customer.version)
        subscription = record.to_subscription(caller.call.moment)
        table().commit(transaction, caller, subscription)
        return subscription

    return until_written(caller, attempt)


def get(caller: Caller, subscription_id: str) -> Subscription:
    """Return a subscription.

    Raises:
        NotFound: the tenant has no such subscription.
    """
    record = _found(table().get(key_of(caller.tenant, subscription_id)), subscription_id)
    return record.to_subscription(caller.call.moment)


def update(caller: Caller, subscription_id: str, changes: SubscriptionChanges) -> Subscription:
    """Change a subscription; what changes nothing writes nothing and makes no event.

    Raises:
        NotFound: the tenant has no such subscription.
        CustomerDeleted: its customer is deleted.
        MalformedRequest: its state forbids it.
        InvalidFields: the payment method is none of the customer's active ones, a date lies in the past or too far
            ahead, a period would cost too much, or merged metadata grows over its limits.
        PreconditionFailed: `If-Match` names another version.
    """

    def decide(record: Record) -> Record:
        method_id = None
        if changes.payment_method_id is not None:
            item = table().get(customer_key(caller.tenant, record.customer_id))
            if item is None:
                raise NotFound("customer", record.customer_id)
            method_id = _method_of(Customer.from_item(item), changes.payment_method_id, caller.call)
        return rules.changed(record, changes, caller.call, payment_method_id=method_id)

    return _change(caller, subscription_id, decide)


def cancel(caller: Caller, subscription_id: str, body: SubscriptionCancellation) -> Subscription:
    """End a subscription, at once or with its current period; asking twice for its period's end is fine.

    Raises:
        NotFound: the tenant has no such subscription.
        MalformedRequest: it is over.
        PreconditionFailed: `If-Match` names another version.
    """
    return _change(
        caller,
        subscription_id,
        lambda record: rules.canceled(record, body.mode, body.reason, caller.call),
        needs_customer=False,
    )


def pause(caller: Caller, subscription_id: str, body: Pause) -> Subscription:
    """Pause a subscription, until it is resumed or by itself.

    Raises:
        NotFound: the tenant has no such subscription.
        MalformedRequest: it is neither active nor trialing.
        InvalidFields: it would resume in the past, or too far ahead.
        PreconditionFailed: `If-Match` names another version.
    """
    return _change(
        caller, subscription_id, lambda record: rules.paused(record, body, caller.call), needs_customer=False
    )


def resume(caller: Caller, subscription_id: str) -> Subscription:
    """Have a paused subscription go on.

    Raises:
        NotFound: the tenant has no such subscription.
        CustomerDeleted: its customer is deleted.
        MalformedRequest: it is not paused.
        PreconditionFailed: `If-Match` names another version.
    """
    return _change(caller, subscription_id, lambda record: rules.resumed(record, caller.call))


def reactivate(caller: Caller, subscription_id: str) -> Subscription:
    """Have a subscription go on that was to be canceled with its current period.

    Raises:
        NotFound: the tenant has no such subscription.
        CustomerDeleted: its customer is deleted.
        MalformedRequest: it is over, or was not going to be canceled.
        PreconditionFailed: `If-Match` names another version.
    """
    return _change(caller, subscription_id, lambda record: rules.reactivated(record, caller.call))


def delete(caller: Caller, subscription_id: str) -> DeletedSubscription:
    """Cancel a subscription at once; its record is kept. Repeatable.

    Raises:
        NotFound: the tenant has no such subscription.
        PreconditionFailed: `If-Match` names another version.
    """

    def decide(record: Record) -> Record:
        return record if record.is_over else rules.canceled(record, "immediately", None, caller.call)

    _change(caller, subscription_id, decide, needs_customer=False)
    return DeletedSubscription()


def _change(
    caller: Caller, subscription_id: str, decide: Callable[[Record], Record], *, needs_customer: bool = True
) -> Subscription:
    """Change a subscription as `decide` says: one read, one transaction.

    What can lead to money needs a customer that lives when it is written.
    """

    def attempt() -> Subscription:
        [item] = table().get_for_change(caller, [key_of(caller.tenant, subscription_id)])
        record = _found(item, subscription_id)
        after = decide(record)
        transaction = put(Transaction(), record, after)
        if after is not record:
            check_version(caller.call, record.version)
            if needs_customer:
                require_live(transaction, record.tenant, record.customer_id)
        subscription = after.to_subscription(caller.call.moment)
        table().commit(transaction, caller, subscription)
        return subscription

    return until_written(caller, attempt)


def _method_of(customer: Customer, wanted: str | None, call: Call) -> str | None:
    """Return the payment method that a caller names.

    Raises:
        InvalidFields: it is none of the customer's active ones.
    """
    if wanted is None:
        return None
    method_id = parse_id("pm", wanted)
    if method_id is None or method_id not in customer.wallet.active(month_of(call.moment)):
        raise refuse("payment_method_id", "must be an active payment method of this customer")
    return method_id


def _check_linked(item: Item | None, business_id: str, customer_id: str) -> None:
    if item is None or "deleted_at" in item:
        raise NotFound("business", business_id)
    if customer_id not in item.get("customer_ids", ()):
        raise refuse("business_id", "must be a business that the customer is linked with")


def _found(item: Item | None, subscription_id: str) -> Record:
    if item is None:
        raise NotFound("subscription", subscription_id)
    return Record.from_item(item)
