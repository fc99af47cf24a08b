"""The one key builder. It takes a tenant, so that reaching into another tenant cannot be expressed.

Keys hold ids and digests, never names or e-mails: keys show up in metrics and traces.

| item | pk | sk |
|---|---|---|
| customer | `T#<tenant>#customer#<id>` | `customer` |
| owner of an e-mail | `T#<tenant>#email#<sha256>` | `email` |
| idempotency record | `T#<tenant>#idempotency#<sha256>` | `idempotency` |
| counters and counts of a ranked list | `T#<tenant>#list#<kind>` | `sequence`, `count#<n>` |
| bit maps of a ranked list | `T#<tenant>#list#<kind>#map` | `<n>` |
| search words | `T#<tenant>#word#<kind>#<first letters>` | `<word>#<sequence, newest first>` |
| event | `T#<tenant>#event#<id>` | `event` |
| event log | `T#<tenant>#events[#…]` | `<time>#<version>#<id>` |
| API key | `K#<sha256>` | `key` |
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


class Keys:
    """The keys of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._root = f"T#{tenant.merchant_id}#{tenant.mode}"

    def entity(self, kind: str, id: str) -> Key:  # noqa: A002 - the contract's word
        """Key of an object that is reached by its id."""
        return {"pk": f"{self._root}#{kind}#{id}", "sk": kind}

    def email(self, folded: str) -> Key:
        """Key of the item that makes a (folded) e-mail unique and finds its customer."""
        return {"pk": f"{self._root}#email#{digest(folded)}", "sk": "email"}

    def idempotency(self, scope: str) -> Key:
        """Key of the record that answers a repeated request."""
        return {"pk": f"{self._root}#idempotency#{scope}", "sk": "idempotency"}

    def listing(self, kind: str) -> str:
        """Index partition that holds the live objects of one kind by their sequence."""
        return f"{self._root}#{kind}"

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
