"""Starting, stopping, being killed, and code that changes meanwhile."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.testing import ROOT, running_runtime
from tests.functional.local_runtime.conftest import PROJECT, Shop, eventually


@pytest.fixture
def own_shop(tmp_path: Path) -> Iterator[Shop]:
    """A system that no other test uses."""
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project)
    with running_runtime(project / "template.yaml") as runtime:
        yield Shop(runtime, project)


def descendants(pid: int) -> list[int]:
    """The processes started by `pid`, and by those."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = [pid]
    for parent in found:
        found += [child for child, its_parent in pairs if its_parent == parent]
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_change_of_code_is_served_by_the_next_request(own_shop: Shop) -> None:
    assert own_shop.get("/greeting").text == "hello"

    words = own_shop.project / "layers" / "shared" / "shared_words.py"
    words.write_text('HELLO = "good morning"\n')
    eventually(lambda: own_shop.get("/greeting").text == "good morning", seconds=5)

    words.write_text("HELLO = = 1\n")
    eventually(lambda: own_shop.get("/greeting").status_code == 500, seconds=5)
    assert "SyntaxError" in own_shop.runtime.log

    words.write_text('HELLO = "well again"\n')
    eventually(lambda: own_shop.get("/greeting").text == "well again", seconds=5)


def test_a_change_of_the_template_is_served_by_the_next_request(own_shop: Shop) -> None:
    template = own_shop.project / "template.yaml"
    template.write_text(template.read_text().replace("Path: /greeting", "Path: /salute"))

    eventually(lambda: own_shop.get("/salute").status_code == 200, seconds=10)
    assert own_shop.get("/greeting").status_code == 404


def test_what_was_written_and_not_yet_delivered_survives_a_restart(own_shop: Shop) -> None:
    own_shop.order("early")
    eventually(lambda: own_shop.noted("early"))
    secret = own_shop.get("/echo/x").json()
    for number in range(20):
        own_shop.order(f"late-{number}")

    own_shop.runtime.restart()

    eventually(lambda: all(own_shop.noted(f"late-{number}") for number in range(20)))
    assert own_shop.noted("early") == 1
    own_shop.order("after")
    eventually(lambda: own_shop.noted("after"))
    assert secret["name"] == "Echo"


def test_a_killed_runtime_leaves_what_the_next_one_goes_on_with(own_shop: Shop) -> None:
    own_shop.order("early")
    eventually(lambda: own_shop.noted("early"))
    started = descendants(own_shop.runtime.pid)
    own_shop.runtime.kill()
    own_shop.order("meanwhile")  # the local AWS still runs

    own_shop.runtime.start()

    eventually(lambda: own_shop.noted("meanwhile"))
    assert own_shop.noted("early") == 1
    own_shop.runtime.stop()
    eventually(lambda: not any(map(alive, started)), seconds=5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopping_leaves_no_process(own_shop: Shop, number: signal.Signals) -> None:
    own_shop.get("/greeting")
    started = descendants(own_shop.runtime.pid)
    assert len(started) > 2

    os.kill(own_shop.runtime.pid, number)

    assert own_shop.runtime.stop() == 0
    assert not any(map(alive, started))


def test_a_second_runtime_with_the_same_state_is_refused(own_shop: Shop) -> None:
    command = [sys.executable, "-m", "local", "run", "--port", "0"]
    command += ["--state-dir", str(own_shop.runtime.state_directory)]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)

    assert refused.returncode == 1
    assert "already runs" in refused.stderr


def test_fresh_starts_empty(own_shop: Shop) -> None:
    own_shop.order("old")
    eventually(lambda: own_shop.noted("old"))
    own_shop.runtime.stop()

    own_shop.runtime.start("--fresh")

    assert own_shop.noted("old") == 0
    own_shop.order("new")
    eventually(lambda: own_shop.noted("new"))


def test_a_run_in_memory_forgets_also_what_a_killed_one_left(own_shop: Shop) -> None:
    own_shop.runtime.stop()
    own_shop.runtime.start("--state", "memory")
    own_shop.order("old")
    eventually(lambda: own_shop.noted("old"))
    left = descendants(own_shop.runtime.pid)
    own_shop.runtime.kill()

    own_shop.runtime.start("--state", "memory")

    assert own_shop.noted("old") == 0
    # An orphan that has ended stays in the list of processes until the first process reaps it.
    eventually(lambda: not any(map(alive, left)))


def test_when_the_local_aws_ends_the_runtime_says_so_and_ends(own_shop: Shop) -> None:
    record = own_shop.runtime.state_directory / "ministack.json"
    os.kill(json.loads(record.read_text())["pid"], signal.SIGKILL)

    assert own_shop.runtime.wait() == 1
    assert "ministack has ended" in own_shop.runtime.log
