"""Run functions in their container, against the AWS of `make run` (or one of its own while it lasts).

    python -m scripts.sam_invoke CreateCustomer [--event FILE]   sam local invoke, on its sample or another event
    python -m scripts.sam_invoke --all                           every function on its sample, and a table
    python -m scripts.sam_invoke --one-per-capability            one function of each role on its sample
    python -m scripts.sam_invoke --ready                         as long as it runs, plain `sam local invoke` works

The functions are built for this machine's processor into .build/sam, apart from what is deployed. Without Docker it
says how to get it, and fails only when CI is set.
"""

import argparse
import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local import ministack, resources
from local.clients import CREDENTIALS, Clients, Endpoints
from local.functions import functions
from local.processes import answers, free_port
from local.template import REGION, Template, load_yaml
from scripts import sam_image
from scripts.sam_network import Relay
from scripts.samples import ROOT, Callee, Samples, called_first, callees, one_per_capability, verdict

BUILD = ROOT / ".build" / "sam"
TEMPLATE = BUILD / "template.yaml"
ENVIRONMENT = BUILD.with_name("sam-environment.json")
MADE_FROM = BUILD.with_name("sam-made-from.sha256")
BUILT_FROM = (
    "functions/**/*.py",
    "layers/**/*",
    "requirements/documents.txt",
    "requirements/runtime.txt",
    "template.yaml",
)
RUNTIME = ROOT / ".local" / "runtime.json"
START_SECONDS = 60

NO_DOCKER = """Docker doesn't answer, so functions can't run in their container here.
  Debian, Ubuntu: apt-get install --no-install-recommends docker.io containerd runc iptables; then run dockerd
  macOS, Windows: start Docker Desktop
Without Docker, `make run` runs the same handlers, and `make deploy-local` the same artifacts."""


@dataclass(frozen=True)
class Aws:
    """The AWS that the functions use, and their environment in it."""

    what: str
    environments: Mapping[str, Mapping[str, str]]
    link_secret: str


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("function", nargs="?", help="logical id in template.yaml")
    parser.add_argument("--event", type=Path, help="another event than the function's sample")
    parser.add_argument("--all", action="store_true", help="every function on its sample")
    parser.add_argument("--one-per-capability", action="store_true", help="one function of each role on its sample")
    parser.add_argument("--ready", action="store_true", help="prepare, and wait until interrupted")
    arguments = parser.parse_args()
    many = arguments.all or arguments.one_per_capability
    if sum(map(bool, (arguments.function, many, arguments.ready))) != 1:
        parser.error("name one function, or --all, --one-per-capability or --ready")
    if sam_image.docker("version").returncode:
        print(NO_DOCKER, file=sys.stderr)
        sys.exit(1 if os.environ.get("CI") else 0)

    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)  # what was started here ends with us
    try:
        do(arguments)
    except KeyboardInterrupt:
        sys.exit(0 if arguments.ready else 130)


def do(arguments: argparse.Namespace) -> None:
    """Prepare, and do what is wanted."""
    with prepared() as (template, found):
        if arguments.ready:
            wait(found)
        elif arguments.function:
            function = named(template, arguments.function)
            sys.exit(invoke(function, arguments.event or function.sample))
        else:
            every = callees(template)
            sys.exit(not run_all(one_per_capability(every) if arguments.one_per_capability else every, every, found))


@contextlib.contextmanager
def prepared() -> Iterator[tuple[Template, Aws]]:
    """Have the image, the build and an AWS ready, and the functions' environment written where sam reads it."""
    template = Template.read(ROOT / "template.yaml")
    with contextlib.ExitStack() as while_open:
        try:
            sam_image.ensure()
        except sam_image.ImageUnavailable as error:
            sys.exit(str(error))
        found = while_open.enter_context(some_aws(template))
        relay = while_open.enter_context(Relay())
        reachable = {name: relay.environment(variables) for name, variables in found.environments.items()}
        build({variable for variables in reachable.values() for variable in variables})
        ENVIRONMENT.write_text(json.dumps(reachable, indent=2))
        yield template, found


