"""Writing responses: results and errors in the contract's shapes (contract §0)."""

import base64
import json
from http import HTTPStatus
from typing import Any

from billing.edge.operation import Operation, Raw
from billing.errors import BillingError
from billing.tenancy import Answer
from billing.wire import Listing, Resource

_JSON = "application/json"


def rendered(operation: Operation, result: Any, url: str, request_id: str) -> Answer:
    """Return the answer to a result of an operation."""
    if isinstance(result, Raw):
        return Answer(result.status, {"content-type": result.content_type, **result.headers}, result.body)
    headers = {"content-type": _JSON}
    if isinstance(result, Listing):
        return Answer(operation.status, headers, to_json(result.to_wire(url) | _request(operation, request_id)))
    assert isinstance(result, Resource)  # noqa: S101 - the return types of endpoints, checked by mypy
    if result.etag:
        headers["etag"] = result.etag
    return Answer(operation.status, headers, to_json(result.to_envelope() | _request(operation, request_id)))


def _request(operation: Operation, request_id: str) -> dict[str, str]:
    return {"requestId": request_id} if operation.names_request else {}


def unless_held(answer: Answer, if_none_match: str | None) -> Answer:
    """Return the answer to a GET, or 304 without a body if the caller holds this version (RFC 9110 §13.1.2)."""
    etag = answer.headers.get("etag")
    if answer.status != HTTPStatus.OK or etag is None or if_none_match is None:
        return answer
    held = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    if held.isdisjoint({etag, "*"}):
        return answer
    return Answer(
        HTTPStatus.NOT_MODIFIED,
        {name: text for name, text in answer.headers.items() if name != "content-type"},
        "",
    )


def rendered_error(error: BillingError, request_id: str) -> Answer:
    """Return the answer to an error; `message` and `requestId` stand at the top too, where one SDK looks for them."""
    body: dict[str, Any] = {"type": error.type, "code": error.code, "message": error.message}
    if error.param:
        body["param"] = error.param
    if error.details:
        body["details"] = dict(error.details)
    body["request_id"] = request_id
    headers = {"content-type": _JSON}
    if error.retry_after_seconds is not None:
        headers["retry-after"] = str(error.retry_after_seconds)
    return Answer(error.status, headers, to_json({"error": body, "message": error.message, "requestId": request_id}))


def to_event(answer: Answer, request_id: str, version: str, *, replayed: bool = False) -> dict[str, Any]:
    """Return the response for API Gateway, which takes bytes as base64, with the headers that every response has."""
    headers = {**answer.headers, "x-request-id": request_id, "revkeen-version": version}
    if replayed:
        headers["idempotency-replayed"] = "true"
    response = {"statusCode": answer.status, "headers": headers, "body": answer.body}
    if isinstance(answer.body, bytes):
        return response | {"body": base64.b64encode(answer.body).decode(), "isBase64Encoded": True}
    return response


def to_json(value: Any) -> str:
    """Return compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
