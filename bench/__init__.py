"""Benchmarks: what the budgets say, measured; `make bench` prints one table and writes JSON."""
