"""Start and stop the servers behind the runtime, also those that a killed runtime left behind."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

START_SECONDS = 90
STOP_SECONDS = 20


class ServerFailed(Exception):
    """A server did not start or has ended; the message says where its log is."""


def free_port(wanted: int | None = None) -> int:
    """Return a port of 127.0.0.1 that nobody listens on: the wanted one if it is free."""
    for port in (wanted or 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise ServerFailed("no free port on 127.0.0.1")


class Server:
    """A server process that is recorded on disk, so that the next runtime finds it again.

    When a runtime was killed, its servers still hold what they have not saved. The next one takes them over.
    """

    def __init__(self, name: str, directory: Path) -> None:
        """Keep the record and the log of server `name` in `directory`."""
        self.name = name
        self.port = 0
        self.pid = 0
        self._record = directory / f"{name}.json"
        self._log = directory / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def last_port(self) -> int | None:
        """Return the port of the last run: clients and saved addresses stay right when it is used again."""
        return self._recorded().get("port")

    def take_over(self) -> bool:
        """Continue with the process of a runtime that was killed; tell whether there was one."""
        recorded = self._recorded()
        if not recorded.get("pid") or _identity(recorded["pid"]) != recorded["identity"]:
            return False
        self.pid, self.port = recorded["pid"], recorded["port"]
        return True

    def start(self, command: list[str], port: int, environment: Mapping[str, str], directory: Path) -> None:
        """Start the process; `wait` tells when it is ready."""
        self.port = port
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C in the terminal is the runtime's to handle
            )
        self.pid = self._process.pid
        self._note(pid=self.pid, port=port, identity=_identity(self.pid))

    def wait(self, ready: Callable[[str], bool]) -> None:
        """Wait until `ready(url)`.

        Raises:
            ServerFailed: the process ended or took too long.
        """
        until = time.monotonic() + START_SECONDS
        while not ready(self.url):
            if not self.is_running() or time.monotonic() > until:
                raise ServerFailed(f"{self.name} did not start; see {self._log}")
            time.sleep(0.02)
        self._note(pid=self.pid, port=self.port, identity=_identity(self.pid))

    def is_running(self) -> bool:
        """Tell whether the process lives."""
        if self._process is not None:
            return self._process.poll() is None
        return bool(self.pid) and _identity(self.pid) == self._recorded().get("identity")

    def stop(self) -> None:
        """Let it save its state and end; kill it if it will not."""
        if self.is_running():
            os.kill(self.pid, signal.SIGTERM)
            until = time.monotonic() + STOP_SECONDS
            while self.is_running() and time.monotonic() < until:
                time.sleep(0.02)
        if self.is_running():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        if self._record.exists():
            self._note(port=self.port)

    def log_end(self) -> str:
        """Return the last lines of the log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:]) if self._log.exists() else ""

    def _recorded(self) -> dict[str, Any]:
        try:
            recorded: dict[str, Any] = json.loads(self._record.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return recorded

    def _note(self, **record: object) -> None:
        self._record.write_text(json.dumps(record))


def _identity(pid: int) -> str:
    """Return what tells a process from a later one with the same id: its start and its command."""
    proc = Path(f"/proc/{pid}")
    try:
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else f"{fields[19]} {(proc / 'cmdline').read_bytes().decode(errors='replace')}"
    except OSError:
        pass
    if Path("/proc/self").exists():
        return ""
    listed = subprocess.run(
        ["ps", "-o", "lstart=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip()


def answers(url: str) -> bool:
    """Tell whether anything answers HTTP there, be it an error."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - a 127.0.0.1 address of ours
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
