"""PATCH /v2/settings/billing: change the billing settings."""

from billing.billing_settings import operations as billing_settings
from billing.billing_settings.models import BillingSettings, BillingSettingsChanges
from billing.edge import Caller, endpoint


@endpoint(scope="settings:write")
def handler(caller: Caller, body: BillingSettingsChanges) -> BillingSettings:
    """Change the merchant's billing settings: what is left out stays, null resets to the default.

    Invoices that were made keep what they say.

    Raises:
        PreconditionFailed: `If-Match` names another version (412).
    """
    return billing_settings.update(caller, body)
