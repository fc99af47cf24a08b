"""The token in an unsubscribe link: whose it is, under a MAC. Pure.

Nothing is stored for it, it never expires (an old mail's link must work) and it is good for unsubscribing alone.
"""

import base64
import hmac
import re
from dataclasses import dataclass

from billing.tenancy import Tenant

_PURPOSE = b"unsubscribe\x1f"
_MAC_BYTES = 18
_TOKEN = re.compile(r"[A-Za-z0-9_-]{68}")
"""33 bytes of ids and mode and 18 of MAC, in base64url: no padding, and no second spelling of the same bytes."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a link was sent to."""

    tenant: Tenant
    customer_id: str


def sign(addressee: Addressee, secret: str) -> str:
    """Return the token of a customer."""
    claim = (
        bytes([addressee.tenant.livemode])
        + bytes.fromhex(addressee.tenant.merchant_id.removeprefix("mer_"))
        + bytes.fromhex(addressee.customer_id.removeprefix("cus_"))
    )
    return base64.urlsafe_b64encode(claim + _mac(claim, secret)).decode()


def verify(token: str, secret: str) -> Addressee | None:
    """Return whom a token was made for, None if it was not made under this secret."""
    if not _TOKEN.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    claim, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(claim, secret)):
        return None
    tenant = Tenant(f"mer_{claim[1:17].hex()}", livemode=claim[0] == 1)
    return Addressee(tenant, f"cus_{claim[17:].hex()}")


def _mac(claim: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), _PURPOSE + claim, "sha256")[:_MAC_BYTES]
