"""Run the system from a test, with ports and state of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from mypy_boto3_lambda import LambdaClient

from local.clients import CREDENTIALS, Clients, Endpoints
from local.runtime import RECORD
from local.template import REGION

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
STOP_SECONDS = 40


class Runtime:
    """A runtime in a process of its own."""

    def __init__(self, state_directory: Path, arguments: list[str]) -> None:
        """Prepare; `start` starts it."""
        self.state_directory = state_directory
        self.log_path = state_directory / "runtime.log"
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._record: dict[str, Any] = {}
        self._clients: tuple[Endpoints, Clients] | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where the API is."""
        return str(self._record["url"])

    @property
    def aws_url(self) -> str:
        """Where ministack is."""
        return str(self._record["aws_url"])

    @property
    def dynamodb_url(self) -> str:
        """Where DynamoDB is, whatever plays it."""
        return str(self._record["dynamodb_url"] or self.aws_url)

    @property
    def table_name(self) -> str:
        """The name of the first table of the template."""
        return str(self._record["tables"][0])

    @property
    def bus_name(self) -> str:
        """The name of the first bus of the template."""
        return str(self._record["buses"][0])

    @property
    def undelivered_bucket(self) -> str:
        """The bucket of records that were given up."""
        return str(self._record["undelivered_buckets"][0])

    @property
    def environment(self) -> dict[str, str]:
        """The variables that bring an AWS SDK here."""
        return dict(self._record["environment"])

    @property
    def pid(self) -> int:
        """The runtime's process id."""
        if self._process is None:
            raise RuntimeError("the runtime is not started")
        return self._process.pid

    @property
    def clients(self) -> Clients:
        """Clients for the AWS behind it."""
        endpoints = Endpoints(self.aws_url, self._record["dynamodb_url"])
        if self._clients is None or self._clients[0] != endpoints:
            self._clients = (endpoints, Clients(endpoints))
        return self._clients[1]

    @property
    def log(self) -> str:
        """What it and its functions have printed so far."""
        return self.log_path.read_text(errors="replace")

    def lambdas(self) -> LambdaClient:
        """Return a client that invokes the functions."""
        return boto3.client(
            "lambda",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}),
        )

    def invoke(self, function: str, event: object) -> Any:
        """Call a function and return its answer.

        Raises:
            AssertionError: the function failed.
        """
        answer = self.lambdas().invoke(FunctionName=function, Payload=json.dumps(event).encode())
        result = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise AssertionError(f"{function} failed: {result}")
        return result

    def start(self, *more: str) -> None:
        """Start it, with `more` arguments, and wait until it is ready."""
        command = [sys.executable, "-m", "local", "run", "--port", str(self._port), "--stop-at-eof"]
        command += ["--state-dir", str(self.state_directory), *self._arguments, *more]
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path}
        environment.pop("FRESH", None)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError(f"the runtime did not start:\n{self.log}")
            time.sleep(0.02)
        self._port = int(self.url.rpartition(":")[2])

    def stop(self) -> int:
        """Stop it as Ctrl-C does and return its exit code."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._process = None
        return code

    def wait(self) -> int:
        """Wait until it ends by itself and return its exit code."""
        if self._process is None:
            raise RuntimeError("the runtime is not started")
        return self._process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """Kill it with no chance to clean up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop it and start it again at the same address, with the state it left."""
        self.stop()
        self.start()

    def _is_ready(self) -> bool:
        try:
            record: dict[str, Any] = json.loads((self.state_directory / RECORD).read_text())
        except FileNotFoundError:
            return False
        self._record = record
        return self._process is not None and record["pid"] == self._process.pid


@contextlib.contextmanager
def running_runtime(
    template: Path | None = None,
    *,
    dynamodb: str | None = None,
    workers: int = 6,
    keep: Path | None = None,
    in_memory: bool = False,
) -> Iterator[Runtime]:
    """Run the system while the context lasts.

    Args:
        template: another template than the repository's.
        dynamodb: `ministack` or `local`; the environment's DYNAMODB if left out.
        workers: how many invocations may run at once.
        keep: a directory for its state; a temporary one if left out.
        in_memory: keep its state off the disk, where a restart would find it; DynamoDB Local is twice as fast then.
    """
    arguments = ["--workers", str(workers), "--state", "memory" if in_memory else "keep"]
    if template:
        arguments += ["--template", str(template)]
    if dynamodb:
        arguments += ["--dynamodb", dynamodb]
    with tempfile.TemporaryDirectory(prefix="local-state-") if keep is None else contextlib.nullcontext(keep) as state:
        runtime = Runtime(Path(state), arguments)
        try:
            runtime.start()
            yield runtime
        finally:
            runtime.stop()
