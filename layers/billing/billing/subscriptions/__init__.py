"""Subscriptions: what customers pay for period by period.

Lists are imported from `subscriptions.lists` by the functions that serve them: the others start faster.
"""

from billing.subscriptions.models import (
    DeletedSubscription,
    ListSubscriptions,
    NewSubscription,
    Pause,
    Subscription,
    SubscriptionCancellation,
    SubscriptionChanges,
    SubscriptionSummary,
)
from billing.subscriptions.operations import cancel, create, delete, get, pause, reactivate, resume, update

__all__ = [
    "DeletedSubscription",
    "ListSubscriptions",
    "NewSubscription",
    "Pause",
    "Subscription",
    "SubscriptionCancellation",
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
