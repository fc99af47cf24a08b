"""The command and the query of billing settings. All of a tenant's stand in one item."""

from billing.billing_settings import rules
from billing.billing_settings.models import BillingSettings, BillingSettingsChanges
from billing.billing_settings.record import Settings, key_of
from billing.preconditions import check_version
from billing.table import Transaction, table
from billing.table.table import until_written
from billing.tenancy import Caller, Tenant
from billing.times import iso


def get(tenant: Tenant) -> BillingSettings:
    """Return what holds for the tenant, defaults where it has set nothing."""
    return BillingSettings.of(Settings.from_item(table().get(key_of(tenant))))


def update(caller: Caller, changes: BillingSettingsChanges) -> BillingSettings:
    """Change the tenant's billing settings; what changes nothing writes nothing.

    Raises:
        PreconditionFailed: `If-Match` names another version.
    """

    def attempt() -> BillingSettings:
        [item] = table().get_for_change(caller, [key_of(caller.tenant)])
        before = Settings.from_item(item)
        check_version(caller.call, before.version)
        after = rules.changed(before, changes, iso(caller.call.now))
        result = BillingSettings.of(after)
        table().commit(_replacing(caller.tenant, before, after), caller, result)
        return result

    return until_written(caller, attempt)


def _replacing(tenant: Tenant, before: Settings, after: Settings) -> Transaction:
    transaction = Transaction()
    if after is before:
        return transaction
    return transaction.put(key_of(tenant), after.to_item(), over=before.version)
