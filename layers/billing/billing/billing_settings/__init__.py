"""Billing settings of a merchant: who it is on invoices, when they are due, and what follows when they aren't paid."""
