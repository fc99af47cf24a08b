"""Customers: profiles of those who pay.

Commands are imported from `customers.operations` by those who give them: who needs only the records starts faster.
"""
