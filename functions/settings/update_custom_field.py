"""PATCH /v2/settings/custom-fields/{custom_field_id}: change a custom field."""

from billing import settings
from billing.edge import Caller, CustomFieldId, endpoint
from billing.settings import CustomField, CustomFieldChanges


@endpoint(scope="settings:write")
def handler(caller: Caller, custom_field_id: CustomFieldId, body: CustomFieldChanges) -> CustomField:
    """Change a custom field's label, options or whether it is required; its key and type never change.

    Customers keep the values that they have, and only values that are sent from now on are held against it.

    Raises:
        NotFound: the merchant has no such custom field (404).
    """
    return settings.change(caller, custom_field_id, body)
