"""Who calls, for which tenant, and what travels down with the call."""

from billing.tenancy.caller import Answer, Call, Caller, Replayed, Tenant

__all__ = ["Answer", "Call", "Caller", "Replayed", "Tenant"]
