"""Let a container reach what listens on this machine's 127.0.0.1.

sam starts containers on Docker's bridge whatever `docker_network` says (`host` is skipped there), and on the bridge
127.0.0.1 is the container itself. A relay listens on the bridge's own address, takes connections from containers
alone, and passes them on. Docker Desktop has such a relay built in, under the name host.docker.internal.
"""

import ipaddress
import json
import re
import socket
import socketserver
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from scripts.sam_image import docker

_LOOPBACK_URL = re.compile(r"http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True)
class Bridge:
    """Docker's default network, as seen from this machine."""

    address: str
    containers: ipaddress.IPv4Network | ipaddress.IPv6Network


def bridge() -> Bridge | None:
    """Return Docker's bridge, None where Docker runs in a virtual machine of its own and relays by itself."""
    if b"Docker Desktop" in docker("info", "--format", "{{.OperatingSystem}}").stdout:
        return None
    answer = docker("network", "inspect", "bridge").stdout
    settings = json.loads(answer)[0]["IPAM"]["Config"][0]
    containers = ipaddress.ip_network(settings["Subnet"])
    return Bridge(settings.get("Gateway") or str(next(containers.hosts())), containers)


class Relay:
    """While it is open, containers reach the loopback addresses that `environment` was asked for."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._bridge = bridge()
        self._servers: dict[int, _Server] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return the variables with every loopback address replaced by one that containers reach."""
        return {name: _LOOPBACK_URL.sub(self._reachable, text) for name, text in variables.items()}

    def _reachable(self, url: re.Match[str]) -> str:
        port = int(url.group(1))
        if self._bridge is None:
            return f"http://host.docker.internal:{port}"
        if port not in self._servers:
            self._servers[port] = _Server(self._bridge, port)
            threading.Thread(target=self._servers[port].serve_forever, daemon=True).start()
        return f"http://{self._bridge.address}:{self._servers[port].server_address[1]}"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, bridge: Bridge, target_port: int) -> None:
        super().__init__((bridge.address, 0), _Connection)
        self.target_port = target_port
        self._containers = bridge.containers

    def verify_request(self, request: object, client_address: object) -> bool:  # noqa: ARG002 - socketserver's
        host = client_address[0] if isinstance(client_address, tuple) else ""
        return ipaddress.ip_address(host) in self._containers


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.target_port), timeout=5) as target:
            target.settimeout(None)
            answers = threading.Thread(target=_copy, args=(target, self.request), daemon=True)
            answers.start()
            _copy(self.request, target)
            answers.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    """Copy until the source says that it is done, and say so to the sink."""
    try:
        while received := source.recv(65_536):
            sink.sendall(received)
        sink.shutdown(socket.SHUT_WR)
    except OSError:  # one of the two is gone, and the other will notice
        return
