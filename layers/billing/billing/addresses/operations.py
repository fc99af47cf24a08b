"""The commands and queries of addresses. Each is a command or query of the customer that holds them."""

from collections.abc import Sequence

from billing.addresses import countries
from billing.addresses.models import AddressChanges, CustomerAddress, DeletedAddress, ListAddresses, NewAddress
from billing.customers import operations as customers
from billing.customers import rules
from billing.customers.address_book import AddressBook, Entry
from billing.customers.operations import change as change_customer
from billing.customers.record import Record
from billing.errors import NotFound
from billing.ids import new_id
from billing.merging import merged
from billing.short_lists import page_of
from billing.table import Item
from billing.tenancy import Caller, Tenant
from billing.times import iso
from billing.wire import Listing


def list_addresses(tenant: Tenant, customer_id: str, query: ListAddresses) -> Listing[CustomerAddress]:
    """Return a page of a customer's addresses, newest first.

    Raises:
        NotFound: the tenant has no such customer.
        InvalidFields: a cursor names none of them.
    """
    entries = customers.read(tenant, customer_id).addresses.entries
    return page_of([CustomerAddress.of(customer_id, each) for each in reversed(entries)], query, prefix="addr")


def get(tenant: Tenant, customer_id: str, address_id: str) -> CustomerAddress:
    """Return an address.

    Raises:
        NotFound: the tenant has no such customer, or the customer no such address.
    """
    return CustomerAddress.of(customer_id, _entry(customers.read(tenant, customer_id).addresses, address_id))


def add(caller: Caller, customer_id: str, body: NewAddress) -> CustomerAddress:
    """Add an address.

    Raises:
        NotFound: the tenant has no such customer.
        CustomerDeleted: it is deleted.
        MalformedRequest: it has as many addresses as it can have.
        InvalidFields: the address is none in its country.
    """
    moment = iso(caller.call.now)
    parts = merged({}, body.parts())
    entry = Entry(new_id("addr"), body.type, parts, moment, moment, is_default=body.is_default is True)

    def decide(record: Record, _: Sequence[Item | None]) -> Record:
        after = rules.addressed(record, record.addresses.with_entry(entry), caller.call)
        countries.check(parts)
        return after

    return change_customer(caller, customer_id, decide, lambda after: _answer(after, entry.id))


def change(caller: Caller, customer_id: str, address_id: str, changes: AddressChanges) -> CustomerAddress:
    """Change an address; one that stays as it is where it is sent is not held against its country again.

    Raises:
        NotFound: the tenant has no such customer, or the customer no such address.
        CustomerDeleted: it is deleted.
        InvalidFields: the address is none in its country, or the default is told to be none.
    """

    def decide(record: Record, _: Sequence[Item | None]) -> Record:
        entry = _entry(record.addresses, address_id)
        book = record.addresses.changed(
            entry, changes.parts(), is_default=changes.is_default, moment=iso(caller.call.now)
        )
        after = rules.addressed(record, book, caller.call)
        parts = _entry(book, address_id).parts
        if parts != entry.parts:
            countries.check(parts)
        return after

    return change_customer(caller, customer_id, decide, lambda after: _answer(after, address_id))


def remove(caller: Caller, customer_id: str, address_id: str) -> DeletedAddress:
    """Remove an address; the newest that is left of its type becomes the default if it was it.

    Raises:
        NotFound: the tenant has no such customer, or the customer no such address.
        CustomerDeleted: it is deleted.
    """

    def decide(record: Record, _: Sequence[Item | None]) -> Record:
        entry = _entry(record.addresses, address_id)
        return rules.addressed(record, record.addresses.without(entry, iso(caller.call.now)), caller.call)

    return change_customer(caller, customer_id, decide, lambda _: DeletedAddress(id=address_id))


def _entry(book: AddressBook, address_id: str) -> Entry:
    entry = book.find(address_id)
    if entry is None:
        raise NotFound("address", address_id)
    return entry


def _answer(record: Record, address_id: str) -> CustomerAddress:
    return CustomerAddress.of(record.id, _entry(record.addresses, address_id))
