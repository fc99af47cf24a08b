"""Taxes: the rates of a merchant, and what tax the lines of an invoice bear."""
