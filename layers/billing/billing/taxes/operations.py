"""The commands and queries of tax rates. All rates of a tenant stand in one item."""

from collections.abc import Callable

from billing.ids import new_id
from billing.short_lists import page_of
from billing.table import Transaction, table
from billing.table.table import until_written
from billing.taxes.changes import added, changed, find, without
from billing.taxes.models import DeletedTaxRate, ListTaxRates, NewTaxRate, TaxRate, TaxRateChanges
from billing.taxes.record import Rates, key_of
from billing.tenancy import Caller, Tenant
from billing.times import iso
from billing.wire import Listing


def list_tax_rates(tenant: Tenant, query: ListTaxRates) -> Listing[TaxRate]:
    """Return a page of the tenant's tax rates, newest first.

    Raises:
        InvalidFields: a cursor names none of them.
    """
    return page_of([TaxRate.of(each) for each in reversed(_read(tenant).rates)], query, prefix="txr")


def get(tenant: Tenant, rate_id: str) -> TaxRate:
    """Return a tax rate.

    Raises:
        NotFound: the tenant has no such tax rate.
    """
    return TaxRate.of(find(_read(tenant), rate_id))


def create(caller: Caller, body: NewTaxRate) -> TaxRate:
    """Create a tax rate.

    Raises:
        Conflict: it is active, and so is another one of its place.
        MalformedRequest: there are as many as there can be.
    """
    rate_id, moment = new_id("txr"), iso(caller.call.now)
    return _change(
        caller,
        lambda before: added(before, body, id=rate_id, moment=moment),
        lambda after: TaxRate.of(find(after, rate_id)),
    )


def change(caller: Caller, rate_id: str, changes: TaxRateChanges) -> TaxRate:
    """Change a tax rate; invoices that were made keep what they say.

    Raises:
        NotFound: the tenant has no such tax rate.
        Conflict: it is active, and so is another one of its place.
    """
    return _change(
        caller,
        lambda before: changed(before, find(before, rate_id), changes, iso(caller.call.now)),
        lambda after: TaxRate.of(find(after, rate_id)),
    )


def remove(caller: Caller, rate_id: str) -> DeletedTaxRate:
    """Remove a tax rate; invoices that were made keep what they say.

    Raises:
        NotFound: the tenant has no such tax rate.
    """
    return _change(
        caller,
        lambda before: without(before, find(before, rate_id)),
        lambda _: DeletedTaxRate(id=rate_id),
    )


def _change[R](caller: Caller, decide: Callable[[Rates], Rates], answer: Callable[[Rates], R]) -> R:

    def attempt() -> R:
        [item] = table().get_for_change(caller, [key_of(caller.tenant)])
        before = Rates.from_item(item)
        after = decide(before)
        result = answer(after)
        table().commit(_replacing(caller.tenant, before, after), caller, result)
        return result

    return until_written(caller, attempt)


def _replacing(tenant: Tenant, before: Rates, after: Rates) -> Transaction:
    transaction = Transaction()
    if after is before:
        return transaction
    return transaction.put(key_of(tenant), after.to_item(), over=before.version)


def _read(tenant: Tenant) -> Rates:
    return Rates.from_item(table().get(key_of(tenant)))
