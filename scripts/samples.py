"""The sample events: which belongs to which function, in which order they make sense, and what an answer says.

A sample names objects by made-up ids. Once a function has made a real one (a customer, a key), later samples mean
that one: its id takes the place of the made-up id of the same kind. What a sample is signed with is made up too: the
signature takes its place, so that every sample is one that its function can act on.
"""

import hmac
import json
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from billing.gateway.sandbox import SIGNATURE_HEADER
from billing.preferences.tokens import Addressee, sign
from billing.tenancy import Tenant
from local.functions import TYPE, function_events
from local.template import Template

ROOT = Path(__file__).resolve().parent.parent

_ID = re.compile(r"\b([a-z]{2,10})_[0-9a-f]{32}\b")
_KEY = re.compile(r"\brk_(?:sandbox|live)_[A-Za-z0-9_-]+")
_CREATED = re.compile(r'"created":\s*\d+')
_IDEMPOTENCY_KEY = re.compile(r'("idempotency-key":\s*")[^"]+')
_KINDS = {"DynamoDB": "stream", "EventBridgeRule": "rule", "CloudWatchEvent": "rule"}
# Keys first, what makes something next, what is made of it, what reads and changes it, and what undoes it at the end.
_ORDER = ("mint", "POST", "stream", "rule", "GET", "PATCH", "PUT", "", "schedule", "ANY", "undo", "DELETE", "revoke")
_UNDOING = frozenset({"cancel", "detach", "void"})
_FIRST = {
    "charges.capture": ("charges.create",),
    "gateways.emit": ("charges.create", "charges.capture"),
    "invoices.delete": ("invoices.create",),  # a draft: the other one is finalized
    "invoices.void": ("invoices.create", "invoices.finalize"),
    "payment_intents.capture": ("payment_intents.create", "payment_intents.confirm"),
    "payment_intents.confirm": ("payment_intents.create",),
    "subscriptions.reactivate": ("subscriptions.cancel",),
}
"""What is called before a function; before one that undoes something, what makes it."""
_MADE_UP_TOKEN = "A" * 68


@dataclass(frozen=True)
class Callee:
    """A function of the template, as somebody who calls it sees it."""

    logical_id: str
    handler: str
    capability: str
    kind: str
    """HTTP method of its first route, `stream`, `rule`, `schedule`, or empty: called by name alone."""
    path: str = ""

    @property
    def module(self) -> str:
        """Its file in functions/: `customers.create`."""
        return self.handler.rpartition(".")[0]

    @property
    def sample(self) -> Path:
        """Where its sample is: the handler's module, as a path."""
        return ROOT / "events" / Path(*self.module.split(".")).with_suffix(".json")

    @property
    def is_route(self) -> bool:
        """Tell whether API Gateway calls it."""
        return self.kind.isupper()


def callees(template: Template) -> list[Callee]:
    """Return all functions, ordered so that what one makes is there for the next."""
    called_by: dict[str, tuple[str, str]] = {}
    for function, _, type_, properties in function_events(template):
        kind = properties.get("Method", "").upper() or _KINDS.get(type_, "schedule")
        called_by.setdefault(function, (kind, properties.get("Path", "")))
    found = [
        Callee(name, properties["Handler"], _capability(properties), *called_by.get(name, ("",)))
        for name, properties in template.resources(TYPE)
    ]
    ordered = sorted(found, key=_order)
    # deleted is first what was made last
    deletions = [function for function in ordered if function.kind == "DELETE"][::-1]
    return [deletions.pop(0) if function.kind == "DELETE" else function for function in ordered]


def called_first(function: Callee, functions: Iterable[Callee]) -> list[Callee]:
    """Return which of `functions` to call first, so that this one finds what it acts on as it can act on it."""
    package, _, verb = function.module.rpartition(".")
    wanted = _FIRST.get(function.module, (f"{package}.create",) if verb in _UNDOING else ())
    found = {each.module: each for each in functions}
    return [found[module] for module in wanted]


def one_per_capability(functions: list[Callee]) -> list[Callee]:
    """Return the first function of each capability: those that share a role."""
    first: dict[str, Callee] = {}
    for function in functions:
        first.setdefault(function.capability, function)
    return list(first.values())


def _capability(properties: Mapping[str, Any]) -> str:
    role = properties.get("Role", {})
    name: str = role["Fn::GetAtt"][0] if "Fn::GetAtt" in role else properties["Handler"]
    return name


