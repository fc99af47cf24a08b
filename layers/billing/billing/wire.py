"""What goes over the wire: request bodies, query parameters, resources, lists.

The official clients disagree on camelCase and snake_case, so requests are taken in both spellings and resources
that the clients read differently are sent in both, always equal (contract §I, 1 and 2). Fields are declared once,
in snake_case; this module is the only place that knows of the other spelling.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from billing.errors import InvalidFields


@cache
def camel(snake: str) -> str:
    """Return the camelCase spelling: `address_line1` → `addressLine1`."""
    head, *rest = snake.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


class Request(BaseModel):
    """Fields of a request, in either spelling; anything else is refused by name."""

    # Built by the endpoint that takes it; a function imports many more than it needs.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    both_spellings: ClassVar[bool] = True

    @model_validator(mode="before")
    @classmethod
    def _one_spelling(cls, data: Any) -> Any:
        if not cls.both_spellings or not isinstance(data, Mapping):
            return data
        spelled = dict(data)
        for name in cls.model_fields:
            twin = camel(name)
            if twin == name or twin not in spelled:
                continue
            value = spelled.pop(twin)
            if name in spelled and spelled[name] != value:
                raise PydanticCustomError(
                    "spellings_disagree",
                    "{param} and {name} are one field and differ",
                    {"param": twin, "name": name},
                )
            spelled[name] = value
        return spelled

    def given(self) -> dict[str, Any]:
        """Return the fields that the caller sent, null ones included."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Body(Request):
    """A JSON request body."""


class Query(Request):
    """Query parameters."""


class Resource(BaseModel):
    """An object as the API answers it: unset fields are left out, see `nulls` for those that are sent as null."""

    # Resources are constructed from what was stored, so most are never built at all.
    model_config = ConfigDict(frozen=True, defer_build=True)

    both_spellings: ClassVar[bool] = True
    twins: ClassVar[frozenset[str]] = frozenset()
    """Fields that have both spellings where the rest has one."""
    envelope: ClassVar[str | None] = "data"
    """The key that the object stands under, or None for a bare one."""
    beside: ClassVar[Mapping[str, Any]] = {}
    """What the envelope holds beside the object."""
    beside_request_id: ClassVar[bool] = False
    """Whether the envelope, of one object or of a list, also names the request (contract §F, invoices)."""
    nulls: ClassVar[frozenset[str]] = frozenset()
    """Fields that the contract requires and that are null when unset."""

    @property
    def etag(self) -> str | None:
        """The entity tag of this version, for resources that have one."""
        return None

    def to_wire(self) -> dict[str, Any]:
        """Return the JSON object: snake_case, plus camelCase twins where the clients need both."""
        wire: dict[str, Any] = {}
        for name, twin in _names(type(self)):
            value = _wire_value(getattr(self, name))
            if value is None and name not in self.nulls:
                continue
            wire[name] = value
            wire[twin] = value
        return wire

    def to_envelope(self) -> dict[str, Any]:
        """Return the response body: the object under its envelope's key, or bare."""
        return {self.envelope: self.to_wire(), **self.beside} if self.envelope else self.to_wire()


@cache
def _names(resource: type[Resource]) -> tuple[tuple[str, str], ...]:
    """Return each field that goes out, with its twin (itself where one spelling is enough)."""
    return tuple(
        (name, camel(name) if resource.both_spellings or name in resource.twins else name)
        for name, field in resource.model_fields.items()
        if not field.exclude
    )


def _wire_value(value: Any) -> Any:
    if isinstance(value, Resource):
        return value.to_wire()
    if isinstance(value, list | tuple):
        return [_wire_value(each) for each in value]
    return value


API_VERSION = "2026-05-01"
"""The version of all that goes over the wire: a request gets it that pins none, and every event."""

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100


def _clamped(limit: int) -> int:
    return min(limit, LARGEST_LIMIT)


class CursorQuery(Query):
    """A page by cursor: ids of objects, newest first."""

    limit: Annotated[int, Field(ge=1), AfterValidator(_clamped)] = Field(
        DEFAULT_LIMIT, description=f"How many, 1 to {LARGEST_LIMIT}; larger values mean {LARGEST_LIMIT}."
    )
    starting_after: str | None = Field(None, description="An id: the page begins with the next older object.")
    ending_before: str | None = Field(None, description="An id: the page just before it, still newest first.")

    @model_validator(mode="after")
    def _one_cursor(self) -> Self:
        if self.starting_after and self.ending_before:
            raise PydanticCustomError(
                "two_cursors", "and starting_after exclude each other", {"param": "ending_before"}
            )
        return self


class PageQuery(CursorQuery):
    """A page by cursor, by offset or by number; a cursor wins over an offset, an offset over a page."""

    offset: int | None = Field(None, ge=0, le=10**12, description="How many objects to skip.")
    page: int | None = Field(None, ge=1, le=10**10, description="Page number, from 1.")

    def first(self) -> int:
        """Return how many objects come before the page."""
        if self.offset is not None:
            return self.offset
        return (self.page - 1) * self.limit if self.page is not None else 0


@dataclass(frozen=True, slots=True)
class Listing[R: Resource]:
    """One page of a list. `total` and `offset` are None where the list does not know them (cursors, search)."""

    data: Sequence[R]
    has_more: bool
    limit: int
    offset: int | None = None
    total: int | None = None
    kind: str | None = None
    """A word that one client requires of one list (contract §C); None leaves it out."""

    def to_wire(self, url: str) -> dict[str, Any]:
        """Return the envelope that is the union of what the official clients read (contract §0)."""
        pagination: dict[str, Any] = {"limit": self.limit, "hasMore": self.has_more}
        if self.offset is not None:
            pagination |= {"offset": self.offset, "page": self.offset // self.limit + 1}
        wire: dict[str, Any] = {
            "object": "list",
            "data": [each.to_wire() for each in self.data],
            "has_more": self.has_more,
            "url": url,
        }
        if self.total is not None:
            wire["total_count"] = self.total
            pagination |= {"total": self.total, "totalPages": -(-self.total // self.limit)}
        if self.kind is not None:
            pagination["kind"] = self.kind
        return wire | {"pagination": pagination}


def refuse(param: str, reason: str) -> InvalidFields:
    """Return the error for one field, in the caller's terms."""
    return InvalidFields({param: [reason]})
