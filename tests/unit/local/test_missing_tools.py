"""On a machine without Java, Node.js or Docker the commands that need them say so, and how to get them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a module of ours where nothing is on the PATH."""
    command = [sys.executable, "-m", *arguments]
    environment = {"PATH": "", **environment}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_dynamodb_local_names_what_it_lacks(tmp_path: Path) -> None:
    said = run("local.dynamodb_local", str(tmp_path))

    assert said.returncode == 1
    assert said.stderr.startswith("DynamoDB Local ")
    assert "apt-get install" in said.stderr


@pytest.mark.parametrize(("environment", "status"), [({}, 0), ({"CI": "true"}, 1)])
def test_functions_in_containers_want_docker_and_fail_only_in_ci(environment: dict[str, str], status: int) -> None:
    said = run("scripts.sam_invoke", "CreateCustomer", **environment)

    assert said.returncode == status
    assert said.stderr.startswith("Docker doesn't answer")
    assert "apt-get install" in said.stderr
