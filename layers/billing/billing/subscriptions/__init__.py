"""Subscriptions: what customers pay for period by period.

Lists are imported from `subscriptions.lists` by the functions that serve them: the others start faster.
"""
