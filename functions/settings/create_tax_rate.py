"""POST /v2/settings/tax-rates: create a tax rate."""

from billing.edge import Caller, endpoint
from billing.taxes import operations as taxes
from billing.taxes.models import NewTaxRate, TaxRate


@endpoint(scope="settings:write", status=201)
def handler(caller: Caller, body: NewTaxRate) -> TaxRate:
    """Create a tax rate of a country, or of a state in it; at most 200 of them.

    An invoice bears the active rate of where its customer is billed, its state's before its country's.

    Raises:
        Conflict: the country or state has an active rate; `details.tax_rate_id` names it (409).
    """
    return taxes.create(caller, body)
