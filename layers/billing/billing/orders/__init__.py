"""Orders: what a customer buys once, paid and fulfilled."""

from billing.orders.lists import find, of_customer
from billing.orders.models import ListOrders, NewOrder, Order, OrderSummary
from billing.orders.operations import cancel, create, fulfill, get

__all__ = [
    "ListOrders",
    "NewOrder",
    "Order",
    "OrderSummary",
    "cancel",
    "create",
    "find",
    "fulfill",
    "get",
    "of_customer",
]
