"""Who buys, as taxes see it."""

from billing.businesses.tax_ids import Recognised
from billing.customers.record import Record as Customer


def tax_identity_of(customer: Customer) -> Recognised | None:
    """Return what a customer's own tax identifier is recognised as, if it has one."""
    tax_id = customer.texts.get("tax_id")
    if tax_id is None:
        return None
    from billing.businesses.tax_ids import recognise  # noqa: PLC0415 - few customers have one

    return recognise(tax_id, customer.address.get("country"))
