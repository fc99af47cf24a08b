"""Collection: money moves. Charges at the gateway, and all that follows from them for what is paid.

Above the resources, because a payment changes several of them in one transaction.
"""
