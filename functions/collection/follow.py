"""A rule's target: does at once what events call for, instead of when the next sweep comes by."""

from typing import Any

from billing.collection import follow_up
from billing.times import now


def handler(event: dict[str, Any], context: Any) -> None:
    """Bill a new subscription, collect a new invoice, try again with a new card, end what a deleted customer has."""
    follow_up.follow(event["detail"], now(), lambda: context.get_remaining_time_in_millis() / 1000)
