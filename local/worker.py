"""A worker process: what Lambda's Python runtime does, for whichever function it is handed.

Started by `local.workers` as a script of its own with one end of a socket pair, so it imports nothing of ours. It
runs one invocation at a time, and ends when the socket closes: no worker outlives its runtime.
"""

import contextlib
import decimal
import importlib
import io
import json
import os
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

LENGTH = struct.Struct("!I")


class Identity:
    """The Cognito identity, empty as for every call that did not come through a mobile SDK."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    """The second argument of a handler."""

    def __init__(self, call: dict[str, Any], deadline: float) -> None:
        """Describe the invocation that must end before `deadline` (time.time())."""
        self.function_name: str = call["name"]
        self.function_version = "$LATEST"
        self.invoked_function_arn: str = call["arn"]
        self.memory_limit_in_mb = str(call["memory_mb"])
        self.aws_request_id: str = call["request_id"]
        self.log_group_name = f"/aws/lambda/{call['name']}"
        self.log_stream_name = f"{time.strftime('%Y/%m/%d')}/[$LATEST]{os.getpid():032x}"
        self.identity = Identity()
        self.client_context = None
        self.tenant_id = None
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still take."""
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: str) -> None:
        """Write `message` to the function's log."""
        sys.stdout.write(message)


class PrefixedOutput(io.TextIOBase):
    """Standard output that says which function speaks, a whole line at a time."""

    def __init__(self, descriptor: int) -> None:
        """Write to `descriptor`."""
        self._descriptor = descriptor
        self._line = ""
        self.prefix = ""

    def writable(self) -> bool:
        """Say yes, so that loggers and `print` use it."""
        return True

    def write(self, text: str) -> int:
        """Write the lines that are complete, keep the rest."""
        *lines, self._line = (self._line + text).split("\n")
        if lines:
            self._emit(lines)
        return len(text)

    def finish(self) -> None:
        """Write what is left of a last line."""
        if self._line:
            self._emit([self._line])
            self._line = ""

    def _emit(self, lines: list[str]) -> None:
        block = "".join(f"{self.prefix} | {line}\n" for each in lines for line in [each, *logged_traceback(each)])
        with contextlib.suppress(OSError):  # the terminal is gone; the work is not
            os.write(self._descriptor, block.encode(errors="replace"))


def logged_traceback(line: str) -> list[str]:
    """Return the lines of the traceback that a JSON log line carries in one, to be read by a person."""
    if not line.startswith("{") or '"exception":' not in line:
        return []
    try:
        logged = json.loads(line)
    except ValueError:
        return []
    return str(logged.get("exception") or "").splitlines()


def to_json(value: Any) -> str:
    """Serialise a handler's result as Lambda does: Decimal is a number, anything else unknown an error."""

    def number(item: Any) -> Any:
        if isinstance(item, decimal.Decimal):
            return int(item) if item == item.to_integral_value() else float(item)
        raise TypeError(f"Object of type {type(item).__name__} is not JSON serializable")

    return json.dumps(value, default=number, ensure_ascii=False)


def failure(error: BaseException, kind: str | None = None) -> str:
    """Return the error object that Lambda answers with."""
    frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    return json.dumps({"errorMessage": str(error), "errorType": kind or type(error).__name__, "stackTrace": frames})


def load(name: str) -> Callable[[Any, Any], Any]:
    """Import a handler by `module.function`."""
    module, _, attribute = name.rpartition(".")
    handler: Callable[[Any, Any], Any] = getattr(importlib.import_module(module.replace("/", ".")), attribute)
    return handler


class Worker:
    """The loop: read a call, run it, answer."""

    def __init__(self, connection: socket.socket) -> None:
        """Serve the calls that arrive on `connection`."""
        self._connection = connection
        self._own_environment = dict(os.environ)
        self._outputs = (PrefixedOutput(1), PrefixedOutput(2))
        sys.stdout, sys.stderr = self._outputs

    def serve(self) -> NoReturn:
        """Run calls until the other side is gone."""
        while True:
            try:
                (size,) = LENGTH.unpack(self._read(LENGTH.size))
                self._run(json.loads(self._read(size)))
            except (EOFError, OSError):
                os._exit(0)

    def _run(self, call: dict[str, Any]) -> None:
        for output in self._outputs:
            output.prefix = call["logical_id"]
        os.environ.clear()
        os.environ.update({**self._own_environment, **call["environment"]})
        for path in reversed(call["paths"]):
            if path not in sys.path:
                sys.path.insert(0, path)
        try:
            handler = load(call["handler"])
        except Exception as error:  # noqa: BLE001 - whatever the import raised is the function's failure
            traceback.print_exc()
            self._answer({"error": True, "payload": failure(error, _import_failure(error))})
            return
        self._send({"loaded": True})
        if call["event"] is not None:
            self._answer(self._invoke(handler, call))

    def _invoke(self, handler: Callable[[Any, Any], Any], call: dict[str, Any]) -> dict[str, Any]:
        context = LambdaContext(call, time.time() + call["timeout_seconds"])
        try:
            result = handler(json.loads(call["event"]), context)
        except SystemExit as error:
            return {"error": True, "payload": failure(error, "Runtime.ExitError"), "exit": True}
        except BaseException as error:  # noqa: BLE001 - as Lambda: every exception is an answer
            traceback.print_exc()
            return {"error": True, "payload": failure(error)}
        try:
            return {"error": False, "payload": to_json(result)}
        except (TypeError, ValueError) as error:
            traceback.print_exc()
            return {"error": True, "payload": failure(error, "Runtime.MarshalError")}

    def _answer(self, answer: dict[str, Any]) -> None:
        for output in self._outputs:
            output.finish()
        self._send(answer)

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps(message).encode()
        self._connection.sendall(LENGTH.pack(len(content)) + content)

    def _read(self, size: int) -> bytes:
        content = bytearray()
        while len(content) < size:
            chunk = self._connection.recv(min(size - len(content), 1 << 20))
            if not chunk:
                raise EOFError
            content += chunk
        return bytes(content)


def _import_failure(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return "Runtime.UserCodeSyntaxError"
    if isinstance(error, ImportError):
        return "Runtime.ImportModuleError"
    return "Runtime.HandlerNotFound" if isinstance(error, AttributeError) else type(error).__name__


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Worker(socket.socket(fileno=int(sys.argv[1]))).serve()
