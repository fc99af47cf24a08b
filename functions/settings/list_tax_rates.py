"""GET /v2/settings/tax-rates: list the tax rates."""

from billing.edge import Caller, Listing, endpoint
from billing.taxes import operations as taxes
from billing.taxes.models import ListTaxRates, TaxRate


@endpoint(scope="settings:read")
def handler(caller: Caller, query: ListTaxRates) -> Listing[TaxRate]:
    """List the merchant's tax rates, newest first."""
    return taxes.list_tax_rates(caller.tenant, query)
