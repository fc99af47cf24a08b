"""POST /v2/settings/custom-fields: define a custom field."""

from billing import settings
from billing.edge import Caller, endpoint
from billing.settings import CustomField, NewCustomField


@endpoint(scope="settings:write", status=201)
def handler(caller: Caller, body: NewCustomField) -> CustomField:
    """Define a custom field of customers, at most 100 of them.

    From then on `custom_fields` takes values of its type only under its key. Values that are there already stay.

    Raises:
        Conflict: there is a custom field with this key (409).
    """
    return settings.define(caller, body)
