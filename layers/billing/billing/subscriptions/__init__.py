"""Subscriptions: what customers pay for period by period.

Lists are imported from `subscriptions.lists` by the functions that serve them: the others start faster.
"""

from billing.subscriptions.models import (
    Cancellation,
    DeletedSubscription,
    ListSubscriptions,
    NewSubscription,
    Pause,
    Subscription,
    SubscriptionChanges,
    SubscriptionSummary,
)
from billing.subscriptions.operations import cancel, create, delete, get, pause, reactivate, resume, update

__all__ = [
    "Cancellation",
    "DeletedSubscription",
    "ListSubscriptions",
    "NewSubscription",
    "Pause",
    "Subscription",
    "SubscriptionChanges",
    "SubscriptionSummary",
    "cancel",
    "create",
    "delete",
    "get",
    "pause",
    "reactivate",
    "resume",
    "update",
]
