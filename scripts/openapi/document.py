"""The whole document."""

import importlib
import json
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from pydantic.json_schema import JsonSchemaMode

from billing.edge import Listing
from billing.wire import API_VERSION, Resource
from scripts.openapi.operations import PARAMETERS, operation
from scripts.openapi.responses import COMMON_ERRORS, ERROR_SCHEMAS, HEADERS, error_response, phrase, summary
from scripts.openapi.routes import ROOT, Route, Undocumented, media_type
from scripts.openapi.schemas import Schemas

TARGET = ROOT / "functions" / "reference" / "openapi.json"

DESCRIPTION = """\
Customers and what belongs to them.

**Keys.** Send your API key as `x-api-key`. It belongs to one merchant and one mode: `rk_live_…` or `rk_sandbox_…`; the
two modes share nothing. An operation names the scope that the key must have.

**Spellings.** Every field and parameter may be written in snake_case or in camelCase; objects are answered with both,
always equal. Unknown fields and parameters are refused by name.

**Safe retries.** Send an `Idempotency-Key` with POST, PATCH and PUT: the same request under the same key is answered
again as it was, for 24 hours, and changes nothing.

**Concurrent changes.** Send the `ETag` that you read as `If-Match`, and a change is made only if nobody else made one.

**Errors.** One shape for all: `error.type`, `error.code`, `error.message`, the field at fault as `error.param`, and all
wrong fields with their reasons in `error.details.fields`. Quote `error.request_id` when you ask about a request.
"""


def text_of(written: Mapping[str, Any]) -> str:
    """Return the document as it is committed."""
    return json.dumps(written, indent=2, ensure_ascii=False) + "\n"


def document(served: Sequence[Route]) -> dict[str, Any]:
    """Return the OpenAPI document of these routes."""
    schemas = _schemas(served)
    paths: dict[str, dict[str, Any]] = {}
    for route in served:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Customers API", "version": API_VERSION, "description": DESCRIPTION},
        "servers": [{"url": "..", "description": "Where this document comes from."}],
        "tags": list(_tags(served)),
        "paths": paths,
        "components": {
            "securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": {
                phrase(status): error_response(status, ((error, summary(error)) for error in common))
                for status, common in sorted(COMMON_ERRORS.items())
            },
            "schemas": dict(sorted((schemas.components | ERROR_SCHEMAS).items())),
        },
    }


def _tags(served: Iterable[Route]) -> Iterator[dict[str, str]]:
    for tag in dict.fromkeys(route.tag for route in served):
        package = f"billing.{tag}"
        about = summary(importlib.import_module(package)) if find_spec(package) else "What this API is."
        yield {"name": tag, "description": about}


def _schemas(served: Iterable[Route]) -> Schemas:
    models: dict[tuple[Any, JsonSchemaMode], None] = {}
    for route in served:
        for request in (route.operation.body, route.operation.query):
            if request:
                models[request, "validation"] = None
        result = route.operation.result
        if typing.get_origin(result) is Listing:
            (result,) = typing.get_args(result)
        if isinstance(result, type) and issubclass(result, Resource):
            models[result, "serialization"] = None
        elif media_type(result) is None:
            raise Undocumented(f"{route.handler}: its result must be a Resource, a Listing or an annotated Raw")
    return Schemas(list(models))
