"""The routes of the template, each with the endpoint that serves it."""

import importlib
import inspect
import re
import sys
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from billing import errors
from billing.edge import Operation, Raw
from billing.edge.request import IDEMPOTENT_METHODS
from billing.errors import BillingError
from billing.wire import Resource
from local.functions import function_events
from local.template import Template

ROOT = Path(__file__).resolve().parents[2]

_STATUS = re.compile(r"\s*\((\d{3})\)\.?$")


class Undocumented(Exception):
    """An endpoint says something that the document cannot repeat; the message names the place."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path, and the endpoint that serves it."""

    method: str
    path: str
    operation_id: str
    handler: str
    operation: Operation
    doc: str

    @property
    def tag(self) -> str:
        """The resource: the folder that the handler's file is in."""
        return self.handler.split(".")[0]

    @property
    def idempotent(self) -> bool:
        """Whether an Idempotency-Key counts."""
        return self.method in IDEMPOTENT_METHODS

    @property
    def has_etag(self) -> bool:
        """Whether the result carries the entity tag of its version."""
        result = self.operation.result
        tagged = isinstance(result, type) and issubclass(result, Resource) and result.etag is not Resource.etag
        return tagged or (self.method == "GET" and media_type(result) is not None)


def routes() -> list[Route]:
    """Return the routes of the template in its order, but for the one that catches what no route serves."""
    functions = str(ROOT / "functions")
    if functions not in sys.path:
        sys.path.insert(0, functions)
    template = Template.read(ROOT / "template.yaml")
    found: list[Route] = []
    for function, event, kind, properties in function_events(template):
        if kind != "HttpApi" or properties["Path"] == "$default":
            continue
        handler: str = template.document["Resources"][function]["Properties"]["Handler"]
        module, _, name = handler.rpartition(".")
        endpoint = getattr(importlib.import_module(module), name)
        public = properties.get("Auth", {}).get("Authorizer") == "NONE"
        if public != (endpoint.operation.scope is None):
            raise Undocumented(f"{function}: template and endpoint disagree on whether it is public")
        again = any(each.operation_id == function for each in found)
        found.append(
            Route(
                method=properties["Method"],
                path=properties["Path"],
                operation_id=f"{function}{event}" if again else function,
                handler=handler,
                operation=endpoint.operation,
                doc=inspect.cleandoc(endpoint.__doc__ or ""),
            )
        )
    return found


def media_type(result: Any) -> str | None:
    """Return what a raw result is, or None for our JSON."""
    if typing.get_origin(result) is typing.Annotated and result.__origin__ is Raw:
        return str(result.__metadata__[0])
    return None


def raised(route: Route) -> Iterator[tuple[type[BillingError], str]]:
    """Yield the errors of the docstring's `Raises:`, each with why it comes."""
    for name, text in _entries(route.doc.partition("\nRaises:\n")[2]):
        error = getattr(errors, name, None)
        if error is None:
            raise Undocumented(f"{route.handler}: billing.errors has no {name}")
        description, status = _STATUS.sub("", text), _STATUS.search(text)
        if status and int(status[1]) != error.status:
            raise Undocumented(f"{route.handler}: {name} is answered {error.status}, not {status[1]}")
        yield error, f"{description[:1].upper()}{description[1:]}."


def _entries(section: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of each entry of a docstring's section; an entry may go on in deeper lines."""
    for entry in re.split(r"\n(?=\S)", inspect.cleandoc(section)):
        name, separator, text = entry.partition(":")
        if separator:
            yield name.strip(), " ".join(text.split())
