"""Reading an API Gateway event (HTTP API, payload 2.0): everything that can be wrong with a request."""

import base64
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from billing.edge.operation import Operation
from billing.errors import (
    BillingError,
    BodyTooLarge,
    InvalidFields,
    MalformedRequest,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from billing.ids import parse_id
from billing.table.keys import digest
from billing.tenancy import Answer, Call, Caller, Tenant
from billing.wire import Request, camel, refuse

LARGEST_BODY_BYTES = 256 * 1024
"""More than the largest valid request of any endpoint."""

IDEMPOTENT_METHODS = frozenset({"POST", "PATCH", "PUT"})


class Incoming:
    """One HTTP request, read lazily from its event."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        context = event.get("requestContext", {})
        http = context.get("http", {})
        self._event = event
        self._given: Mapping[str, Any] = {}
        self.request_id: str = context.get("requestId", "")
        self.method: str = http.get("method", "")
        self.path: str = event.get("rawPath", "")
        self.route: str = event.get("routeKey", "")
        self.headers: Mapping[str, str] = {name.lower(): text for name, text in event.get("headers", {}).items()}
        self.authorizer: Mapping[str, Any] = context.get("authorizer", {}).get("lambda") or {}

    def body_bytes(self) -> bytes:
        """Return the body as it was sent.

        Raises:
            BodyTooLarge: over 256 KB.
        """
        text = self._event.get("body") or ""
        try:
            raw = base64.b64decode(text, validate=True) if self._event.get("isBase64Encoded") else text.encode()
        except ValueError as error:
            raise MalformedRequest("The body can't be decoded", param="body") from error
        if len(raw) > LARGEST_BODY_BYTES:
            raise BodyTooLarge(f"The body is larger than {LARGEST_BODY_BYTES // 1024} KB", param="body")
        return raw

    def caller(self, operation: Operation, render: Callable[[Any], Answer], now: datetime, context: Any) -> Caller:
        """Return who calls, from what the authorizer found.

        Raises:
            Unauthenticated: the authorizer knew no such key.
            PermissionDenied: the key lacks the operation's scope.
            InvalidFields: the Idempotency-Key is empty or too long.
        """
        found = self.authorizer
        if "key_id" not in found:
            raise Unauthenticated("This API key is not valid" if found else "No API key was given: send x-api-key")
        caller = Caller(
            tenant=Tenant(found["merchant_id"], found["mode"] == "live"),
            key_id=found["key_id"],
            scopes=frozenset(found["scopes"].split()),
            call=self._call(found["key_id"], render, now, context),
        )
        if operation.scope and not caller.may(operation.scope):
            raise PermissionDenied(f"This API key lacks the scope {operation.scope}")
        return caller

    def keyed(self, caller: Caller, key: str) -> Caller:
        """Return the caller with an idempotency key from the body, which one client sends there (contract §0).

        The header wins.
        """
        if caller.call.idempotency_key is not None or self.method not in IDEMPOTENT_METHODS:
            return caller
        return replace(caller, call=replace(caller.call, **self._keyed(caller.key_id, key)))

    def _keyed(self, key_id: str, key: str | None) -> dict[str, Any]:
        return {
            "idempotency_key": key,
            "idempotency_scope": digest(key_id, self.method, self.path, key) if key else None,
            "body_digest": hashlib.sha256(self.body_bytes()).hexdigest() if key else "",
        }

    def path_parameters(self, operation: Operation) -> dict[str, str]:
        """Return the parts of the path, ids in their canonical form.

        Raises:
            NotFound: an id that is malformed names nothing.
        """
        given = self._event.get("pathParameters") or {}
        parameters: dict[str, str] = {}
        for name, marker in operation.path.items():
            text = given.get(name, "")
            parsed = parse_id(marker.prefix, text) if marker else text
            if parsed is None:
                assert marker is not None  # noqa: S101 - only a marked id is parsed
                raise NotFound(marker.resource, text[:64])
            parameters[name] = parsed
        return parameters

    def query[Q: Request](self, model: type[Q]) -> Q:
        """Return the checked query parameters."""
        self._given = self._event.get("queryStringParameters") or {}
        return _checked(model, self._given, "query parameter")

    def refuse_query(self) -> None:
        """Refuse parameters of an endpoint that takes none.

        Raises:
            InvalidFields: there are some.
        """
        given = self._event.get("queryStringParameters")
        if given:
            raise InvalidFields({name: ["Unknown query parameter"] for name in given})

    def body[B: Request](self, model: type[B]) -> B:
        """Return the checked JSON body; no body at all is an empty object.

        Raises:
            MalformedRequest: not JSON, not UTF-8, or no object.
            InvalidFields: fields that are wrong, each with its reason.
        """
        value = self._object()
        self._given = {**self._given, **value}
        return _checked(model, value, "field")

    def refuse_body(self) -> None:
        """Refuse fields of an endpoint that takes none: whoever sends some expects something of them.

        Raises:
            MalformedRequest: not JSON, not UTF-8, or no object.
            InvalidFields: there are some.
        """
        given = self._object() if self.method in IDEMPOTENT_METHODS else {}
        if given:
            raise InvalidFields({name: ["Unknown field"] for name in given})

    def _object(self) -> dict[str, Any]:
        raw = self.body_bytes()
        try:
            value = from_json(raw, allow_inf_nan=False) if raw.strip() else {}
        except ValueError as error:
            raise MalformedRequest(f"The body is not valid JSON: {error}", param="body") from error
        if not _finite(value):
            raise MalformedRequest("The body holds a number that is too large", param="body")
        if not isinstance(value, dict):
            raise MalformedRequest("The body must be a JSON object", param="body")
        return value

    def as_sent(self, error: BillingError) -> BillingError:
        """Return an error in the words of the request: fields as they were spelled, objects as they were named."""
        if isinstance(error, InvalidFields):
            return InvalidFields(
                {_as_sent(tuple(name.split(".")), self._given): texts for name, texts in error.fields.items()}
            )
        if error.param is not None:
            named = self._name_of(error.about) if error.about else None
            error.param = named or _as_sent(tuple(error.param.split(".")), self._given)
        return error

    def _name_of(self, object_id: str) -> str | None:
        """Return the field or query parameter that holds an object's id, unless the path names the object."""
        if any(_is_id(object_id, text) for text in (self._event.get("pathParameters") or {}).values()):
            return None
        return next((name for name, text in _texts(self._given, "") if _is_id(object_id, text)), None)

    def _call(self, key_id: str, render: Callable[[Any], Answer], now: datetime, context: Any) -> Call:
        key = self.headers.get("idempotency-key") if self.method in IDEMPOTENT_METHODS else None
        if key is not None and not 1 <= len(key) <= 255:
            raise refuse("Idempotency-Key", "must have 1 to 255 characters")
        return Call(
            request_id=self.request_id,
            now=now,
            **self._keyed(key_id, key),
            if_match=self.headers.get("if-match"),
            render=render,
            remaining_seconds=lambda: context.get_remaining_time_in_millis() / 1000,
        )


def _finite(value: Any) -> bool:
    """Whether no number is infinite: 1e999 is valid JSON, and what it reads as could not be written again."""
    match value:
        case float():
            return math.isfinite(value)
        case dict():
            return all(_finite(each) for each in value.values())
        case list():
            return all(_finite(each) for each in value)
        case _:
            return True


def _texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield the texts that stand in JSON, each under its dotted name."""
    match value:
        case str():
            yield name.removeprefix("."), value
        case dict():
            for key, each in value.items():
                yield from _texts(each, f"{name}.{key}")
        case list():
            for index, each in enumerate(value):
                yield from _texts(each, f"{name}.{index}")


def _is_id(object_id: str, text: str) -> bool:
    """Whether a text names an object, in either form of its id; what is no id is known by its beginning."""
    return object_id in (text[:64], parse_id(object_id.partition("_")[0], text))


def _checked[R: Request](model: type[R], given: Mapping[str, Any], noun: str) -> R:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        fields: dict[str, list[str]] = {}
        for each in error.errors(include_url=False, include_input=False):
            param = each.get("ctx", {}).get("param")
            location = (*each["loc"], param) if param else each["loc"]
            fields.setdefault(_as_sent(location, given), []).append(_reason(each["type"], each["msg"], noun))
        raise InvalidFields(fields) from None


def _as_sent(location: tuple[Any, ...], given: Any) -> str:
    """Return the dotted name of a field in the spelling that the caller used."""
    names: list[str] = []
    for part in location:
        name = str(part)
        if isinstance(given, Mapping):
            if name not in given and camel(name) in given:
                name = camel(name)
            given = given.get(name)
        else:
            given = given[part] if isinstance(given, list) and isinstance(part, int) and part < len(given) else None
        names.append(name)
    return ".".join(names) or "body"


def _reason(kind: str, message: str, noun: str) -> str:
    match kind:
        case "extra_forbidden":
            return f"Unknown {noun}"
        case "missing":
            return "is required"
        case "model_type":
            return "must be an object"
        case _:
            return message if message[1:2].isupper() else message[:1].lower() + message[1:]
