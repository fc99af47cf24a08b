"""The HTTP API: from a request, through its authorizer, to a function and back."""

import asyncio
import fnmatch
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from local import payloads
from local.payloads import AnswerInvalid, Request, Response
from local.routes import Api, Authorizer, Cors, Route
from local.terminal import say
from local.workers import Outcome

REQUEST_BYTES = 10 * 1024 * 1024
ANSWER_BYTES = 6 * 1024 * 1024

Call = Callable[[str, str], Awaitable[Outcome]]
"""Invoke a function (by logical id) with a JSON event."""


class Gateway:
    """API Gateway's part: what it answers itself, and what it asks functions."""

    def __init__(self, api: Api, call: Call, clock: Callable[[], float] = time.monotonic) -> None:
        """Serve `api` by calling functions with `call`."""
        self._api = api
        self._call = call
        self._clock = clock
        self._authorized: dict[tuple[object, ...], tuple[float, dict[str, Any]]] = {}

    async def answer(self, request: Request) -> Response:
        """Return the response to a request."""
        cors = self._api.cors
        origin = dict(request.folded_headers()).get("origin")
        if cors and origin and _is_preflight(request):
            return _with_cors(Response(204, {}, (), b""), cors, origin, preflight=True)
        answered = await self._answer(request)
        return _with_cors(answered, cors, origin, preflight=False) if cors else answered

    async def _answer(self, request: Request) -> Response:
        if len(request.body) > REQUEST_BYTES:
            return payloads.message(413, "Request Entity Too Large")
        matched = self._api.match(request.method, request.path)
        if matched is None:
            return payloads.message(404, "Not Found")
        route, parameters = matched
        event = payloads.route_event(request, route, parameters)
        if route.authorizer:
            verdict = await self._authorize(request, route, parameters, route.authorizer)
            if isinstance(verdict, Response):
                return verdict
            event["requestContext"]["authorizer"] = {"lambda": verdict}
        return await self._integrate(route, event)

    async def _integrate(self, route: Route, event: Mapping[str, Any]) -> Response:
        try:
            outcome = await asyncio.wait_for(
                asyncio.shield(asyncio.ensure_future(self._call(route.function, json.dumps(event)))),
                route.timeout_seconds,
            )
        except TimeoutError:
            return payloads.message(503, "Service Unavailable")
        if outcome.is_error or len(outcome.payload) > ANSWER_BYTES:
            return payloads.message(500, "Internal Server Error")
        try:
            return payloads.response(outcome.payload)
        except AnswerInvalid as error:
            say(f"{route.function} | API Gateway cannot use the answer: {error}")
            return payloads.message(500, "Internal Server Error")

    async def _authorize(
        self, request: Request, route: Route, parameters: Mapping[str, str], authorizer: Authorizer
    ) -> dict[str, Any] | Response:
        """Return the context for the function, or the response that ends the request."""
        identity = payloads.identity(request, route, authorizer)
        if identity is None:
            return payloads.message(401, "Unauthorized")
        key = (authorizer.name, *identity)
        until, verdict = self._authorized.get(key, (0.0, {}))
        if until <= self._clock():
            event = payloads.authorizer_event(request, route, parameters, identity)
            outcome = await self._call(authorizer.function, json.dumps(event))
            answer = None if outcome.is_error else json.loads(outcome.payload)
            if not isinstance(answer, dict) or not isinstance(answer.get("isAuthorized"), bool):
                return payloads.message(500, "Internal Server Error")
            verdict = answer
            if authorizer.cached_seconds:
                self._authorized[key] = (self._clock() + authorizer.cached_seconds, verdict)
        if not verdict["isAuthorized"]:
            return payloads.message(403, "Forbidden")
        return verdict.get("context") or {}


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and "access-control-request-method" in request.folded_headers()


def _with_cors(response: Response, cors: Cors, origin: str | None, *, preflight: bool) -> Response:
    """Replace a response's CORS headers with those that are configured, as API Gateway does."""
    headers = {name: value for name, value in response.headers.items() if not name.startswith("access-control-")}
    allowed = origin and any(fnmatch.fnmatchcase(origin, pattern) for pattern in cors.origins)
    if allowed:
        headers["access-control-allow-origin"] = "*" if "*" in cors.origins else str(origin)
        if cors.credentials:
            headers["access-control-allow-credentials"] = "true"
        if preflight:
            headers["access-control-allow-methods"] = ",".join(cors.methods)
            headers["access-control-allow-headers"] = ",".join(cors.headers)
            if cors.max_age_seconds is not None:
                headers["access-control-max-age"] = str(cors.max_age_seconds)
        elif cors.exposed:
            headers["access-control-expose-headers"] = ",".join(cors.exposed)
    return Response(response.status, headers, response.cookies, response.body)
