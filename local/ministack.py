"""Run ministack, the AWS behind the local runtime."""

import os
from collections.abc import Mapping
from pathlib import Path

from local.processes import Server, ServerFailed, answers, free_port
from local.template import ACCOUNT, REGION


def start(python: Path, directory: Path, *, keep: bool) -> Server:
    """Start ministack with its state in `directory`, or go on with the one a killed runtime left.

    Args:
        python: the interpreter of ministack's own environment.
        directory: where its state, its record and its log are.
        keep: whether the state outlives the process.

    Raises:
        ServerFailed: there is no such interpreter.
    """
    if not python.exists():
        raise ServerFailed(f"{python} is missing: `make setup` makes ministack's environment")
    directory.mkdir(parents=True, exist_ok=True)
    server = Server("ministack", directory)
    if server.take_over():
        return server
    last = server.last_port()
    port = free_port(last)
    state = directory / "ministack"
    if last and last != port:
        _move_queues(state / "sqs.json", last, port)
    server.start([str(python), "-m", "ministack"], port, _environment(port, directory, keep=keep), directory)
    return server


def wait(server: Server) -> None:
    """Wait until ministack answers."""
    server.wait(lambda url: answers(f"{url}/_ministack/health"))


def _environment(port: int, directory: Path, *, keep: bool) -> Mapping[str, str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return own | {
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "PERSIST_STATE": str(int(keep)),
        "STATE_DIR": str(directory / "ministack"),
        "S3_PERSIST": str(int(keep)),
        "S3_DATA_DIR": str(directory / "s3"),
        "DOCKER_HOST": "unix:///nonexistent",  # it would look for containers of its own
    }


def _move_queues(saved: Path, old_port: int, new_port: int) -> None:
    """Give saved queues the new port: ministack keeps them under their whole URL."""
    if saved.exists():
        saved.write_text(saved.read_text().replace(f":{old_port}/", f":{new_port}/"))
