"""GET /v2/settings/custom-fields/{custom_field_id}: read a custom field."""

from billing import settings
from billing.edge import Caller, CustomFieldId, endpoint
from billing.settings import CustomField


@endpoint(scope="settings:read")
def handler(caller: Caller, custom_field_id: CustomFieldId) -> CustomField:
    """Return a custom field.

    Raises:
        NotFound: the merchant has no such custom field (404).
    """
    return settings.get(caller.tenant, custom_field_id)
