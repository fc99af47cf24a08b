"""API Gateway's payload format 2.0: the event a function gets, and what its answer means."""

import base64
import binascii
import json
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.routes import Authorizer, Route
from local.template import ACCOUNT, REGION

_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml", "multipart/form-data")
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "cookie"}
_API_ID = "local"


class AnswerInvalid(Exception):
    """A function returned what API Gateway cannot turn into a response."""


@dataclass(frozen=True)
class Request:
    """An HTTP request as it arrived."""

    method: str
    path: str
    query: str
    headers: Iterable[tuple[str, str]]
    body: bytes
    client: str
    protocol: str = "HTTP/1.1"
    arrived: float = field(default_factory=time.time)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def folded_headers(self) -> dict[str, str]:
        """Return the headers in lower case, those given twice joined by a comma, without cookies."""
        folded: dict[str, str] = {}
        for name, value in self.headers:
            key = name.lower()
            if key not in _HOP_BY_HOP:
                folded[key] = f"{folded[key]},{value}" if key in folded else value
        return folded

    def cookies(self) -> list[str]:
        """Return the cookies, one by one."""
        return [
            cookie.strip()
            for name, value in self.headers
            if name.lower() == "cookie"
            for cookie in value.split(";")
            if cookie.strip()
        ]

    def query_parameters(self) -> dict[str, str]:
        """Return the decoded query parameters, those given twice joined by a comma."""
        joined: dict[str, str] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            joined[name] = f"{joined[name]},{value}" if name in joined else value
        return joined


@dataclass(frozen=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes


def message(status: int, text: str) -> Response:
    """Return an answer of API Gateway's own."""
    body = json.dumps({"message": text}, separators=(",", ":")).encode()
    return Response(status, {"content-type": "application/json"}, (), body)


def route_event(request: Request, route: Route, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the event for the function behind `route`."""
    event = _common(request, route, parameters)
    event["isBase64Encoded"] = False
    if request.body:
        text = _text(request.body, event["headers"].get("content-type", ""))
        event["isBase64Encoded"] = text is None
        event["body"] = base64.b64encode(request.body).decode() if text is None else text
    return event


def authorizer_event(
    request: Request, route: Route, parameters: Mapping[str, str], identity: list[str]
) -> dict[str, Any]:
    """Return the event for a Lambda authorizer."""
    method, path = request.method, unquote(request.path)
    return {
        **_common(request, route, parameters),
        "type": "REQUEST",
        "routeArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{_API_ID}/$default/{method}{path}",
        "identitySource": identity,
    }


def _common(request: Request, route: Route, parameters: Mapping[str, str]) -> dict[str, Any]:
    headers = request.folded_headers()
    host = headers.get("host", "localhost")
    headers.setdefault("content-length", str(len(request.body)))
    headers.setdefault("x-amzn-trace-id", f"Root=1-{int(request.arrived):08x}-{uuid.uuid4().hex[:24]}")
    headers.setdefault("x-forwarded-for", request.client)
    headers.setdefault("x-forwarded-port", host.rpartition(":")[2] if ":" in host else "80")
    headers.setdefault("x-forwarded-proto", "http")
    path = unquote(request.path)
    domain = host.partition(":")[0]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": request.query,
        "cookies": request.cookies(),
        "headers": headers,
        "queryStringParameters": request.query_parameters(),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": _API_ID,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": request.protocol,
                "sourceIp": request.client,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request.id,
            "routeKey": route.key,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(request.arrived)),
            "timeEpoch": int(request.arrived * 1000),
        },
        "pathParameters": dict(parameters),
    }
    for optional in ("cookies", "queryStringParameters", "pathParameters"):
        if not event[optional]:
            del event[optional]
    return event


def _text(body: bytes, content_type: str) -> str | None:
    """Return a body as text if API Gateway would pass it so, None if it would encode it."""
    kind = content_type.partition(";")[0].strip().lower()
    is_text = not kind or kind.startswith(_TEXT_TYPES) or kind.endswith(("+json", "+xml", "urlencoded"))
    if not is_text:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def response(payload: str) -> Response:
    """Return the response a function's JSON answer stands for.

    Raises:
        AnswerInvalid: API Gateway would answer 500.
    """
    answer = json.loads(payload)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        body = answer if isinstance(answer, str) else payload
        return Response(200, {"content-type": "application/json"}, (), body.encode())
    try:
        status = int(answer["statusCode"])
        headers = {str(name).lower(): _header(value) for name, value in (answer.get("headers") or {}).items()}
        cookies = tuple(str(cookie) for cookie in answer.get("cookies") or [])
    except (TypeError, ValueError, AttributeError) as error:
        raise AnswerInvalid(str(error)) from error
    if not 100 <= status <= 599:
        raise AnswerInvalid(f"status {status}")
    headers.setdefault("content-type", "text/plain;charset=UTF-8")
    return Response(status, headers, cookies, _body(answer))


def _header(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise AnswerInvalid(f"header value {value!r}")
    return str(value)


def _body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise AnswerInvalid("body is no text")
    if not answer.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise AnswerInvalid("body is not base64") from error


def identity(request: Request, route: Route, authorizer: Authorizer) -> list[str] | None:
    """Return the values of an authorizer's identity sources, None if one is missing."""
    headers, query = request.folded_headers(), request.query_parameters()
    values = [headers.get(name) for name in authorizer.headers]
    values += [query.get(name) for name in authorizer.query_strings]
    values += [{"routeKey": route.key, "identity.sourceIp": request.client}.get(name) for name in authorizer.context]
    return [value for value in values if value] if all(values) else None
