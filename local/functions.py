"""The functions of a template, as Lambda would see them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from local.template import ACCOUNT, REGION, Template, TemplateInvalid

TYPE = "AWS::Serverless::Function"
EVENTS = {"HttpApi", "DynamoDB", "SQS", "EventBridgeRule", "CloudWatchEvent", "ScheduleV2", "Schedule"}


@dataclass(frozen=True)
class Function:
    """One function: what to call, with which environment, and for how long."""

    logical_id: str
    name: str
    handler: str
    paths: tuple[str, ...]
    environment: Mapping[str, str]
    timeout_seconds: float
    memory_mb: int
    maximum_retry_attempts: int = 2
    maximum_event_age_seconds: int = 21_600
    on_failure: str | None = None
    dead_letter_queue: str | None = None

    @property
    def arn(self) -> str:
        """The ARN its context object and failure records carry."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"

    @cached_property
    def signature(self) -> int:
        """Functions with one signature may share a worker: same code path, same environment."""
        return hash((self.paths, tuple(sorted(self.environment.items()))))


def functions(template: Template, root: Path) -> dict[str, Function]:
    """Return the template's functions by logical id; code paths are resolved against `root`."""
    return {name: _function(template, root, name, properties) for name, properties in _merged(template)}


def function_events(template: Template) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield (function's logical id, event's name, event's type, its raw properties) for every function event."""
    for function, properties in template.resources(TYPE):
        for event, definition in (properties.get("Events") or {}).items():
            yield function, event, definition["Type"], definition.get("Properties") or {}


def unsupported_events(template: Template) -> list[tuple[str, str]]:
    """Return (function's logical id, event's type) for the events nothing here delivers."""
    return [(function, kind) for function, _, kind, _ in function_events(template) if kind not in EVENTS]


def with_globals(template: Template, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return a function's properties with those that all functions have: SAM joins layers and variables."""
    shared = template.document.get("Globals", {}).get("Function", {})
    merged = {**shared, **properties}
    merged["Layers"] = [*shared.get("Layers", []), *properties.get("Layers", [])]
    merged["Environment"] = {
        "Variables": {
            **shared.get("Environment", {}).get("Variables", {}),
            **properties.get("Environment", {}).get("Variables", {}),
        }
    }
    return merged


def _merged(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in template.resources(TYPE):
        yield name, with_globals(template, properties)


def _function(template: Template, root: Path, name: str, properties: dict[str, Any]) -> Function:
    handler = properties.get("Handler")
    if not isinstance(handler, str) or "." not in handler:
        raise TemplateInvalid(f"{name}: Handler must be module.function")
    invoke = template.resolve(properties.get("EventInvokeConfig") or {})
    on_failure = invoke.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    dead_letter = template.resolve(properties.get("DeadLetterQueue") or {})
    code = template.resolve(properties.get("CodeUri", "."))
    return Function(
        logical_id=name,
        name=template.physical_name(name),
        handler=handler,
        paths=(str(root / code), *_layer_paths(template, root, properties["Layers"])),
        environment={
            key: _text(value) for key, value in template.resolve(properties["Environment"]["Variables"]).items()
        },
        timeout_seconds=float(template.resolve(properties.get("Timeout", 3))),
        memory_mb=int(template.resolve(properties.get("MemorySize", 128))),
        maximum_retry_attempts=int(invoke.get("MaximumRetryAttempts", 2)),
        maximum_event_age_seconds=int(invoke.get("MaximumEventAgeInSeconds", 21_600)),
        on_failure=on_failure,
        dead_letter_queue=dead_letter.get("TargetArn"),
    )


def _layer_paths(template: Template, root: Path, layers: list[Any]) -> Iterator[str]:
    for layer in layers:
        logical_id = layer.get("Ref") if isinstance(layer, dict) else None
        resource = template.document["Resources"].get(logical_id or "", {})
        content = template.resolve((resource.get("Properties") or {}).get("ContentUri"))
        if content:
            yield str(root / content)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