@contextlib.contextmanager
def some_aws(template: Template) -> Iterator[Aws]:
    """Yield the AWS of the running local runtime; if none runs, one that lasts as long as the block."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        record = json.loads(RUNTIME.read_text())
        if answers(f"{record['aws_url']}/_ministack/health"):
            endpoints = Endpoints(record["aws_url"], record["dynamodb_url"])
            yield aws(f"of make run, {record['url']}", template, endpoints, record["environment"])
            return
    with tempfile.TemporaryDirectory(prefix="sam-invoke-") as directory:
        server = ministack.start(ROOT / ".venv-ministack" / "bin" / "python", Path(directory), keep=False)
        try:
            ministack.wait(server)
            endpoints = Endpoints(server.url)
            yield aws("of its own, empty", template, endpoints, endpoints.environment())
        finally:
            server.stop()


def aws(what: str, template: Template, endpoints: Endpoints, variables: Mapping[str, str]) -> Aws:
    """Create what the template declares; every function's variables are the template's and those that lead here."""
    clients = Clients(endpoints)
    resources.create(template, clients)
    # a developer's own session must not travel into the container
    shared = {**variables, "AWS_SESSION_TOKEN": "", "POWERTOOLS_TRACE_DISABLED": "true", "ALLOW_CHOSEN_KEYS": "1"}
    environments = {name: {**each.environment, **shared} for name, each in functions(template, ROOT).items()}
    secret = clients.secrets.get_secret_value(SecretId=template.physical_name("LinkSecret"))["SecretString"]
    return Aws(what, environments, secret)


def build(variables: set[str]) -> None:
    """Build for this machine if anything has changed, with `variables` declared: sam passes on no others."""
    architecture = sam_image.architecture()
    made_from = fingerprint(architecture, *sorted(variables))
    if TEMPLATE.exists() and MADE_FROM.exists() and MADE_FROM.read_text() == made_from:
        return
    MADE_FROM.unlink(missing_ok=True)
    command = ["build", "--no-cached", "--no-use-container", "--build-dir", str(BUILD)]
    built = sam([*command, "--parameter-overrides", f"Architecture={architecture}"], LAYER_ARCHITECTURE=architecture)
    if built.returncode:
        sys.exit(f"sam build failed:\n{built.stdout}")
    document = load_yaml(TEMPLATE.read_text())
    document["Parameters"]["Architecture"]["Default"] = architecture
    declared = document["Globals"]["Function"]["Environment"]["Variables"]
    document["Globals"]["Function"]["Environment"]["Variables"] = dict.fromkeys(sorted(variables), "") | declared
    TEMPLATE.write_text(json.dumps(document, indent=2))  # JSON is YAML
    MADE_FROM.write_text(made_from)


def fingerprint(*settings: str) -> str:
    """Return a digest of the settings and of all that the build reads."""
    digest = hashlib.sha256("\n".join(settings).encode())
    files = {path for pattern in BUILT_FROM for path in ROOT.glob(pattern) if "__pycache__" not in path.parts}
    for path in sorted(files):
        if path.is_file():
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def named(template: Template, logical_id: str) -> Callee:
    """Return the function of that name, or end with those there are."""
    found = {function.logical_id: function for function in callees(template)}
    if logical_id not in found:
        sys.exit(f"no function {logical_id}; there are {', '.join(sorted(found))}")
    return found[logical_id]


def invoke(function: Callee, event: Path) -> int:
    """Run `sam local invoke` as anybody would and return its exit status."""
    command = ["local", "invoke", function.logical_id, "--template", str(TEMPLATE), "--event", str(event)]
    return sam([*command, "--env-vars", str(ENVIRONMENT), "--skip-pull-image"], captured=False).returncode


def wait(aws: Aws) -> None:
    """Hold everything open until somebody has had enough."""
    print(
        f"AWS: {aws.what}. While this runs: sam local invoke CreateCustomer -e events/customers/create.json", flush=True
    )
    while True:
        time.sleep(3600)


def run_all(chosen: list[Callee], every: list[Callee], aws: Aws) -> bool:
    """Invoke the chosen functions one after the other, print a table, and tell whether all did their work."""
    samples = Samples(aws.link_secret)
    width = max(len(function.logical_id) for function in chosen)
    failed = []
    began = time.monotonic()
    with lambda_service() as client:
        print(f"AWS: {aws.what}; ready after {time.monotonic() - began:.0f} s\n")
        for function in chosen:
            for other in called_first(function, every):
                call(client, other, samples)
            started = time.monotonic()
            works, said = call(client, function, samples)
            seconds = time.monotonic() - started
            print(f"{'ok  ' if works else 'FAIL'} {function.logical_id:{width}} {seconds:5.1f} s  {said}", flush=True)
            if not works:
                failed.append(function.logical_id)
    count = f"{len(chosen) - len(failed)} of {len(chosen)} functions"
    print(f"\n{count} answer their samples in their container, {time.monotonic() - began:.0f} s")
    return not failed


def call(client: Any, function: Callee, samples: Samples) -> tuple[bool, str]:
    """Invoke one function on its sample and judge the answer."""
    try:
        event = samples.event(function)
    except FileNotFoundError:
        return False, f"no sample {function.sample.relative_to(ROOT)}"
    response = client.invoke(FunctionName=function.logical_id, Payload=event.encode())
    text = response["Payload"].read().decode()
    try:
        answer = json.loads(text)
    except ValueError:
        return False, text[:200]
    error = response.get("FunctionError")
    if isinstance(answer, dict) and "errorType" in answer:
        error = error or "Error"
    samples.learn(function, answer)
    return verdict(function, answer, error)


@contextlib.contextmanager
def lambda_service() -> Iterator[Any]:
    """Yield a client of `sam local start-lambda`, which runs what `sam local invoke` runs and builds the image once."""
    port = free_port()
    log = BUILD.with_name("sam-start-lambda.log")
    command = [*SAM, "local", "start-lambda", "--template", str(TEMPLATE), "--env-vars", str(ENVIRONMENT)]
    command += ["--skip-pull-image", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=sam_environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            url = f"http://127.0.0.1:{port}"
            until = time.monotonic() + START_SECONDS
            while not answers(url):
                if process.poll() is not None or time.monotonic() > until:
                    sys.exit(f"sam local start-lambda did not start:\n{log.read_text()}")
                time.sleep(0.2)
            config = Config(read_timeout=120, retries={"total_max_attempts": 1})
            yield boto3.client(
                "lambda",
                endpoint_url=url,
                region_name=REGION,
                aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
                config=config,
            )
        finally:
            process.terminate()
            process.wait(timeout=60)


SAM = (str(ROOT / ".venv-sam" / "bin" / "sam"),)


def sam(arguments: list[str], *, captured: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run sam on this machine's behalf: no telemetry, our region, and its own Python for the build."""
    return subprocess.run(
        [*SAM, *arguments],
        cwd=ROOT,
        env=sam_environment() | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if captured else None,
        stderr=subprocess.STDOUT if captured else None,
        text=True,
        check=False,
    )


def sam_environment() -> dict[str, str]:
    """Return the environment sam runs in."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    path = f"{ROOT / '.venv-sam' / 'bin'}{os.pathsep}{own.get('PATH', '')}"
    return {**own, **CREDENTIALS, "AWS_DEFAULT_REGION": REGION, "SAM_CLI_TELEMETRY": "0", "PATH": path}


if __name__ == "__main__":
    main()
