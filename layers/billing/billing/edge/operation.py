"""What one endpoint takes and gives, read from its function's own signature.

The same description serves the request at run time and the OpenAPI document at build time, so they can't differ.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from billing.ids import PathId
from billing.tenancy import Caller
from billing.wire import Body, Query


@dataclass(frozen=True, slots=True)
class Raw:
    """A response that is not one of our JSON resources: a page, a document, a file.

    An endpoint that gives one says in its return type what it is: `Annotated[Raw, "text/html"]`. A body of bytes goes
    to the caller as it is.
    """

    body: str | bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """An endpoint: its scope (None for a public one), its status on success, its inputs and its result."""

    function: Callable[..., Any]
    scope: str | None
    status: int
    result: Any
    takes_caller: bool = False
    body: type[Body] | None = None
    query: type[Query] | None = None
    path: dict[str, PathId | None] = field(default_factory=dict)
    follows_test_clock: bool = False

    @property
    def names_request(self) -> bool:
        """Whether the answer's envelope has the request's id."""
        shown = next(iter(typing.get_args(self.result)), self.result)
        return bool(getattr(shown, "beside_request_id", False))


def operation_of(
    function: Callable[..., Any], scope: str | None, status: int, *, follows_test_clock: bool = False
) -> Operation:
    """Read the operation from the signature of an endpoint's function.

    A parameter is the caller, a `Body`, a `Query`, or by its name a part of the path.
    """
    takes_caller = False
    body: type[Body] | None = None
    query: type[Query] | None = None
    path: dict[str, PathId | None] = {}
    hints = typing.get_type_hints(function, include_extras=True)
    for name in inspect.signature(function).parameters:
        hint = hints[name]
        if hint is Caller:
            takes_caller = True
        elif isinstance(hint, type) and issubclass(hint, Body):
            body = hint
        elif isinstance(hint, type) and issubclass(hint, Query):
            query = hint
        else:
            path[name] = _path_id(hint)
    return Operation(function, scope, status, hints.get("return"), takes_caller, body, query, path, follows_test_clock)


def _path_id(hint: Any) -> PathId | None:
    hint = getattr(hint, "__value__", hint)
    if typing.get_origin(hint) is Annotated:
        return next((each for each in hint.__metadata__ if isinstance(each, PathId)), None)
    return None
