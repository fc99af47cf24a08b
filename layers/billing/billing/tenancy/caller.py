"""The caller of one request, and the answer that a retry of it must get again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Tenant:
    """A merchant in one mode. Live and sandbox are two tenants: they share nothing."""

    merchant_id: str
    livemode: bool

    @property
    def mode(self) -> str:
        """`live` or `sandbox`."""
        return "live" if self.livemode else "sandbox"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it goes out, and as an idempotency record keeps it."""

    status: int
    headers: Mapping[str, str]
    body: str | bytes


class Replayed(Exception):
    """This idempotency key has been answered before: the stored answer is the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way down.

    `idempotency_scope` is None unless the caller sent a key: the digest of API key, method, path and key.
    `body_digest` tells a repeated request from another one under the same key. `render` gives the answer that
    the edge would give for a result, so that a commit can store it beside what it answers for.
    `remaining_seconds` is what is left of the function's time. `clock` is what a sandbox merchant's test clock shows;
    requests are kept apart, retried and expired by `now`, and what they do happens at `moment`.
    """

    request_id: str
    now: datetime
    idempotency_key: str | None = None
    idempotency_scope: str | None = None
    body_digest: str = ""
    if_match: str | None = None
    render: Callable[[Any], Answer] | None = None
    remaining_seconds: Callable[[], float] = field(default=lambda: 30.0)
    clock: datetime | None = None

    @property
    def moment(self) -> datetime:
        """What time it is for the merchant: its test clock's, else the real one."""
        return self.clock or self.now


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated API key with its tenant, its scopes and the call it makes."""

    tenant: Tenant
    key_id: str
    scopes: frozenset[str]
    call: Call

    def may(self, scope: str) -> bool:
        """Whether the key has `scope` (`customers:read`), directly or by `customers:*`, `*:read` or `*`."""
        resource, _, action = scope.partition(":")
        return not self.scopes.isdisjoint({scope, f"{resource}:*", f"*:{action}", "*:*", "*"})
