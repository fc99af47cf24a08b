"""Invoices: what customers owe. Lists and pages are imported by the functions that serve them."""
