"""Put the template's rules on the local EventBridge, which matches events itself.

A rule that targets a function targets that function's queue of asynchronous invocations instead; other targets
stay what they are. Rules that a user adds are left alone.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mypy_boto3_events import EventBridgeClient

from local.functions import function_events
from local.template import STACK, Template
from local.terminal import say

OWN_RULES = f"{STACK}-"


@dataclass(frozen=True)
class Rule:
    """A pattern on a bus and where its events go."""

    name: str
    bus: str
    pattern: dict[str, Any]
    targets: list[dict[str, Any]]
    enabled: bool = True


def rules(template: Template) -> Iterator[Rule]:
    """Yield the template's rules that have a pattern; those with a schedule are in `local.schedules`."""
    for function, event, kind, raw in function_events(template):
        if kind in {"EventBridgeRule", "CloudWatchEvent"}:
            properties = template.resolve(raw)
            target = {
                "Id": properties.get("Target", {}).get("Id", f"{function}{event}"),
                "Arn": template.arn(function),
            }
            target |= {
                name: properties[name] for name in ("Input", "InputPath", "InputTransformer") if name in properties
            }
            yield _rule(f"{OWN_RULES}{function}-{event}", properties, [target])
    for logical_id, raw in template.resources("AWS::Events::Rule"):
        properties = template.resolve(raw)
        if "EventPattern" in properties:
            name = f"{OWN_RULES}{logical_id}"
            yield _rule(name, properties, properties.get("Targets", []))


def _rule(name: str, properties: dict[str, Any], targets: list[dict[str, Any]]) -> Rule:
    bus = str(properties.get("EventBusName", "default")).rsplit("/", 1)[-1]
    pattern = properties.get("Pattern") or properties.get("EventPattern") or {}
    return Rule(name, bus, pattern, targets, properties.get("State", "ENABLED") == "ENABLED")


def put_rules(client: EventBridgeClient, wanted: list[Rule], queue_arn: Callable[[str], str | None]) -> None:
    """Make the local EventBridge's rules the template's, also when one has gone from the template.

    Args:
        client: the local EventBridge.
        wanted: the rules of the template.
        queue_arn: returns the queue that stands for a function's ARN, None for other ARNs.
    """
    for rule in wanted:
        targets = [{**target, "Arn": queue_arn(target["Arn"]) or target["Arn"]} for target in rule.targets]
        for target in targets:
            target.pop("RoleArn", None)
            if not target["Arn"].startswith("arn:aws:sqs:"):
                say(f"{rule.name}: target {target['Arn']} does not run locally")
        client.put_rule(
            Name=rule.name,
            EventBusName=rule.bus,
            EventPattern=json.dumps(rule.pattern),
            State="ENABLED" if rule.enabled else "DISABLED",
        )
        client.put_targets(Rule=rule.name, EventBusName=rule.bus, Targets=targets)  # type: ignore[arg-type]
    names = {(rule.bus, rule.name) for rule in wanted}
    for bus in {rule.bus for rule in wanted}:
        for existing in client.list_rules(EventBusName=bus, NamePrefix=OWN_RULES)["Rules"]:
            if (bus, existing["Name"]) not in names:
                remove_rule(client, bus, existing["Name"])


def remove_rule(client: EventBridgeClient, bus: str, name: str) -> None:
    """Delete a rule and its targets."""
    targets = client.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    if targets:
        client.remove_targets(Rule=name, EventBusName=bus, Ids=[target["Id"] for target in targets])
    client.delete_rule(Name=name, EventBusName=bus)
