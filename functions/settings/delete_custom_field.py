"""DELETE /v2/settings/custom-fields/{custom_field_id}: remove a custom field."""

from billing import settings
from billing.edge import Caller, CustomFieldId, endpoint
from billing.settings import DeletedCustomField


@endpoint(scope="settings:write")
def handler(caller: Caller, custom_field_id: CustomFieldId) -> DeletedCustomField:
    """Remove a custom field. Customers keep the values that they have; its key takes any value again.

    Raises:
        NotFound: the merchant has no such custom field (404).
    """
    return settings.remove(caller, custom_field_id)
