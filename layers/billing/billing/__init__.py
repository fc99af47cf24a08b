"""Billing: the Customers service, one package per resource."""
