"""The template's functions as they are deployed: their sources, the built layers, and Lambda's environment."""

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from local.functions import Function, functions
from local.template import REGION, Template

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
PROBES = Path(__file__).resolve().parent / "probes"
LAYERS = (BUILD / "layers" / "dependencies" / "python", BUILD / "layers" / "billing" / "python")

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_SESSION_TOKEN": "example" * 100,  # as long as the one a role gets: it is signed and sent every time
}


class NotMeasurable(Exception):
    """Something that a measurement needs is missing or broken; the message says what."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Fresh interpreters that see the standard library, `paths` and `environment`, and nothing else."""

    paths: tuple[Path, ...]
    environment: Mapping[str, str]

    def run(self, probe: str, *arguments: str, given: str = "") -> Any:
        """Run a script of `probes/` in a fresh interpreter, `given` its input, and return the JSON that it prints.

        Raises:
            NotMeasurable: it failed; the message ends its traceback.
        """
        # -B: Lambda's folders are read-only, so nothing is compiled for the next time
        command = [sys.executable, "-I", "-S", "-B", str(PROBES / f"{probe}.py")]
        paths = ":".join(map(str, self.paths))
        ran = subprocess.run(
            [*command, paths, *arguments],
            env=dict(self.environment),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise NotMeasurable(ran.stderr.strip().rpartition("\n")[2] or f"{probe} ended with {ran.returncode}")
        return json.loads(ran.stdout)


@cache
def template() -> Template:
    """Return the template that is deployed."""
    return Template.read(ROOT / "template.yaml")


@cache
def deployed() -> Mapping[str, Function]:
    """Return every function of the template by its logical id."""
    return functions(template(), ROOT)


def module_of(function: Function) -> str:
    """Return the module of a function's handler, in dots."""
    return function.handler.rpartition(".")[0].replace("/", ".")


def interpreter_of(function: Function, **environment: str) -> Interpreter:
    """Return interpreters that are to `function` what Lambda's is, with some variables of one's own.

    Raises:
        NotMeasurable: the layers are not built, or the function's module is not there.
    """
    module = module_of(function)
    if not (_deployment()[0] / f"{module.replace('.', '/')}.py").exists():
        raise NotMeasurable(f"the template names {function.handler}, and there is no such module")
    return Interpreter(_deployment(), {**_lambda_variables(function), **environment})


def plain_interpreter(function: Function) -> Interpreter:
    """Return interpreters with the same environment and the packages as they are installed, not as the layers are."""
    installed = next((Path(path) for path in sys.path if (Path(path) / "boto3").is_dir()), None)
    if installed is None:
        raise NotMeasurable("boto3 is not installed")
    return Interpreter((installed,), _lambda_variables(function))


def _lambda_variables(function: Function) -> dict[str, str]:
    return {
        **function.environment,
        **CREDENTIALS,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "LANG": "C.UTF-8",
    }


@cache
def _deployment() -> tuple[Path, ...]:
    """Copy functions and layers as they are deployed, so that a build meanwhile changes nothing that is measured.

    Of the functions only sources, for `sam build` leaves their bytecode out.
    """
    for layer in LAYERS:
        if not layer.is_dir():
            raise NotMeasurable(f"{layer.relative_to(ROOT)} is missing: make layers-host")
    copies = Path(tempfile.mkdtemp(prefix="bench-"))
    atexit.register(shutil.rmtree, copies, ignore_errors=True)
    shutil.copytree(ROOT / "functions", copies / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    for layer in LAYERS:
        shutil.copytree(layer, copies / layer.parent.name)
    return copies / "functions", *(copies / layer.parent.name for layer in LAYERS)
