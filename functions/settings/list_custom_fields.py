"""GET /v2/settings/custom-fields: list the custom fields."""

from billing import settings
from billing.edge import Caller, Listing, endpoint
from billing.settings import CustomField, ListCustomFields


@endpoint(scope="settings:read")
def handler(caller: Caller, query: ListCustomFields) -> Listing[CustomField]:
    """List the merchant's custom fields, newest first."""
    return settings.list_custom_fields(caller.tenant, query)
