"""DELETE /v2/settings/tax-rates/{tax_rate_id}: remove a tax rate."""

from billing.edge import Caller, TaxRateId, endpoint
from billing.taxes import operations as taxes
from billing.taxes.models import DeletedTaxRate


@endpoint(scope="settings:write")
def handler(caller: Caller, tax_rate_id: TaxRateId) -> DeletedTaxRate:
    """Remove a tax rate. Invoices that were made keep what they say.

    Raises:
        NotFound: the merchant has no such tax rate (404).
    """
    return taxes.remove(caller, tax_rate_id)
