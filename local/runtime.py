"""The running system: servers, resources, workers, consumers and the front door, from start to stop."""

import asyncio
import contextlib
import datetime as dt
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import uvicorn
from watchfiles import awatch

from local import dynamodb_local, ministack, resources
from local.checkpoints import Checkpoints
from local.clients import Clients, Endpoints
from local.consumers import Consumers
from local.front_door import SES_PREFIX, FrontDoor
from local.functions import Function, functions, unsupported_events
from local.gateway import Gateway
from local.mappings import stream_mappings
from local.processes import Server, ServerFailed
from local.routes import Api, api
from local.schedules import Schedule, schedules
from local.seeds import FUNCTION as MINT
from local.seeds import SEEDED_KEYS
from local.template import Template, TemplateInvalid
from local.terminal import say
from local.workers import Outcome, WorkerPool

RECORD = "runtime.json"
STOP_SECONDS = 10


class AlreadyRunning(Exception):
    """Another runtime uses this state directory."""


@dataclass(frozen=True)
class Options:
    """How a runtime is to run."""

    root: Path
    template: Path
    state_directory: Path
    ministack_python: Path
    dynamodb_local_home: Path
    port: int = 3000
    workers: int = 6
    dynamodb_local: bool = False
    keeps_state: bool = True
    fresh: bool = False
    stops_at_eof: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """What the template says at the moment."""

    template: Template
    functions: Mapping[str, Function]
    api: Api
    schedules: tuple[Schedule, ...]


