"""Minting, revoking and recognising API keys."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from billing.errors import NotFound
from billing.ids import new_id
from billing.table import api_key_key, table
from billing.table.keys import digest
from billing.times import iso, now

type Mode = Literal["live", "sandbox"]
type Scope = Annotated[str, StringConstraints(pattern=r"^(\*|(\*|[a-z_]+):(\*|read|write))$")]


class NewKey(BaseModel):
    """What to mint. A `merchant_id` that is left out makes a new merchant.

    `key` chooses the key's text, for local runs and tests alone: it is refused unless ALLOW_CHOSEN_KEYS=1.
    """

    model_config = ConfigDict(extra="forbid")

    mode: Mode
    scopes: list[Scope] = Field(default=["*"], min_length=1)
    name: str = Field("", max_length=100)
    merchant_id: str | None = Field(None, pattern=r"^mer_[0-9a-f]{32}$")
    merchant_name: str = Field("", max_length=100)
    key: str | None = Field(None, min_length=8, max_length=200)

    @model_validator(mode="after")
    def _chosen_keys_are_local(self) -> "NewKey":
        if self.key is not None:
            if os.environ.get("ALLOW_CHOSEN_KEYS") != "1":
                raise ValueError("key: choosing a key's text is for local runs; leave it out")
            if not self.key.startswith(f"rk_{self.mode}_"):
                raise ValueError(f"key: a {self.mode} key starts with rk_{self.mode}_")
        return self


@dataclass(frozen=True, slots=True)
class MintedKey:
    """A new key. Its text is shown here and never again."""

    key: str
    key_id: str
    merchant_id: str
    mode: str
    scopes: list[str]


def mint(new: NewKey) -> MintedKey:
    """Mint a key; a chosen key that exists is returned as it stands."""
    text = new.key or f"rk_{new.mode}_{secrets.token_urlsafe(32)}"
    minted = MintedKey(
        key=text,
        key_id=new_id("key"),
        merchant_id=new.merchant_id or new_id("mer"),
        mode=new.mode,
        scopes=list(new.scopes),
    )
    key = api_key_key(digest(text))
    existing = table().get(key) if new.key else None
    if existing:
        return MintedKey(text, existing["key_id"], existing["merchant_id"], existing["mode"], existing["scopes"])
    stored = {name: value for name, value in asdict(minted).items() if name != "key"}
    item: dict[str, Any] = {
        **key,
        **stored,
        "entity": "api_key",
        "name": new.name,
        "merchant_name": new.merchant_name,
        "created_at": iso(now()),
    }
    table().put_all([item])
    return minted


def revoke(key_text: str) -> str:
    """Revoke a key by its text and return its id; repeatable. It stops working within the authorizer's 60 s.

    Raises:
        NotFound: there is no such key.
    """
    key = api_key_key(digest(key_text))
    item = table().get(key)
    if item is None:
        raise NotFound("API key")
    if "revoked_at" not in item:
        table().put_all([{**item, "revoked_at": iso(now())}])
    return str(item["key_id"])


def authenticated(key_text: str) -> Mapping[str, str]:
    """Return the authorizer's context for a key: merchant, mode, scopes and key id, or the failure."""
    item = table().get(api_key_key(digest(key_text)))
    if item is None:
        return {"failure": "unknown_key"}
    if "revoked_at" in item:
        return {"failure": "revoked_key"}
    return {
        "merchant_id": item["merchant_id"],
        "mode": item["mode"],
        "key_id": item["key_id"],
        "scopes": " ".join(item["scopes"]),
    }
