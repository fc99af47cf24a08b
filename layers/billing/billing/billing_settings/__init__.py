"""Billing settings of a merchant: who it is on invoices, when they are due, and what follows when they aren't paid."""

from billing.billing_settings.models import BillingSettings, BillingSettingsChanges
from billing.billing_settings.operations import get, update
from billing.billing_settings.record import Dunning, Settings, key_of

__all__ = ["BillingSettings", "BillingSettingsChanges", "Dunning", "Settings", "get", "key_of", "update"]
