"""Payments: money that customers have paid, through a gateway (charges) or by other means."""
