"""What follows from an event at once, instead of when the next sweep comes by. The sweeps do the same, later.

What an event calls for is imported when it comes: most call for nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from billing.collection.sweeps import system, work_off
from billing.tenancy import Tenant


def follow(event: Mapping[str, Any], now: datetime, remaining_seconds: Callable[[], float]) -> None:
    """Do what an event of ours calls for; repeatable, and nothing for most events."""
    caller = system(Tenant(event["account"], event["livemode"]), now, remaining_seconds)
    about = event["data"]["object"]
    match event["type"].split("."):
        case ["customer", "deleted"]:
            from billing.collection import deletion  # noqa: PLC0415 - see above

            deletion.sweep(caller, about["id"])
        case ["customer", "payment_method", _]:
            from billing.collection import recovery  # noqa: PLC0415 - see above

            recovery.retry(caller, about["customer_id"], since=event["created_at"])
        case ["customer", "updated"]:
            if "default_payment_method_id" in event["data"].get("previous_attributes", {}):
                from billing.collection import recovery  # noqa: PLC0415 - see above

                recovery.retry(caller, about["id"], since=event["created_at"])
        case ["subscription" | "invoice" as kind, *_]:
            work_off(caller, kind, about["id"])
