"""Deploy the template with the real sam to an AWS on this machine, and check what stands there.

    python -m scripts.deploy_local [--one-per-capability] [--keep]

`sam build` and `sam deploy` run as they would for an AWS account; what answers is ministack, a process of its own
that ends with this command. Then everything that the template says is read back and compared, functions are called
on their samples, and a customer is written and waited for at a rule's subscriber. What ministack can't do, the checks
work around; each work-around says so where it stands (scripts/deployed.py), and the template knows of none.
"""

import argparse
import contextlib
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local import ministack
from local.template import STACK, Template
from scripts import deployed, sam_image
from scripts.deployed import Stack
from scripts.sam_invoke import sam
from scripts.samples import ROOT, Callee, Samples, called_first, callees, one_per_capability, verdict

BUILD = ROOT / ".build" / "deploy" / "stack"  # sam keeps a file of its own beside it
ARRIVAL_SECONDS = 60
MOST_RESOURCES = 450


class Checks:
    """Checks one after the other, a line each."""

    def __init__(self) -> None:
        self.failed = 0

    def report(self, what: str, problems: list[str], began: float) -> None:
        """Say whether `what` holds."""
        self.failed += bool(problems)
        print(f"{'FAIL' if problems else 'ok  '} {what} ({time.monotonic() - began:.1f} s)", flush=True)
        for problem in problems:
            print(f"       {problem}")


def main() -> None:
    """Deploy, check, and end what was started."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--one-per-capability", action="store_true", help="call one function of each role, not all")
    parser.add_argument("--keep", action="store_true", help="afterwards wait until interrupted, to look around")
    arguments = parser.parse_args()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)  # what was started here ends with us
    try:
        do(arguments)
    except KeyboardInterrupt:
        sys.exit(130)


def do(arguments: argparse.Namespace) -> None:
    """Deploy and check."""
    with some_aws() as url:
        checks = Checks()
        architecture = sam_image.architecture()
        deploy(checks, url, architecture)
        stack = Stack(url, template_with_deployed_values(architecture))
        check_resources(checks, stack)
        every = callees(stack.template)
        check_functions(checks, stack, one_per_capability(every) if arguments.one_per_capability else every, every)
        check_arrival(checks, stack)
        print(f"\n{checks.failed} failed" if checks.failed else "\nThe stack is what the template says, and works")
        if arguments.keep:
            print(f"It stands at {url} until Ctrl-C", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    time.sleep(3600)
        sys.exit(bool(checks.failed))


@contextlib.contextmanager
def some_aws() -> Iterator[str]:
    """Yield the address of a ministack that lasts as long as the block."""
    with tempfile.TemporaryDirectory(prefix="deploy-local-") as directory:
        server = ministack.start(ROOT / ".venv-ministack" / "bin" / "python", Path(directory), keep=False)
        try:
            ministack.wait(server)
            yield server.url
        finally:
            server.stop()


def deploy(checks: Checks, url: str, architecture: str) -> None:
    """Build for this machine's processor, which runs ministack's functions, and deploy as samconfig.toml says."""
    began = time.monotonic()
    override = ["--parameter-overrides", f"Architecture={architecture} DeletionProtection=false"]
    build = ["build", "--no-cached", "--no-use-container", "--build-dir", str(BUILD), *override]
    built = sam(build, LAYER_ARCHITECTURE=architecture)
    checks.report("sam build", built.stdout.splitlines() if built.returncode else [], began)
    began = time.monotonic()
    command = ["deploy", "--template-file", str(BUILD / "template.yaml"), "--config-file", str(ROOT / "samconfig.toml")]
    stood = sam([*command, "--stack-name", STACK, "--no-progressbar", *override], AWS_ENDPOINT_URL=url)
    checks.report("sam deploy", stood.stdout.splitlines()[-40:] if stood.returncode else [], began)
    if checks.failed:
        sys.exit(1)


def template_with_deployed_values(architecture: str) -> Template:
    """Return the template with the values that were deployed, none of the local runtime's own."""
    document = Template.read(ROOT / "template.yaml").document
    defaults = {name: str(each["Default"]) for name, each in document["Parameters"].items() if "Default" in each}
    return Template(document, defaults | {"Architecture": architecture, "DeletionProtection": "false"})


