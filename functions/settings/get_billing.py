"""GET /v2/settings/billing: read the billing settings."""

from billing.billing_settings import operations as billing_settings
from billing.billing_settings.models import BillingSettings
from billing.edge import Caller, endpoint


@endpoint(scope="settings:read")
def handler(caller: Caller) -> BillingSettings:
    """Return the merchant's billing settings, with the defaults where it has set nothing."""
    return billing_settings.get(caller.tenant)
