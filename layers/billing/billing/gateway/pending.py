"""A request that waits for a gateway, written down before the gateway is asked.

A lost answer, of ours or of the gateway, then becomes "look what happened" and never "do it again". The record is
found by the gateway's idempotency key, which comes from the caller's Idempotency-Key or else from what is asked for.
While its first request can still be running, others are told so; afterwards whoever comes takes the record over,
looks the key up at the gateway and finishes the work. It goes in the transaction that writes the result.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from billing.errors import IdempotencyConflict, IdempotencyInProgress
from billing.table import Item, Key, Keys, Transaction, table
from billing.table.keys import digest, due
from billing.table.table import Raced
from billing.tenancy import Caller, Tenant

KEPT_SECONDS = 7 * 24 * 60 * 60
"""How long an unfinished request can be taken up again."""

_GRACE_SECONDS = 5
"""How much longer than its function may run a request counts as running: clocks differ."""


@dataclass(frozen=True, slots=True)
class Pending:
    """One request at work. `facts` is what somebody else needs to finish it; `version` counts who has tried.

    `kind` is None where nobody but a repeated request needs to finish it.
    """

    tenant: Tenant
    key: str
    facts: Mapping[str, Any]
    fresh_until: int
    expires_at: int
    body_digest: str = ""
    kind: str | None = None
    version: int = 1
    request_id: str = ""
    idempotency_key: str | None = None

    @classmethod
    def begun(
        cls,
        caller: Caller,
        key: str,
        facts: Mapping[str, Any],
        kind: str | None = None,
        *,
        kept_seconds: int = KEPT_SECONDS,
    ) -> Self:
        """Return the record of a request that is about to ask the gateway."""
        call = caller.call
        return cls(
            tenant=caller.tenant,
            key=key,
            facts=facts,
            fresh_until=_fresh_until(caller),
            expires_at=int(call.now.timestamp()) + kept_seconds,
            body_digest=call.body_digest,
            kind=kind,
            request_id=call.request_id,
            idempotency_key=call.idempotency_key,
        )

    def to_item(self) -> Item:
        """Return the item; one that must not be forgotten stands in the index of what is due."""
        return {
            **key_of(self.tenant, self.key),
            "entity": "pending",
            "merchant_id": self.tenant.merchant_id,
            "livemode": self.tenant.livemode,
            "gateway_key": self.key,
            "facts": json.dumps(self.facts),
            "fresh_until": self.fresh_until,
            "expires_at": self.expires_at,
            "body_digest": self.body_digest,
            "kind": self.kind,
            "list": due(self.kind) if self.kind else None,
            "sequence": self.fresh_until if self.kind else None,
            "version": self.version,
            "request_id": self.request_id,
            "idempotency_key": self.idempotency_key,
        }

    @classmethod
    def from_item(cls, item: Item) -> Self:
        """Return the record that `to_item` wrote."""
        return cls(
            tenant=Tenant(item["merchant_id"], item["livemode"]),
            key=item["gateway_key"],
            facts=json.loads(item["facts"]),
            fresh_until=item["fresh_until"],
            expires_at=item["expires_at"],
            body_digest=item["body_digest"],
            kind=item.get("kind"),
            version=item["version"],
            request_id=item["request_id"],
            idempotency_key=item.get("idempotency_key"),
        )


def key_of(tenant: Tenant, key: str) -> Key:
    """Return the key of the record of a gateway key."""
    return Keys(tenant).pending(key)


def gateway_key(caller: Caller, *natural: str) -> str:
    """Return the gateway's idempotency key: from the caller's own, else from what identifies the wish."""
    scope = caller.call.idempotency_scope
    tenant = caller.tenant
    return digest(tenant.merchant_id, tenant.mode, *(("scope", scope) if scope else natural))


def begin(transaction: Transaction, pending: Pending) -> Transaction:
    """Write the record down, unless another request has got there first.

    Its commit raises `IdempotencyInProgress` in that case.
    """
    return transaction.create(
        key_of(pending.tenant, pending.key), pending.to_item(), refusal=lambda _: IdempotencyInProgress()
    )


def taken_over(caller: Caller, pending: Pending) -> Pending:
    """Return the record in this request's hands; the request that began it can no longer finish it.

    Raises:
        IdempotencyConflict: it was begun under the same Idempotency-Key with another body.
        IdempotencyInProgress: that one can still be running, or a third one was faster.
    """
    mine_once = caller.call.idempotency_scope is not None and pending.key == gateway_key(caller)
    if mine_once and pending.body_digest != caller.call.body_digest:
        raise IdempotencyConflict(
            "This Idempotency-Key was used with a different request body", param="Idempotency-Key"
        )
    if pending.fresh_until > caller.call.now.timestamp():
        raise IdempotencyInProgress
    mine = replace(pending, version=pending.version + 1, fresh_until=_fresh_until(caller))
    _replace(caller, mine)
    return mine


def let_go(caller: Caller, pending: Pending) -> None:
    """Let whoever comes next look the outcome up at once: this request knows that it can't tell."""
    _replace(caller, replace(pending, version=pending.version + 1, fresh_until=int(caller.call.now.timestamp())))


def finish(transaction: Transaction, pending: Pending) -> Transaction:
    """Have the record go with the transaction.

    Its commit raises `IdempotencyInProgress` if another request has taken the record over.
    """
    return transaction.delete(
        key_of(pending.tenant, pending.key),
        where=("version", pending.version),
        refusal=lambda _: IdempotencyInProgress(),
    )


def _replace(caller: Caller, pending: Pending) -> None:
    transaction = Transaction().replace(
        key_of(pending.tenant, pending.key), pending.to_item(), version=pending.version - 1
    )
    try:
        table().write(transaction, caller.call.remaining_seconds)
    except Raced as error:
        raise IdempotencyInProgress from error


def _fresh_until(caller: Caller) -> int:
    call = caller.call
    return int(call.now.timestamp() + call.remaining_seconds() + _GRACE_SECONDS) + 1
