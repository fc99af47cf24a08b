"""Every handler as it is deployed: copied beside nothing but its layers, where no machine of ours helps out."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.functions import Function, functions
from local.template import Template

pytestmark = [pytest.mark.layers, pytest.mark.timeout(300)]

REPOSITORY = Path(__file__).parents[2]
FUNCTIONS = functions(Template.read(REPOSITORY / "template.yaml"), REPOSITORY)

IMPORTS_EACH = """
import importlib, json, os, sys, traceback
for name, (handler, paths, environment) in json.load(sys.stdin).items():
    if os.fork() == 0:  # each as in a fresh interpreter
        sys.path[:0] = paths
        os.environ.update(environment)
        module, _, attribute = handler.rpartition(".")
        try:
            getattr(importlib.import_module(module), attribute)
        except BaseException as error:
            print(f"{name}: {''.join(traceback.format_exception_only(error)).strip()}", flush=True)
        os._exit(0)
    if status := os.wait()[1]:
        print(f"{name}: its interpreter ended with status {status}", flush=True)
"""


@pytest.fixture(scope="module")
def failures(layers: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each handler that can't be imported says."""
    deployed = tmp_path_factory.mktemp("deployed")
    shutil.copytree(REPOSITORY / "functions", deployed / "task")
    handlers = {
        name: (function.handler, [str(deployed / "task"), *layers_of(function, layers)], in_lambda(function))
        for name, function in FUNCTIONS.items()
    }
    imported = subprocess.run(
        [sys.executable, "-I", "-S", "-c", IMPORTS_EACH],
        input=json.dumps(handlers),
        cwd=deployed,
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split(": ", 1) for line in imported.stdout.splitlines() if ": " in line)


def layers_of(function: Function, layers: Path) -> list[str]:
    """Return where the function's own layers were built, which have the names of their sources."""
    _, *sources = function.paths
    return [str(layers / Path(source).name / "python") for source in sources]


def in_lambda(function: Function) -> dict[str, str]:
    """Return the environment that Lambda gives a function."""
    credentials = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "eu-central-1"}
    named = {"AWS_LAMBDA_FUNCTION_NAME": function.name, "AWS_DEFAULT_REGION": "eu-central-1"}
    return {**function.environment, **credentials, **named}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_needs_nothing_but_its_folder_and_its_layers(failures, name):
    assert failures.get(name) is None