class _HttpServer(uvicorn.Server):
    """uvicorn without signal handlers: stopping is the runtime's to order."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


class Runtime:
    """One run of the system."""

    def __init__(self, options: Options) -> None:
        """Prepare; nothing is started yet."""
        self._options = options
        self._directory = options.state_directory
        self._servers: list[Server] = []
        self._stopping = asyncio.Event()
        self._failure: str | None = None
        self.is_ready = False
        self._url = ""
        self._loaded: Loaded
        self._endpoints: Endpoints
        self._clients: Clients
        self._pool: WorkerPool
        self._consumers: Consumers
        self.gateway: Gateway

    @property
    def aws_url(self) -> str:
        """Where ministack listens."""
        return self._endpoints.aws

    async def run(self) -> None:
        """Run until a signal, or until one of the servers ends.

        Raises:
            AlreadyRunning: another runtime uses the state directory.
            ServerFailed: a server did not start or ended on its own.
            TemplateInvalid: the template cannot be read.
        """
        began = time.monotonic()
        with _own_directory(self._options) as directory:
            self._directory = directory
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._stopping.set)
            try:
                await self._start()
                self._welcome(time.monotonic() - began)
                await self._until_stopped()
            finally:
                await self._stop()
        if self._failure:
            raise ServerFailed(self._failure)

    async def invoke(self, function: str, event: str, request_id: str | None = None) -> Outcome:
        """Call a function by its logical id."""
        return await self._pool.invoke(self._loaded.functions[function], event, request_id)

    def enqueue(self, function: str, event: str) -> None:
        """Call a function later, with retries."""
        self._consumers.enqueue(function, event)

    def function_named(self, name: str) -> str | None:
        """Return the logical id for a logical id, a name or an ARN, each with or without a qualifier."""
        if not self.is_ready:
            return None
        wanted = name.partition(":function:")[2] or name
        wanted = wanted.partition(":")[0]
        for logical_id, function in self._loaded.functions.items():
            if wanted in {logical_id, function.name}:
                return logical_id
        return None

    def schedule_events(self, function: str) -> list[str]:
        """Return the events the function's schedules would send now."""
        now = dt.datetime.now(dt.UTC)
        return [schedule.event(now) for schedule in self._loaded.schedules if schedule.function == function]

    async def _start(self) -> None:
        options = self._options
        listener = _listen(options.port)
        self._url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        parsed = self._read_template()
        aws = ministack.start(options.ministack_python, self._directory, keep=options.keeps_state)
        self._servers.append(aws)
        dynamodb = None
        if options.dynamodb_local:
            dynamodb = await asyncio.to_thread(
                dynamodb_local.start, options.dynamodb_local_home, self._directory, keep=options.keeps_state
            )
            self._servers.append(dynamodb)
        self._endpoints = Endpoints(aws.url, dynamodb.url if dynamodb else None)
        self._clients = Clients(self._endpoints)
        self._pool = WorkerPool(options.workers, self._worker_environment())
        self._http = _HttpServer(
            uvicorn.Config(
                FrontDoor(self),
                log_level="warning",
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_keep_alive=75,  # longer than clients do (httpx: 5 s), or one writes while it is closed
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )
        self._serving = asyncio.create_task(self._http.serve(sockets=[listener]))
        await asyncio.to_thread(self._wait_for_servers, aws, dynamodb)
        checkpoints = Checkpoints(self._directory / "checkpoints.json")
        self._consumers = Consumers(self._clients, self._invoke_from_thread, checkpoints)
        await self._use(parsed)
        self._watchers = [asyncio.create_task(watch) for watch in (self._watch_code(), self._watch_template())]
        await asyncio.sleep(0)  # the watchers begin, so no edit after this start is missed
        await self._seed()
        self.is_ready = True
        self._record()

    def _wait_for_servers(self, aws: Server, dynamodb: Server | None) -> None:
        ministack.wait(aws)
        if dynamodb:
            dynamodb_local.wait(dynamodb)

    def _read_template(self) -> Template:
        return Template.read(self._options.template, self._options.parameters, self._url)

    async def _use(self, template: Template) -> None:
        """Make `template` what runs: its resources exist, its routes are served, its consumers read."""
        for function, kind in unsupported_events(template):
            say(f"{function}: events of type {kind} do not run locally")
        await asyncio.to_thread(resources.create, template, self._clients)
        loaded = Loaded(template, functions(template, self._options.root), api(template), tuple(schedules(template)))
        self._loaded = loaded
        self.gateway = Gateway(loaded.api, self.invoke)
        self._pool.renew()
        await asyncio.to_thread(self._consumers.use, template, loaded.functions, loaded.schedules)

    def _invoke_from_thread(self, function: Function, event: str) -> Outcome:
        return asyncio.run_coroutine_threadsafe(self._pool.invoke(function, event), self._http_loop()).result()

    def _http_loop(self) -> asyncio.AbstractEventLoop:
        return self._serving.get_loop()

    def _worker_environment(self) -> dict[str, str]:
        own = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith("AWS_") and key not in {"PORT", "FRESH", "DYNAMODB"}
        }
        return own | {
            **self._endpoints.environment(),
            "AWS_ENDPOINT_URL_LAMBDA": self._url,
            "AWS_ENDPOINT_URL_SESV2": f"{self._url}{SES_PREFIX}",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "ALLOW_CHOSEN_KEYS": "1",
            "POWERTOOLS_TRACE_DISABLED": "true",
            "PYTHONUNBUFFERED": "1",
            "TZ": ":UTC",
        }

    async def _seed(self) -> None:
        """Mint the seeded keys in tables that have not seen them."""
        if MINT not in self._loaded.functions:
            return
        marker = self._directory / "seeded.json"
        tables = sorted(self._clients.dynamodb.list_tables()["TableNames"])
        created = [
            f"{name} {self._clients.dynamodb.describe_table(TableName=name)['Table']['CreationDateTime']}"
            for name in tables
        ]
        if marker.exists() and json.loads(marker.read_text()) == created:
            return
        for key in SEEDED_KEYS:
            outcome = await self.invoke(MINT, key.event())
            if outcome.is_error:
                say(f"{MINT} could not mint {key.key}: {outcome.payload}")
                return
        marker.write_text(json.dumps(created))

    def _record(self) -> None:
        template = self._loaded.template
        tables = [template.physical_name(name) for name, _ in template.resources("AWS::DynamoDB::Table")]
        buses = [template.physical_name(name) for name, _ in template.resources("AWS::Events::EventBus")]
        undelivered = {
            mapping.on_failure.rsplit(":", 1)[-1]
            for _, mapping in stream_mappings(template)
            if mapping.on_failure and ":s3:" in mapping.on_failure
        }
        record = {
            "pid": os.getpid(),
            "url": self._url,
            "aws_url": self._endpoints.aws,
            "dynamodb_url": self._endpoints.dynamodb,
            "environment": {**self._endpoints.environment(), "AWS_ENDPOINT_URL_LAMBDA": self._url},
            "tables": tables,
            "buses": buses,
            "undelivered_buckets": sorted(undelivered),
        }
        whole = self._options.state_directory / f"{RECORD}.tmp"
        whole.write_text(json.dumps(record, indent=2))
        whole.replace(self._options.state_directory / RECORD)

    def _welcome(self, seconds: float) -> None:
        routes = self._loaded.api
        lines = [f"Ready in {seconds:.1f} s at {self._url}"]
        if routes.match("GET", "/docs"):
            lines.append(f"  documentation  {self._url}/docs")
        lines.append(f"  sent mail      {self._url}/_local/mail")
        lines.append(f"  local AWS      {self._endpoints.aws}   (aws --endpoint-url ...; any credentials)")
        if self._endpoints.dynamodb:
            lines.append(f"  DynamoDB       {self._endpoints.dynamodb}")
        if MINT in self._loaded.functions:
            keys = [f"{key.key} ({key.mode}, {' '.join(key.scopes)})" for key in SEEDED_KEYS]
            lines.append("  API keys       " + "\n                 ".join(keys))
        path = "/v2/customers" if routes.match("GET", "/v2/customers") else "/health"
        lines.append(f"Try:   curl -s -H 'x-api-key: {SEEDED_KEYS[0].key}' {self._url}{path}")
        lines.append("Stop:  Ctrl-C" + (" (state is kept)" if self._options.keeps_state else ""))
        say("\n".join(lines))

    async def _until_stopped(self) -> None:
        watchers = [*self._watchers, asyncio.create_task(self._watch_servers())]
        if self._options.stops_at_eof:
            reader = asyncio.StreamReader()
            await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
            watchers.append(asyncio.create_task(self._watch_stdin(reader)))
        await self._stopping.wait()
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)

    async def _watch_stdin(self, reader: asyncio.StreamReader) -> None:
        await reader.read()
        self._stopping.set()

    async def _watch_servers(self) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(1)
            for server in self._servers:
                if not server.is_running():
                    self._failure = f"{server.name} has ended:\n{server.log_end()}"
                    self._stopping.set()

    async def _watch_code(self) -> None:
        paths = {path for function in self._loaded.functions.values() for path in function.paths}
        async for _ in awatch(*sorted(filter(os.path.isdir, paths)), debounce=200, step=20, stop_event=self._stopping):
            self._pool.renew()
            self.gateway = Gateway(self._loaded.api, self.invoke)

    async def _watch_template(self) -> None:
        path = self._options.template
        changes = awatch(path.parent, recursive=False, debounce=200, step=20, stop_event=self._stopping)
        async for changed in changes:
            if not any(Path(name).name == path.name for _, name in changed):
                continue
            try:
                await self._use(self._read_template())
                self._record()
                say(f"{path.name} read again")
            except Exception as error:  # noqa: BLE001 - half an edit must not end the run
                say(f"{path.name}: {error}; the last version goes on")

    async def _stop(self) -> None:
        self.is_ready = False
        self._stopping.set()
        (self._options.state_directory / RECORD).unlink(missing_ok=True)
        if hasattr(self, "_http"):
            self._http.should_exit = True
            await asyncio.gather(self._serving, return_exceptions=True)
        if hasattr(self, "_consumers"):
            await asyncio.to_thread(self._consumers.stop, STOP_SECONDS)
        if hasattr(self, "_pool"):
            self._pool.close()
        if hasattr(self, "_consumers") and self._options.keeps_state and self._servers[0].is_running():
            await asyncio.to_thread(self._consumers.save_unread)
        for server in self._servers:
            await asyncio.to_thread(server.stop)


