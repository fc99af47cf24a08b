"""PATCH /v2/settings/tax-rates/{tax_rate_id}: change a tax rate."""

from billing.edge import Caller, TaxRateId, endpoint
from billing.taxes import operations as taxes
from billing.taxes.models import TaxRate, TaxRateChanges


@endpoint(scope="settings:write")
def handler(caller: Caller, tax_rate_id: TaxRateId, body: TaxRateChanges) -> TaxRate:
    """Change a tax rate. Invoices that were made keep what they say.

    Raises:
        NotFound: the merchant has no such tax rate (404).
        Conflict: the country or state has another active rate; `details.tax_rate_id` names it (409).
    """
    return taxes.change(caller, tax_rate_id, body)
