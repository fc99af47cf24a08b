"""The example of a customer's life, as a reader of the documentation runs it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local.testing import Runtime

JOURNEY = Path(__file__).parents[2] / "examples" / "journey" / "journey.sh"


@pytest.fixture
def bash() -> str:
    """Bash, with the curl and the Python that the script calls."""
    missing = [each for each in ("bash", "curl", "python3") if shutil.which(each) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"needs {', '.join(missing)}")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    return "bash"


def test_the_journey_comes_to_its_end(runtime: Runtime, bash: str) -> None:
    key = runtime.invoke("MintApiKey", {"mode": "sandbox"})["key"]

    run = subprocess.run(
        [bash, str(JOURNEY)],
        env={**os.environ, "API": f"{runtime.url}/v2", "KEY": key},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=110,
        check=False,
    )

    assert run.returncode == 0, run.stdout
    assert run.stdout.endswith("--- done\n"), run.stdout
