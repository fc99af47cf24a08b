"""How billing settings change. Pure."""

from dataclasses import replace
from typing import Any

from billing.billing_settings.models import BillingSettingsChanges, DunningChanges
from billing.billing_settings.record import Dunning, Settings
from billing.merging import merged

_DEFAULTS = Settings()


def changed(settings: Settings, changes: BillingSettingsChanges, moment: str) -> Settings:
    """Return the settings with the changes, null being the default, or the same object when nothing changes."""
    given = {name: getattr(_DEFAULTS, name) if value is None else value for name, value in changes.given().items()}
    if changes.address is not None:
        given["address"] = merged(settings.address, changes.address.given())
    if changes.dunning is not None:
        given["dunning"] = _dunning(settings.dunning, changes.dunning)
    after = replace(settings, **given)
    if after == settings:
        return settings
    # A clock that runs behind must not make a later version look older.
    return replace(after, version=settings.version + 1, updated_at=max(moment, settings.updated_at or ""))


def _dunning(dunning: Dunning, changes: DunningChanges) -> Dunning:
    given: dict[str, Any] = {
        name: getattr(_DEFAULTS.dunning, name) if value is None else value for name, value in changes.given().items()
    }
    after = replace(dunning, **given)
    return replace(after, retry_days=tuple(after.retry_days))
