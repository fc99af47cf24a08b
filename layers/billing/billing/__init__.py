"""Billing: the Customers service, one package per resource."""

import gc

# Some eighty thousand objects are made on the way to the first request, and most of them stay. To look among them for
# garbage again and again, as Python does every two thousand, was a twentieth of every cold start.
gc.set_threshold(100_000)
