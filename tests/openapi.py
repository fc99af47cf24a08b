"""Responses and request bodies held against the OpenAPI document: what it doesn't know is an error."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DOCUMENT: dict[str, Any] = json.loads(
    Path(__file__).parent.parent.joinpath("functions", "reference", "openapi.json").read_text()
)
OURS = ("X-Request-Id", "RevKeen-Version")
"""Headers of every answer but those of the gateway."""

_URI = "urn:document"
_REGISTRY: Registry[Any] = Registry().with_resource(_URI, DRAFT202012.create_resource(DOCUMENT))


def validate_response(method: str, path: str, status: int, headers: Mapping[str, str], body: Any) -> None:
    """Check an answer to `method` and `path`; `body` is what was received, or parsed already.

    Raises:
        AssertionError: says what the document does not allow, and where.
    """
    received = {name.lower(): text for name, text in headers.items()}
    media_type = received.get("content-type", "").partition(";")[0]
    if isinstance(body, bytes | str) and body and media_type == "application/json":
        body = json.loads(body)
    elif isinstance(body, bytes):
        body = body.decode(errors="replace")  # of a file the document says no more than that it is binary
    template, operation = _find(method, path)
    place = f"{method} {template} → {status}"
    if operation is None:
        assert status == 404, f"{place}: the document has no such route"
        _check(place, _validator("components", "schemas", "Error"), body)
        return
    response = operation["responses"].get(str(status))
    assert response is not None, f"{place}: the document has no such status, only {', '.join(operation['responses'])}"
    pointer = ["paths", template, method.lower(), "responses", str(status)]
    if "$ref" in response:
        pointer = response["$ref"].removeprefix("#/").split("/")
        response = DOCUMENT["components"]["responses"][pointer[-1]]

    _check_headers(place, response, received, by_gateway=isinstance(body, Mapping) and set(body) == {"message"})
    if "content" not in response:
        assert not body, f"{place}: has a body and must have none"
        return
    assert media_type in response["content"], (
        f"{place}: content-type is {media_type or 'missing'}, not {', '.join(response['content'])}"
    )
    _check(place, _validator(*pointer, "content", media_type, "schema"), body)


def validate_request(method: str, path: str, body: Any) -> None:
    """Check a JSON body that is about to be sent.

    Raises:
        AssertionError: says what the document does not allow, and where.
    """
    template, operation = _find(method, path)
    assert operation, f"the document has no {method} {path}"
    assert "requestBody" in operation, f"{method} {template}: takes no body"
    pointer = ("paths", template, method.lower(), "requestBody", "content", "application/json", "schema")
    _check(f"{method} {template}", _validator(*pointer), body)


def _find(method: str, path: str) -> tuple[str, dict[str, Any] | None]:
    """Return the path of the document that serves a concrete path, and its operation; the path itself if none does."""
    path = path.partition("?")[0]
    for pattern, template in _patterns():
        operations = DOCUMENT["paths"][template]
        if pattern.fullmatch(path) and method.lower() in operations:
            return template, operations[method.lower()]
    return path, None


def _check_headers(place: str, response: Mapping[str, Any], received: Mapping[str, str], *, by_gateway: bool) -> None:
    for name, reference in response.get("headers", {}).items():
        component = reference["$ref"].removeprefix("#/").split("/")
        header = DOCUMENT["components"]["headers"][component[-1]]
        text = received.get(name.lower())
        if text is None:
            expected = header.get("required") or (name in OURS and not by_gateway)
            assert not expected, f"{place}: header {name} is missing"
        else:
            _check(f"{place}: header {name}", _validator(*component, "schema"), text)


def _check(place: str, validator: Draft202012Validator, value: Any) -> None:
    error = best_match(validator.iter_errors(value))
    assert error is None, f"{place}: {error.json_path}: {error.message}"


@cache
def _validator(*pointer: str) -> Draft202012Validator:
    fragment = "/".join(part.replace("~", "~0").replace("/", "~1") for part in pointer)
    return Draft202012Validator(
        {"$ref": f"{_URI}#/{fragment}"}, registry=_REGISTRY, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return all paths, those with fewer parameters first: a literal part wins over a parameter."""
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path)
        for path in sorted(DOCUMENT["paths"], key=lambda path: path.count("{"))
    ]
