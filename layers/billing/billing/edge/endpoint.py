"""The decorator that makes an endpoint of a typed function."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from billing.edge.log import logger
from billing.edge.operation import Delivery, Operation, operation_of
from billing.edge.request import Incoming
from billing.edge.response import rendered, rendered_error, to_event, unless_held
from billing.errors import BillingError
from billing.table import table
from billing.tenancy import Answer, Caller, Replayed
from billing.times import now
from billing.wire import API_VERSION, refuse

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Handler(Protocol):
    """A Lambda handler that tells which operation it serves."""

    operation: Operation

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one API Gateway event."""


def endpoint(
    *, scope: str | None, status: int = 200, follows_test_clock: bool = False
) -> Callable[[Callable[..., Any]], Handler]:
    """Make a Lambda handler of a function that takes a caller, path parts, a query and a body by their types.

    The function returns its result or raises a `BillingError`; everything else about HTTP is done here.
    `scope` is what the caller's key must allow; None makes the endpoint public. With `follows_test_clock` the call's
    `moment` is what the test clock of a sandbox merchant shows, which costs sandbox mode a read.
    """

    def decorate(function: Callable[..., Any]) -> Handler:
        operation = operation_of(function, scope, status, follows_test_clock=follows_test_clock)
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            _get_ready(operation)

        def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
            return _serve(operation, Incoming(event), context)

        handler.operation = operation  # type: ignore[attr-defined]
        handler.__doc__ = function.__doc__
        return handler  # type: ignore[return-value]

    return decorate


def _get_ready(operation: Operation) -> None:
    """Do what every request needs while the environment starts: the processor is fastest then, and nobody waits."""
    if operation.takes_caller:
        table()
    for model in (operation.body, operation.query):
        if model:
            model.model_rebuild()


def _serve(operation: Operation, incoming: Incoming, context: Any) -> dict[str, Any]:
    version = API_VERSION
    replayed = False
    try:
        pinned = incoming.headers.get("revkeen-version", API_VERSION)
        if not _DATE.fullmatch(pinned):
            raise refuse("RevKeen-Version", "must be a date, e.g. 2026-05-01")  # noqa: TRY301 - answered like any other
        version = pinned
        answer = rendered(operation, _result(operation, incoming, context), incoming.path, incoming.request_id)
        if incoming.method == "GET":
            answer = unless_held(answer, incoming.headers.get("if-none-match"))
    except Replayed as earlier:
        answer, replayed = earlier.answer, True
    except BillingError as error:
        answer = rendered_error(error, incoming.request_id)
    except Exception:  # noqa: BLE001 - the last resort: a caller gets the contract's 500, never a stack
        logger.exception("unexpected failure", extra={"route": incoming.route, "request_id": incoming.request_id})
        answer = rendered_error(
            BillingError("Something went wrong on our side; nothing of your request was kept"), incoming.request_id
        )
    _log(incoming, answer, replayed=replayed)
    return to_event(answer, incoming.request_id, version, replayed=replayed)


def _result(operation: Operation, incoming: Incoming, context: Any) -> Any:
    def render(result: Any) -> Answer:
        if isinstance(result, BillingError):
            return rendered_error(result, incoming.request_id)
        return rendered(operation, result, incoming.path, incoming.request_id)

    arguments = _arguments(operation, incoming, render, context)
    try:
        return operation.function(**arguments)
    except BillingError as error:
        raise incoming.as_sent(error) from error.__cause__


def _arguments(
    operation: Operation, incoming: Incoming, render: Callable[[Any], Answer], context: Any
) -> dict[str, Any]:
    """Return what the operation's function takes, all of it checked."""
    arguments: dict[str, Any] = {}
    if operation.takes_caller:
        arguments["caller"] = _at_its_time(operation, incoming.caller(operation, render, now(), context))
    arguments |= incoming.path_parameters(operation)
    if operation.query:
        arguments["query"] = incoming.query(operation.query)
    else:
        incoming.refuse_query()
    if operation.body:
        arguments["body"] = body = incoming.body(operation.body)
        if "caller" in arguments and (key := getattr(body, "idempotency_key", None)):
            arguments["caller"] = incoming.keyed(arguments["caller"], key)
    elif operation.takes_caller:  # what is posted to public pages is up to browsers and mail programs
        incoming.refuse_body()
    if operation.takes_delivery:
        arguments["delivery"] = Delivery(incoming.headers, incoming.body_bytes(), incoming.request_id)
    return arguments


def _at_its_time(operation: Operation, caller: Caller) -> Caller:
    """Return the caller with the time that its merchant's test clock shows, if the operation is about time."""
    if not operation.follows_test_clock or caller.tenant.livemode:
        return caller
    from billing.test_clock.record import read  # noqa: PLC0415 - sandbox mode only

    return replace(caller, call=replace(caller.call, clock=read(caller.tenant, caller.call.now)))


def _log(incoming: Incoming, answer: Answer, *, replayed: bool) -> None:
    """Say what was asked and answered, in ids and numbers: bodies are never logged."""
    found = incoming.authorizer
    logger.info(
        "answered",
        extra={
            "route": incoming.route,
            "status": answer.status,
            "request_id": incoming.request_id,
            "merchant_id": found.get("merchant_id"),
            "mode": found.get("mode"),
            "key_id": found.get("key_id"),
            "replayed": replayed,
        },
    )
