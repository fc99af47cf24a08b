"""The single table: its keys, its transactions, its ranked lists. No other code writes a key or a condition on one."""

from billing.table.items import Item, Key, to_json
from billing.table.keys import Keys, api_key_key
from billing.table.table import QueryPage, Table, table
from billing.table.transaction import Transaction

__all__ = ["Item", "Key", "Keys", "QueryPage", "Table", "Transaction", "api_key_key", "table", "to_json"]
