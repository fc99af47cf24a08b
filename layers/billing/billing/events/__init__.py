"""Events: what has happened, as everybody is told (contract §H).

What the API and the log need is here; `publishing`, `bus` and `changes` are the stream's reader's alone.
"""

from billing.events.log import find, get, record
from billing.events.models import Event, ListEvents

__all__ = ["Event", "ListEvents", "find", "get", "record"]
