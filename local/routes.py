"""The routes of the template's HTTP API, matched with API Gateway's priorities."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from local.functions import function_events
from local.template import Template

API = "AWS::Serverless::HttpApi"
INTEGRATION_SECONDS = 30.0


@dataclass(frozen=True)
class Authorizer:
    """A Lambda authorizer: which function, fed from where, believed for how long."""

    name: str
    function: str
    headers: tuple[str, ...]
    query_strings: tuple[str, ...]
    context: tuple[str, ...]
    cached_seconds: int


@dataclass(frozen=True)
class Cors:
    """What API Gateway answers to browsers by itself."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age_seconds: int | None
    credentials: bool


@dataclass(frozen=True)
class Route:
    """A method and a path pattern, or `$default`, and the function behind it."""

    method: str
    path: str
    function: str
    authorizer: Authorizer | None
    timeout_seconds: float = INTEGRATION_SECONDS

    @property
    def key(self) -> str:
        """The routeKey of events."""
        return "$default" if self.path == "$default" else f"{self.method} {self.path}"

    def specificity(self) -> tuple[object, ...]:
        """Return a sort key: what API Gateway prefers comes first."""
        if self.path == "$default":
            return (1,)
        kinds = tuple(2 if segment.endswith("+}") else int(segment.startswith("{")) for segment in self.path.split("/"))
        return (0, kinds, self.method == "ANY")

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Return the decoded path parameters if the still encoded `path` fits, else None."""
        if self.path == "$default":
            return {}
        if self.method not in {"ANY", method}:
            return None
        return _match_segments(self.path.split("/"), path.split("/"))


@dataclass(frozen=True)
class Api:
    """The HTTP API: its routes, most specific first."""

    routes: tuple[Route, ...]
    cors: Cors | None

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route for a request with its path parameters, None if there is none."""
        for route in self.routes:
            parameters = route.match(method, path)
            if parameters is not None:
                return route, parameters
        return None


def _match_segments(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for place, wanted in enumerate(pattern):
        if wanted.endswith("+}"):
            rest = "/".join(segments[place:])
            return {**parameters, wanted[1:-2]: unquote(rest)} if rest else None
        if place >= len(segments):
            return None
        if wanted.startswith("{"):
            if not segments[place]:
                return None
            parameters[wanted[1:-1]] = unquote(segments[place])
        elif wanted != unquote(segments[place]):
            return None
    return parameters if len(pattern) == len(segments) else None


def api(template: Template) -> Api:
    """Return the HTTP API of the template."""
    properties: dict[str, Any] = next((template.resolve(raw) for _, raw in template.resources(API)), {})
    shared = template.resolve(template.document.get("Globals", {}).get("HttpApi", {}))
    properties = {**shared, **properties}
    auth = properties.get("Auth") or {}
    authorizers = {
        name: _authorizer(template, name, definition) for name, definition in (auth.get("Authorizers") or {}).items()
    }
    found = list(_routes(template, authorizers, auth.get("DefaultAuthorizer")))
    return Api(tuple(sorted(found, key=Route.specificity)), _cors(properties.get("CorsConfiguration")))


def _routes(template: Template, authorizers: Mapping[str, Authorizer], default: str | None) -> Iterator[Route]:
    for function, _, kind, raw in function_events(template):
        if kind != "HttpApi":
            continue
        properties = template.resolve(raw)
        wanted = (properties.get("Auth") or {}).get("Authorizer", default)
        yield Route(
            method=_method(properties.get("Method", "ANY")),
            path=properties.get("Path", "$default"),
            function=function,
            authorizer=authorizers.get(wanted) if wanted not in {None, "NONE"} else None,
            timeout_seconds=min(INTEGRATION_SECONDS, properties.get("TimeoutInMillis", 30_000) / 1000),
        )


def _method(written: str) -> str:
    return "ANY" if written.upper() in {"ANY", "X-AMAZON-APIGATEWAY-ANY-METHOD"} else written.upper()


def _authorizer(template: Template, name: str, definition: dict[str, Any]) -> Authorizer:
    identity = definition.get("Identity") or {}
    arn = definition["FunctionArn"]
    function = next(
        logical_id
        for logical_id, _ in template.resources("AWS::Serverless::Function")
        if template.arn(logical_id) == arn
    )
    return Authorizer(
        name=name,
        function=function,
        headers=tuple(header.lower() for header in identity.get("Headers", [])),
        query_strings=tuple(identity.get("QueryStrings", [])),
        context=tuple(identity.get("Context", [])),
        cached_seconds=int(identity.get("ReauthorizeEvery", 0)),
    )


def _cors(configured: Any) -> Cors | None:
    if not configured:
        return None
    if configured is True:
        configured = {"AllowOrigins": ["*"]}
    return Cors(
        origins=tuple(configured.get("AllowOrigins", [])),
        methods=tuple(configured.get("AllowMethods", [])),
        headers=tuple(configured.get("AllowHeaders", [])),
        exposed=tuple(configured.get("ExposeHeaders", [])),
        max_age_seconds=configured.get("MaxAge"),
        credentials=bool(configured.get("AllowCredentials", False)),
    )