def _order(function: Callee) -> tuple[int, int]:
    verb = function.module.rpartition(".")[2]
    stage = "undo" if verb in _UNDOING else verb if verb in _ORDER else function.kind
    # what is made below an object needs the object
    return _ORDER.index(stage), function.path.count("{")


@dataclass
class Samples:
    """Samples in one run: they refer to what was made in it."""

    link_secret: str
    """What links in mails and the sandbox's events are signed with."""
    made: dict[str, str] = field(default_factory=dict)
    """The last id made of each kind (`cus`), and the last key of each mode (`rk_sandbox`)."""

    def event(self, function: Callee) -> str:
        """Return the function's sample.

        Raises:
            FileNotFoundError: it has none.
        """
        text = _IDEMPOTENCY_KEY.sub(rf"\g<1>{uuid.uuid4()}", function.sample.read_text())
        if function.kind == "rule":  # an event of long ago would be recorded as expired
            text = _CREATED.sub(f'"created": {int(time.time())}', text)
        text = _KEY.sub(lambda key: self.made.get("_".join(key[0].split("_")[:2]), key[0]), text)
        text = _ID.sub(lambda found: self.made.get(found[1], found[0]), text)
        if _MADE_UP_TOKEN in text:
            customer = Addressee(Tenant(self.made["mer"], livemode=False), self.made["cus"])
            text = text.replace(_MADE_UP_TOKEN, sign(customer, self.link_secret))
        return self._signed(text) if SIGNATURE_HEADER in text else text

    def _signed(self, text: str) -> str:
        event = json.loads(text)
        signed_at = str(int(time.time()))
        said = f"sandbox\x1f{signed_at}.{event['body']}"
        mac = hmac.digest(self.link_secret.encode(), said.encode(), "sha256").hex()
        event["headers"][SIGNATURE_HEADER] = f"t={signed_at},v1={mac}"
        return json.dumps(event)

    def learn(self, function: Callee, answer: Any) -> None:
        """Keep the ids of what a function made."""
        if not isinstance(answer, dict):
            return
        made: Mapping[str, Any] = {}
        if function.kind == "POST" and (function.module.endswith(".create") or answer.get("statusCode") == 201):
            made = _resource(json.loads(answer["body"]))
        elif "key_id" in answer:
            made = answer
        for name in ("id", "payment_id", "payment_intent_id", "key", "key_id", "merchant_id"):
            text = made.get(name)
            if isinstance(text, str) and (found := _ID.fullmatch(text)):
                self.made[found[1]] = text
            elif isinstance(text, str) and _KEY.fullmatch(text):
                self.made["_".join(text.split("_")[:2])] = text


def verdict(function: Callee, answer: Any, error: str | None) -> tuple[bool, str]:
    """Tell whether an answer is one that a working function gives to its sample, and what it was."""
    if error:
        kind = answer.get("errorType") if isinstance(answer, dict) else None
        message = answer.get("errorMessage") if isinstance(answer, dict) else answer
        return False, f"{kind or error}: {message}"
    if isinstance(answer, dict) and answer.get("batchItemFailures"):
        return False, f"failed items: {answer['batchItemFailures']}"
    if not function.is_route:
        knows_nobody = isinstance(answer, dict) and "failure" in answer.get("context", {})  # the authorizer's refusal
        return not knows_nobody, _short(answer)
    if not isinstance(answer, dict) or not isinstance(answer.get("statusCode"), int):
        return False, f"no HTTP answer: {_short(answer)}"
    status = answer["statusCode"]
    answers_what_no_route_serves = function.path == "$default"
    return status == 404 if answers_what_no_route_serves else status < 400, f"{status} {_subject(answer)}"


def _subject(answer: Mapping[str, Any]) -> str:
    """Return what identifies an HTTP answer: the object's id, the error's message, or its kind of content."""
    try:
        body = json.loads(answer.get("body") or "null")
    except ValueError:
        return str(answer.get("headers", {}).get("content-type", ""))
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    if isinstance(error, dict):
        return str(error.get("message", ""))
    return str(_resource(body).get("id") or body.get("object") or body.get("openapi") or "")


def _resource(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the object in an answer's envelope."""
    found = body.get("data")
    return found if isinstance(found, Mapping) and "id" not in body else body


def _short(answer: Any) -> str:
    text = json.dumps(answer)
    return _KEY.sub("rk_…", text if len(text) <= 60 else f"{text[:57]}…")