def check_resources(checks: Checks, stack: Stack) -> None:
    """Compare every resource of the template with what stands."""
    began = time.monotonic()
    made = len(stack.processed["Resources"])
    too_many = [f"CloudFormation takes 500 in a stack, we {MOST_RESOURCES}"] if made > MOST_RESOURCES else []
    checks.report(
        f"{made} resources in CloudFormation's template", too_many + list(deployed.failed_resources(stack)), began
    )
    types = dict.fromkeys(resource["Type"] for resource in stack.template.document["Resources"].values())
    for type_ in types:
        began = time.monotonic()
        count, differences = deployed.resource_differences(stack, type_)
        checks.report(f"{count} {type_}", differences, began)
    for what, differences_of in (
        ("stream mappings with filters, limits and destinations", deployed.mapping_differences),
        ("rules with targets, retries and permissions", deployed.rule_differences),
        ("schedules with targets", deployed.schedule_differences),
        ("routes with authorizers and permissions", deployed.route_differences),
    ):
        began = time.monotonic()
        count, differences = differences_of(stack)
        checks.report(f"{count} {what}", differences, began)
    taken = sorted({f"{type_.rpartition('::')[2]}.{name}" for type_, name in deployed.NOT_CARRIED})
    print(f"     (from CloudFormation's copy of the template, as ministack ignores them: {', '.join(taken)})")


def check_functions(checks: Checks, stack: Stack, chosen: list[Callee], every: list[Callee]) -> None:
    """Call the chosen functions on their samples."""
    secret = stack.client("secretsmanager").get_secret_value(SecretId=stack.physical_id("LinkSecret"))["SecretString"]
    samples = Samples(secret)
    for function in chosen:
        for other in called_first(function, every):
            call(stack, other, samples)
        began = time.monotonic()
        works, said = call(stack, function, samples)
        checks.report(f"{function.logical_id}: {said}", [] if works else [said], began)


def call(stack: Stack, function: Callee, samples: Samples) -> tuple[bool, str]:
    """Call one function on its sample and judge the answer."""
    try:
        event = samples.event(function)
    except FileNotFoundError:
        return False, f"no sample {function.sample.relative_to(ROOT)}"
    name = stack.physical_id(function.logical_id)
    response = stack.client("lambda").invoke(FunctionName=name, Payload=event.encode())
    answer = json.loads(response["Payload"].read())
    samples.learn(function, answer)
    return verdict(function, answer, response.get("FunctionError"))


def check_arrival(checks: Checks, stack: Stack) -> None:
    """Subscribe a queue to the bus as anybody may, create a customer, and wait for its event."""
    began = time.monotonic()
    queue = subscribed_queue(stack)
    create = next(function for function in callees(stack.template) if function.handler == "customers.create.handler")
    event = json.loads(create.sample.read_text())
    body = json.loads(event["body"])
    body["email"] = "arrives@example.com"
    event["body"] = json.dumps(body)
    event["headers"]["idempotency-key"] = "arrival"
    name = stack.physical_id(create.logical_id)
    answer = json.load(stack.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))["Payload"])
    made = json.loads(answer.get("body", "{}")).get("data", {}).get("id")
    arrived = received(stack, queue, made) if made else None
    checks.report(
        f"a customer's creation arrives at a subscriber of the bus: {arrived}",
        [] if arrived else [f"nothing arrived for {made or answer}"],
        began,
    )


def subscribed_queue(stack: Stack) -> str:
    """Return a new queue that a rule of our own sends every event to."""
    queue = str(stack.client("sqs").create_queue(QueueName="subscriber")["QueueUrl"])
    attributes = stack.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    rule = {"Name": "subscriber", "EventBusName": stack.template.resolve({"Ref": "Bus"})}
    stack.client("events").put_rule(**rule, EventPattern=json.dumps({"source": ["revkeen.billing"]}))
    target = {"Id": "queue", "Arn": attributes["QueueArn"]}
    stack.client("events").put_targets(Rule="subscriber", EventBusName=rule["EventBusName"], Targets=[target])
    return queue


def received(stack: Stack, queue: str, customer: str) -> str | None:
    """Return the type and id of the event about a customer, None if it doesn't arrive."""
    until = time.monotonic() + ARRIVAL_SECONDS
    while time.monotonic() < until:
        answer: dict[str, Any] = stack.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)
        for message in answer.get("Messages", []):
            event = json.loads(message["Body"])
            if customer in json.dumps(event["detail"]):
                return f"{event['detail-type']} {event['detail']['id']}"
    return None


if __name__ == "__main__":
    main()
