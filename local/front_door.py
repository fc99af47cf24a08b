"""The one HTTP port: the template's API, Lambda's Invoke API, and the runtime's own few addresses."""

import json
import uuid
from typing import Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, JSONResponse
from starlette.responses import Response as HttpResponse
from starlette.routing import Route as Path
from starlette.types import Receive, Scope, Send

from local import mail, payloads
from local.gateway import REQUEST_BYTES, Gateway
from local.workers import Outcome

INVOKE_PREFIX = "/2015-03-31/functions/"
OWN_PREFIX = "/_local/"
SES_PREFIX = "/_local/ses"


class System(Protocol):
    """What stands behind the door."""

    @property
    def is_ready(self) -> bool:
        """Whether requests can be served."""

    @property
    def gateway(self) -> Gateway:
        """The HTTP API."""

    @property
    def aws_url(self) -> str:
        """Where the local AWS listens."""

    async def invoke(self, function: str, event: str, request_id: str | None = None) -> Outcome:
        """Call a function by its logical id."""

    def enqueue(self, function: str, event: str) -> None:
        """Call a function later, with retries."""

    def function_named(self, name: str) -> str | None:
        """Return the logical id for a logical id, a name or an ARN."""

    def schedule_events(self, function: str) -> list[str]:
        """Return the events the function's schedules would send now."""


class FrontDoor:
    """The ASGI application."""

    def __init__(self, system: System) -> None:
        """Open the door to `system`; it answers 503 until the system is ready."""
        self._system = system
        self._mailbox = mail.Mailbox()
        self._own = Starlette(
            routes=[
                Path("/health", self._health),
                Path(INVOKE_PREFIX + "{name:path}/invocations", self._invoke, methods=["POST"]),
                Path("/_local/mail", self._mail),
                Path("/_local/mail/{message_id}/{number:int}", self._attachment),
                Path(SES_PREFIX + "/{path:path}", self._ses, methods=["GET", "POST", "PUT", "DELETE"]),
                Path("/_local/schedules/{function}", self._fire, methods=["POST"]),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if path == "/health" or path.startswith((INVOKE_PREFIX, OWN_PREFIX)):
            await self._own(scope, receive, send)
            return
        response = await self._api(HttpRequest(scope, receive))
        await response(scope, receive, send)

    async def _api(self, http: HttpRequest) -> HttpResponse:
        if not self._system.is_ready:
            return JSONResponse({"message": "Service Unavailable"}, 503)
        request = payloads.Request(
            method=http.method,
            path=http.scope["raw_path"].decode("latin-1").partition("?")[0],
            query=http.scope["query_string"].decode("latin-1"),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in http.headers.raw],
            body=await _body(http),
            client=http.client.host if http.client else "127.0.0.1",
            protocol=f"HTTP/{http.scope['http_version']}",
        )
        answer = await self._system.gateway.answer(request)
        response = HttpResponse(answer.body, answer.status)
        for name in [name for name in response.headers if name == "content-type"]:
            del response.headers[name]
        for name, value in answer.headers.items():
            if name != "content-length":
                response.headers[name] = value
        for cookie in answer.cookies:
            response.headers.append("set-cookie", cookie)
        response.headers["apigw-requestid"] = request.id
        return response

    async def _health(self, http: HttpRequest) -> HttpResponse:
        del http
        ready = self._system.is_ready
        return JSONResponse({"status": "ok" if ready else "starting"}, 200 if ready else 503)

    async def _invoke(self, http: HttpRequest) -> HttpResponse:
        request_id = str(uuid.uuid4())
        function = self._system.function_named(http.path_params["name"])
        if function is None:
            return _lambda_error(404, "ResourceNotFoundException", f"Function not found: {http.path_params['name']}")
        event = (await http.body()).decode(errors="replace") or "{}"
        try:
            json.loads(event)
        except ValueError as error:
            reason = f"Could not parse request body into json: {error}"
            return _lambda_error(400, "InvalidRequestContentException", reason)
        headers = {"x-amzn-requestid": request_id, "x-amz-executed-version": "$LATEST"}
        kind = http.headers.get("x-amz-invocation-type", "RequestResponse")
        if kind == "DryRun":
            return HttpResponse(status_code=204, headers=headers)
        if kind == "Event":
            await run_in_threadpool(self._system.enqueue, function, event)
            return HttpResponse(status_code=202, headers=headers)
        outcome = await self._system.invoke(function, event, request_id)
        if outcome.is_error:
            headers["x-amz-function-error"] = "Unhandled"
        return HttpResponse(outcome.payload, 200, headers, media_type="application/json")

    async def _mail(self, http: HttpRequest) -> HttpResponse:
        messages = await run_in_threadpool(self._mailbox.messages, self._system.aws_url)
        if "text/html" in http.headers.get("accept", ""):
            return HTMLResponse(mail.page(messages))
        return JSONResponse({"messages": messages})

    async def _attachment(self, http: HttpRequest) -> HttpResponse:
        found = self._mailbox.attachment(http.path_params["message_id"], http.path_params["number"])
        if found is None:
            return JSONResponse({"message": "there is no such attachment"}, 404)
        media_type, content = found
        return HttpResponse(content, media_type=media_type)

    async def _ses(self, http: HttpRequest) -> HttpResponse:
        url = f"{self._system.aws_url}/{http.path_params['path']}"
        answer = await run_in_threadpool(self._mailbox.pass_on, url, http.method, dict(http.headers), await http.body())
        return HttpResponse(answer.body, answer.status, answer.headers)

    async def _fire(self, http: HttpRequest) -> HttpResponse:
        function = http.path_params["function"]
        if self._system.function_named(function) is None:
            return JSONResponse({"message": f"there is no function {function}"}, 404)
        events = self._system.schedule_events(function)
        if not events:
            return JSONResponse({"message": f"{function} has no schedule"}, 404)
        outcomes = [await self._system.invoke(function, event) for event in events]
        failed = any(outcome.is_error for outcome in outcomes)
        answers = [json.loads(outcome.payload) for outcome in outcomes]
        return JSONResponse({"answers": answers}, 500 if failed else 200)


async def _body(http: HttpRequest) -> bytes:
    """Read a body, but no more of it than tells that it is too large."""
    body = bytearray()
    async for chunk in http.stream():
        if len(body) <= REQUEST_BYTES:
            body += chunk
    return bytes(body)


def _lambda_error(status: int, kind: str, text: str) -> HttpResponse:
    return JSONResponse({"Type": "User", "Message": text}, status, {"x-amzn-errortype": kind})