@contextlib.contextmanager
def _own_directory(options: Options) -> Iterator[Path]:
    """Yield the directory of this run's servers; no other runtime uses the state directory meanwhile."""
    directory = options.state_directory
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("a") as lock:
        _lock(lock, directory)
        if options.keeps_state:
            if options.fresh:
                _empty(directory)
            yield directory
            return
        passing = directory / "memory"  # servers and logs of a run that keeps nothing
        passing.mkdir(exist_ok=True)
        _empty(passing)
        yield passing
        shutil.rmtree(passing, ignore_errors=True)


def _lock(lock: IO[str], directory: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AlreadyRunning(f"a runtime already runs with {directory}") from error


def _empty(directory: Path) -> None:
    """Remove the state of earlier runs, and the servers a killed runtime left; installed programs stay."""
    for name in ("ministack", "dynamodb-local"):
        server = Server(name, directory)
        if server.take_over():
            server.stop()
    for entry in directory.iterdir():
        if entry.name in {"lock", "dynamodb-local", "memory"}:
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _listen(port: int) -> socket.socket:
    # named as TCP, or asyncio does not switch Nagle's delay off and each answer waits 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise ServerFailed(f"port {port} is taken: choose another with PORT=, or 0 for a free one") from error
    return listener


def run(options: Options) -> None:
    """Run the system until it is told to stop."""

    async def main() -> None:
        await Runtime(options).run()

    try:
        asyncio.run(main())
    except (AlreadyRunning, ServerFailed, TemplateInvalid) as error:
        sys.exit(f"{error}")
