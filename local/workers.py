"""Run invocations in a pool of worker processes."""

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.functions import Function

LENGTH = struct.Struct("!I")
IMPORT_SECONDS = 60
"""How long importing a function's module may take. Lambda allows 10 s, but shares its processor with nobody."""


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to: its JSON answer, and whether that answer is an error."""

    payload: str
    is_error: bool
    request_id: str


class WorkerGone(Exception):
    """The process ended without an answer."""


class Worker:
    """One process; it belongs to functions of one signature (code path and environment)."""

    def __init__(self, signature: int, generation: int, environment: Mapping[str, str]) -> None:
        """Start the process; it is ready when its first call is answered."""
        self.signature = signature
        self.generation = generation
        self.imported: set[str] = set()
        self._socket, theirs = socket.socketpair()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).with_name("worker.py")), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=dict(environment),
                start_new_session=True,  # a Ctrl-C in the terminal is the runtime's to handle
            )

    async def load(self, call: Mapping[str, object]) -> dict[str, object] | None:
        """Send a call and wait until its module is imported; return the answer if that already failed."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(sock=self._socket)
        content = json.dumps(call).encode()
        self._streams[1].write(LENGTH.pack(len(content)) + content)
        message = await asyncio.wait_for(self._read(), IMPORT_SECONDS)
        return None if "loaded" in message else message

    async def answer(self, timeout_seconds: float) -> dict[str, object]:
        """Wait for the answer of the call that was loaded.

        Raises:
            TimeoutError: it took too long; the worker must be killed.
            WorkerGone: the process ended.
        """
        return await asyncio.wait_for(self._read(), timeout_seconds)

    async def _read(self) -> dict[str, object]:
        if self._streams is None:
            raise WorkerGone
        try:
            (size,) = LENGTH.unpack(await self._streams[0].readexactly(LENGTH.size))
            message: dict[str, object] = json.loads(await self._streams[0].readexactly(size))
        except (asyncio.IncompleteReadError, OSError) as error:
            raise WorkerGone from error
        return message

    def kill(self) -> None:
        """End the process and whatever it started, at once."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._streams is not None:
            self._streams[1].close()
        self._socket.close()


class WorkerPool:
    """At most `size` invocations at once, on processes kept warm and replaced when the code changes."""

    def __init__(self, size: int, environment: Mapping[str, str]) -> None:
        """Give every worker `environment` beside what its function asks for."""
        self._environment = environment
        self._free = asyncio.Semaphore(size)
        self._most_kept = size + 2  # a few more than run, for functions with an environment of their own
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._generation = 0

    async def invoke(self, function: Function, event: str | None, request_id: str | None = None) -> Outcome:
        """Call `function` with a JSON event; an event of None only imports the function."""
        request_id = request_id or str(uuid.uuid4())
        async with self._free:
            worker = self._take(function)
            self._busy.add(worker)
            keep = False
            try:
                answer = await self._run(worker, function, event, request_id)
                keep = "exit" not in answer
            except TimeoutError:
                answer = _timed_out(function, request_id)
            except WorkerGone:
                answer = _gone(request_id)
            finally:
                self._busy.discard(worker)
                if keep and worker.generation == self._generation:
                    self._idle.append(worker)
                else:
                    worker.kill()
        return Outcome(str(answer["payload"]), bool(answer["error"]), request_id)

    async def _run(self, worker: Worker, function: Function, event: str | None, request_id: str) -> dict[str, object]:
        failed = await worker.load(
            {
                "logical_id": function.logical_id,
                "name": function.name,
                "arn": function.arn,
                "handler": function.handler,
                "paths": function.paths,
                "environment": {**function.environment, **_lambda_variables(function)},
                "memory_mb": function.memory_mb,
                "timeout_seconds": function.timeout_seconds,
                "request_id": request_id,
                "event": event,
            }
        )
        if failed is not None:
            return {**failed, "exit": True}  # a half-imported module must not be met again
        worker.imported.add(function.handler)
        if event is None:
            return {"error": False, "payload": "null"}
        return await worker.answer(function.timeout_seconds)

    def _take(self, function: Function) -> Worker:
        fitting = [worker for worker in self._idle if worker.signature == function.signature]
        if fitting:  # best one that has imported the function, else the one used last
            chosen = max(fitting, key=lambda worker: (function.handler in worker.imported, self._idle.index(worker)))
            self._idle.remove(chosen)
            return chosen
        if len(self._idle) + len(self._busy) >= self._most_kept and self._idle:
            self._idle.pop(0).kill()
        return Worker(function.signature, self._generation, self._environment)

    def renew(self) -> None:
        """Let every later invocation meet newly imported code; what runs now may finish."""
        self._generation += 1
        self._kill_idle()

    def close(self) -> None:
        """End every worker, busy or not."""
        self._generation += 1
        self._kill_idle()
        for worker in list(self._busy):
            worker.kill()

    def _kill_idle(self) -> None:
        while self._idle:
            self._idle.pop().kill()


def _lambda_variables(function: Function) -> dict[str, str]:
    """Return the variables that Lambda itself sets per function."""
    return {
        "_HANDLER": function.handler,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "LAMBDA_TASK_ROOT": function.paths[0],
    }


def _timed_out(function: Function, request_id: str) -> dict[str, object]:
    message = f"{request_id} Task timed out after {function.timeout_seconds:.2f} seconds"
    print(f"{function.logical_id} | {message}", file=sys.stderr, flush=True)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    payload = {"errorType": "Sandbox.Timedout", "errorMessage": f"{stamp} {message}"}
    return {"error": True, "payload": json.dumps(payload)}


def _gone(request_id: str) -> dict[str, object]:
    payload = {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id} Error: Runtime exited without providing a reason",
    }
    return {"error": True, "payload": json.dumps(payload)}
