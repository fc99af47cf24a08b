"""The one key builder. It takes a tenant, so that reaching into another tenant cannot be expressed.

Keys hold ids and digests, never names or e-mails: keys show up in metrics and traces. Search words are the exception,
because only their text can be looked up by its beginning.

| item | pk | sk |
|---|---|---|
| customer | `T#<tenant>#customer#<id>` | `customer` |
| a setting of the tenant | `T#<tenant>#settings` | `custom_fields`, `billing`, `tax_rates` |
| owner of an e-mail | `T#<tenant>#email#<sha256>` | `email` |
| idempotency record | `T#<tenant>#idempotency#<sha256>` | `idempotency` |
| counters and counts of a ranked list | `T#<tenant>#list#<kind>` | `sequence`, `count#<n>` |
| bit maps of a ranked list | `T#<tenant>#list#<kind>#map` | `<n>` |
| search words | `T#<tenant>#word#<kind>#<first character>` | `<word>#<sequence, newest first>#<id>` |
| event | `T#<tenant>#event#<id>` | `event` |
| event log | `T#<tenant>#events[#…]` | `<time>#<version>#<id>` |
| request that waits for a gateway | `T#<tenant>#pending#<sha256>` | `pending` |
| children of an object, in their order | `T#<tenant>#<kind>#<id>#<kind of child>` | `<sequence>` |
| objects that have something in common | `T#<tenant>#<kind>#by#<facet>` | `<sequence>` |
| objects that are due, in the order of their time | `T#<tenant>#<kind>#due` | `<Unix second>#<id>` |
| what a gateway's reference stands for | `T#<tenant>#reference#<sha256>` | `reference` |
| event of a gateway that has been dealt with | `T#<tenant>#received#<sha256>` | `received` |
| invoice number that is taken | `T#<tenant>#number#<sha256>` | `number` |
| API key | `K#<sha256>` | `key` |

Partitions of the index `lists`: `T#<tenant>#<kind>[#<facet>]` by sequence, and `D#<kind>` by the second when something
is due, which spans tenants because whoever looks for what is due serves them all.
"""

from hashlib import sha256

from billing.table.items import Key
from billing.tenancy import Tenant


def digest(*parts: str) -> str:
    """Return the hex SHA-256 of the parts, kept apart by a character that none of them can hold."""
    return sha256("\x1f".join(parts).encode()).hexdigest()


def api_key_key(key_digest: str) -> Key:
    """Key of an API key, by the SHA-256 of its text; the one item that is looked up before a tenant is known."""
    return {"pk": f"K#{key_digest}", "sk": "key"}


def due(kind: str) -> str:
    """Index partition of what waits to be looked at, of all tenants, by the Unix second when it is due."""
    return f"D#{kind}"


class Keys:
    """The keys of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._root = f"T#{tenant.merchant_id}#{tenant.mode}"

    def entity(self, kind: str, id: str) -> Key:  # noqa: A002 - the contract's word
        """Key of an object that is reached by its id."""
        return {"pk": f"{self._root}#{kind}#{id}", "sk": kind}

    def setting(self, name: str) -> Key:
        """Key of one of the tenant's settings."""
        return {"pk": f"{self._root}#settings", "sk": name}

    def email(self, folded: str) -> Key:
        """Key of the item that makes a (folded) e-mail unique and finds its customer."""
        return {"pk": f"{self._root}#email#{digest(folded)}", "sk": "email"}

    def idempotency(self, scope: str) -> Key:
        """Key of the record that answers a repeated request."""
        return {"pk": f"{self._root}#idempotency#{scope}", "sk": "idempotency"}

    def pending(self, gateway_key: str) -> Key:
        """Key of the record of a request that waits for a gateway's answer."""
        return {"pk": f"{self._root}#pending#{gateway_key}", "sk": "pending"}

    def child(self, kind: str, id: str, child: str, sequence: int) -> Key:  # noqa: A002 - the contract's word
        """Key of a row that finds one child of an object, in the order of their sequence."""
        return {"pk": f"{self._root}#{kind}#{id}#{child}", "sk": f"{sequence:015d}"}

    def row(self, kind: str, facet: str, sequence: int) -> Key:
        """Key of the row by which one object is found among those that share a facet (`status#open`)."""
        return {"pk": f"{self._root}#{kind}#by#{facet}", "sk": f"{sequence:015d}"}

    def due(self, kind: str, second: int, id: str) -> Key:  # noqa: A002 - the contract's word
        """Key of the row by which an object is found when its time has come."""
        return {"pk": f"{self._root}#{kind}#due", "sk": f"{second:015d}#{id}"}

    def reference(self, gateway: str, reference: str) -> Key:
        """Key of the item that says what a gateway means by a reference of its own."""
        return {"pk": f"{self._root}#reference#{digest(gateway, reference)}", "sk": "reference"}

    def received(self, gateway: str, event_id: str) -> Key:
        """Key of the record of a gateway's event."""
        return {"pk": f"{self._root}#received#{digest(gateway, event_id)}", "sk": "received"}

    def invoice_number(self, number: str) -> Key:
        """Key of the item that makes an invoice's number unique."""
        return {"pk": f"{self._root}#number#{digest(number)}", "sk": "number"}

    def listing(self, kind: str, facet: str | None = None) -> str:
        """Index partition that holds the live objects of one kind, or of one facet of it, by their sequence."""
        return "#".join([self._root, kind, facet] if facet else [self._root, kind])

    def sequence(self, kind: str) -> Key:
        """Key of the counter that numbers the objects of one kind."""
        return {"pk": self.ranks(kind), "sk": "sequence"}

    def ranks(self, kind: str) -> str:
        """Partition of a ranked list's counter and counts."""
        return f"{self._root}#list#{kind}"

    def rank_count(self, kind: str, number: int) -> Key:
        """Key of the counts of 1,024 maps."""
        return {"pk": self.ranks(kind), "sk": f"count#{number:08d}"}

    def rank_map(self, kind: str, number: int) -> Key:
        """Key of the two bit maps of 1,024 sequence numbers."""
        return {"pk": f"{self.ranks(kind)}#map", "sk": f"{number:010d}"}

    def words(self, kind: str, initial: str) -> str:
        """Partition of the search words that start with `initial`."""
        return f"{self._root}#word#{kind}#{initial}"

    def log(self, *facets: str) -> str:
        """Partition of the event log, whole or of one facet (`customer`, `cus_…`)."""
        return "#".join([f"{self._root}#events", *facets])
