"""A server that answers a Stripe client as a test has written down, for what localstripe lacks."""

import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

HANGS_SECONDS = 1.0

type Silence = Literal["cut", "hang"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `POST /v1/refunds`, its fields or query, and its idempotency key."""

    what: str
    fields: dict[str, str]
    key: str | None


@dataclass(slots=True)
class ScriptedStripe:
    """Gives its answers in their order, each to one request, and remembers what it was asked."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    _answers: deque[tuple[int, Any] | Silence] = field(default_factory=deque)

    def then(self, body: Any, status: int = 200) -> "ScriptedStripe":
        """Answer the next request so."""
        self._answers.append((status, body))
        return self

    def refuses(self, status: int, **error: Any) -> "ScriptedStripe":
        """Answer the next request with an error."""
        return self.then({"error": {"type": "invalid_request_error", "message": "No", **error}}, status)

    def is_silent(self, how: Silence = "cut") -> "ScriptedStripe":
        """Leave the next request without an answer."""
        self._answers.append(how)
        return self

    @property
    def what(self) -> list[str]:
        """Return what was asked, in short."""
        return [each.what for each in self.asked]

    def answer(self, asked: Asked) -> tuple[int, Any] | Silence:
        """Return the answer that is next."""
        self.asked.append(asked)
        return self._answers.popleft() if self._answers else (500, {"error": {"message": "nothing is written down"}})


@contextmanager
def scripted_stripe() -> Iterator[ScriptedStripe]:
    """Run the server on the loopback address."""
    scripted = ScriptedStripe()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            address = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length).decode() or address.query
            asked = Asked(f"{self.command} {address.path}", dict(parse_qsl(text)), self.headers.get("Idempotency-Key"))
            answer = scripted.answer(asked)
            if isinstance(answer, str):
                time.sleep(HANGS_SECONDS if answer == "hang" else 0)
                self.close_connection = True
                return
            status, body = answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_GET = do_POST = _answer  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scripted.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield scripted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
