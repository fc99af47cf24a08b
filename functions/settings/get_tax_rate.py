"""GET /v2/settings/tax-rates/{tax_rate_id}: read a tax rate."""

from billing.edge import Caller, TaxRateId, endpoint
from billing.taxes import operations as taxes
from billing.taxes.models import TaxRate


@endpoint(scope="settings:read")
def handler(caller: Caller, tax_rate_id: TaxRateId) -> TaxRate:
    """Return a tax rate.

    Raises:
        NotFound: the merchant has no such tax rate (404).
    """
    return taxes.get(caller.tenant, tax_rate_id)
