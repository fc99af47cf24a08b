"""Events as the API answers them and as the bus carries them (contract §H)."""

import re
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from billing.ids import parse_id
from billing.wire import CursorQuery, Resource

MOST_TYPES = 20
"""How many types one list may name: each is a partition to read."""

FACETS = {"customer": "cus", "invoice": "inv", "subscription": "sub", "order": "ord"}
"""The objects by which events can be listed, with the prefixes of their ids."""

_TYPE = re.compile(r"\*|[a-z_]+(\.[a-z_]+)*(\.\*)?")


class EventRequest(Resource):
    """The API request that made the change."""

    id: str | None = None
    idempotency_key: str | None = None

    both_spellings: ClassVar[bool] = False
    nulls: ClassVar[frozenset[str]] = frozenset({"id", "idempotency_key"})


class Event(Resource):
    """Something that has happened. The same event has the same id however often it is delivered."""

    id: str = Field(description="`evt_` and 32 hex digits.")
    object: Literal["event"] = "event"
    type: str = Field(description="What has happened, e.g. `customer.updated`.")
    created: int = Field(description="When, in Unix seconds.")
    created_at: str = Field(description="When, ISO 8601.")
    livemode: bool
    api_version: str | None = Field(description="The version of the API that `data` is written in.")
    account: str = Field(description="The merchant.")
    pending_webhooks: int = Field(0, description="Webhook deliveries that have not succeeded yet.")
    request: EventRequest | None = Field(None, description="The request that made the change; null if none did.")
    version: int = Field(description="The object's version: per object, higher is later.")
    data: dict[str, Any] = Field(
        description="`object` as it was then, for `*.updated` also `previous_attributes`; its fields once more beside."
    )

    both_spellings: ClassVar[bool] = False
    envelope: ClassVar[str | None] = None
    nulls: ClassVar[frozenset[str]] = frozenset({"api_version", "request"})


def matches(type: str, pattern: str) -> bool:  # noqa: A002 - the contract's word
    """Whether an event's type is meant by an exact type, by `customer.*` or by `*`."""
    return pattern in (type, "*") or (pattern.endswith(".*") and type.startswith(pattern[:-1]))


def _id_of(prefix: str, noun: str) -> Callable[[str], str]:
    def canonical(text: str) -> str:
        parsed = parse_id(prefix, text)
        if parsed is None:
            raise PydanticCustomError("id", "is not the id of {noun}", {"noun": noun})
        return parsed

    return canonical


def _type_pattern(text: str) -> str:
    if not _TYPE.fullmatch(text):
        raise PydanticCustomError("event_type", "must be an event type, e.g. customer.updated or customer.*")
    return text


def _type_patterns(text: str) -> str:
    patterns = text.split(",")
    if len(patterns) > MOST_TYPES:
        raise PydanticCustomError("event_types", "must be at most {most} types", {"most": MOST_TYPES})
    return ",".join(_type_pattern(each.strip()) for each in patterns)


type Seconds = Annotated[int, Field(ge=0, le=10**11)]


class ListEvents(CursorQuery):
    """Which events, and which page of them; all filters hold at once."""

    type: Annotated[str, AfterValidator(_type_pattern)] | None = Field(
        None, description="An event type, or all of a kind: `customer.*`."
    )
    types: Annotated[str, AfterValidator(_type_patterns)] | None = Field(
        None, description=f"Up to {MOST_TYPES} of them, separated by commas; any may match."
    )
    customer_id: Annotated[str, AfterValidator(_id_of("cus", "a customer"))] | None = None
    invoice_id: Annotated[str, AfterValidator(_id_of("inv", "an invoice"))] | None = None
    subscription_id: Annotated[str, AfterValidator(_id_of("sub", "a subscription"))] | None = None
    order_id: Annotated[str, AfterValidator(_id_of("ord", "an order"))] | None = None
    created_gte: Seconds | None = Field(None, description="Not before this moment, in Unix seconds.")
    created_lte: Seconds | None = Field(None, description="Not after this moment, in Unix seconds.")

    def patterns(self) -> list[tuple[str, ...]]:
        """Return the alternatives that the caller gave, each set of which must match."""
        given = [(self.type,)] if self.type else []
        return given + ([tuple(dict.fromkeys(self.types.split(",")))] if self.types else [])

    def facets(self) -> dict[str, str]:
        """Return the objects that the events must be about, by kind."""
        given = {name: getattr(self, f"{name}_id") for name in FACETS}
        return {name: id for name, id in given.items() if id}  # noqa: A001 - the contract's word
