"""What an operation answers: its result, and every error with its reason."""

import inspect
import re
import types
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

from billing import errors
from billing.errors import BillingError
from scripts.openapi.routes import Route, media_type, raised
from scripts.openapi.schemas import Schemas, closed

BY_GATEWAY = frozenset({401, 413, 429, 500, 503})
"""Statuses that API Gateway may answer before or instead of a function, with a body of its own."""

COMMON_ERRORS: dict[int, tuple[type[BillingError], ...]] = {
    400: (errors.InvalidFields, errors.MalformedRequest),
    401: (errors.Unauthenticated,),
    403: (errors.PermissionDenied,),
    409: (errors.IdempotencyConflict,),
    413: (errors.BodyTooLarge,),
    429: (errors.RateLimited,),
    500: (errors.BillingError,),
    503: (errors.Unavailable,),
}

ERROR_SCHEMAS: dict[str, Any] = {
    "Error": {
        "description": "What every failure looks like; `message` and `requestId` are also at the top.",
        **closed(
            {
                "error": closed(
                    {
                        "type": {"type": "string"},
                        "code": {"type": "string"},
                        "message": {"type": "string"},
                        "param": {"type": "string", "description": "The field at fault, as you spelled it."},
                        "details": {
                            "type": "object",
                            "properties": {
                                "fields": {
                                    "type": "object",
                                    "description": "Every wrong field with its reasons.",
                                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                                }
                            },
                        },
                        "request_id": {"type": "string"},
                    },
                    required=["type", "code", "message", "request_id"],
                ),
                "message": {"type": "string"},
                "requestId": {"type": "string"},
            },
            required=["error", "message", "requestId"],
        ),
    },
    "GatewayError": {
        "description": "What the gateway answers itself: no key at all, too many requests, a function out of reach.",
        **closed({"message": {"type": "string"}}, required=["message"]),
    },
}

DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}

HEADERS: dict[str, Any] = {
    "X-Request-Id": {
        "description": "Names this request; absent only where the gateway itself answers.",
        "schema": {"type": "string"},
    },
    "RevKeen-Version": {
        "description": "The version that answered; absent only where the gateway itself answers.",
        "schema": DATE,
    },
    "ETag": {"description": "Names this version of the object.", "required": True, "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "This answer was given before, to the same request.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": r"^\d+$"}},
}


def responses(route: Route, schemas: Schemas) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each status with its response."""
    yield str(route.operation.status), _success(route, schemas)
    if route.has_etag and route.method == "GET":
        yield "304", {"description": "You hold this version already.", "headers": _headers("ETag")}
    expected: dict[int, list[tuple[type[BillingError], str]]] = {}
    for error, description in raised(route):
        expected.setdefault(error.status, []).append((error, description))
    for status in sorted({*expected, *_common_statuses(route)}):
        common = f"#/components/responses/{phrase(status)}"
        if status not in expected:
            yield str(status), {"$ref": common}
            continue
        also = COMMON_ERRORS[status] if status in _common_statuses(route) else ()
        told = {error: summary(error) for error in also} | dict(expected[status])
        yield str(status), error_response(status, told.items())


def _common_statuses(route: Route) -> Iterator[int]:
    yield from (400, 429, 500, 503)
    if route.operation.scope:
        yield from (401, 403)
    if route.idempotent:
        yield 409
    if route.operation.body:
        yield 413


def _success(route: Route, schemas: Schemas) -> dict[str, Any]:
    raw = media_type(route.operation.result)
    schema = raw_schema(raw) if raw else schemas.answer(route.operation.result)
    names = ["ETag"] if route.has_etag else []
    if route.idempotent:
        names.append("Idempotency-Replayed")
    return {
        "description": HTTPStatus(route.operation.status).phrase,
        "headers": _headers(*names),
        "content": {raw or "application/json": {"schema": schema}},
    }


def raw_schema(media: str) -> dict[str, Any]:
    """Return the schema of what is not JSON of ours; what is no text is binary."""
    if media == "application/json":
        return {"type": "object"}
    return {"type": "string"} if media.startswith("text/") else {"type": "string", "format": "binary"}


def error_response(status: int, expected: Iterable[tuple[type[BillingError], str]]) -> dict[str, Any]:
    """Return the response of a status that these errors have, each with why it comes."""
    pairs = list(expected)
    one_of = {
        name: {"enum": list(dict.fromkeys(getattr(error, name) for error, _ in pairs))} for name in ("type", "code")
    }
    schema: dict[str, Any] = {
        "allOf": [{"$ref": "#/components/schemas/Error"}, {"properties": {"error": {"properties": one_of}}}]
    }
    lines = [f"`{error.code}`: {description}" for error, description in pairs]
    if status in BY_GATEWAY:
        schema = {"anyOf": [schema, {"$ref": "#/components/schemas/GatewayError"}]}
        lines.append("Answered by the gateway, before any function is asked: `message` alone.")
    return {
        "description": "\n".join(f"- {line}" for line in lines) if len(lines) > 1 else lines[0],
        "headers": _headers(*(["Retry-After"] if status in {429, 503} else [])),
        "content": {"application/json": {"schema": schema}},
    }


def _headers(*names: str) -> dict[str, Any]:
    """Return references to these headers and to those that every answer of ours has."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", "RevKeen-Version", *names)}


def summary(documented: types.ModuleType | type) -> str:
    """Return the first line of a docstring, without its reference to the contract."""
    first = (inspect.getdoc(documented) or "").partition("\n")[0]
    return re.sub(r" \(contract [^)]*\)", "", first)


def phrase(status: int) -> str:
    """Return the name of a status in one word: `NotFound`."""
    return "".join(word.capitalize() for word in HTTPStatus(status).phrase.split())
