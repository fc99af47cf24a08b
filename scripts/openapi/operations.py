"""One operation of the document: what it takes."""

import json
import re
from collections.abc import Iterator
from typing import Any

from billing import errors
from billing.ids import PathId
from billing.wire import API_VERSION
from scripts.openapi.responses import DATE, responses
from scripts.openapi.routes import ROOT, Route, Undocumented, raised
from scripts.openapi.schemas import Schemas, without_null

PARAMETERS: dict[str, Any] = {
    "Version": {
        "name": "RevKeen-Version",
        "in": "header",
        "description": "The version of the API that you were written for.",
        "schema": {**DATE, "default": API_VERSION},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Yours alone for this request; a retry with it is safe for 24 hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` of the version that you mean to change.",
        "schema": {"type": "string"},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of the version that you hold.",
        "schema": {"type": "string"},
    },
}


def operation(route: Route, schemas: Schemas) -> dict[str, Any]:
    """Return the operation that a route serves."""
    taken = route.operation
    title, _, rest = route.doc.partition("\n\nRaises:")[0].partition("\n")
    scope = f"Needs the scope `{taken.scope}`." if taken.scope else "Public: needs no key."
    written: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": title.rstrip("."),
        "description": "\n\n".join(part for part in (rest.strip(), scope) if part),
        "tags": [route.tag],
        "security": [{"ApiKey": [taken.scope]}] if taken.scope else [],
        "parameters": [*_path_parameters(route), *_query_parameters(route, schemas), *_header_parameters(route)],
    }
    if taken.body:
        content: dict[str, Any] = {"schema": {"$ref": schemas.references[taken.body]}}
        example = _example(route)
        if example is not None:
            content["example"] = example
        required = "required" in schemas.of(taken.body)
        written["requestBody"] = {"required": required, "content": {"application/json": content}}
    if taken.takes_delivery:
        signed = {"type": "object", "description": "As the sender has signed it, byte for byte."}
        written["requestBody"] = {"required": True, "content": {"application/json": {"schema": signed}}}
    written["responses"] = dict(responses(route, schemas))
    return written


def _path_parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)\}", route.path):
        if name not in route.operation.path:
            raise Undocumented(f"{route.handler}: takes no {name}, which {route.path} has")
        marker = route.operation.path[name]
        schema: dict[str, Any] = {"type": "string"} if marker is None else _id_schema(marker)
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _id_schema(marker: PathId) -> dict[str, Any]:
    return {
        "description": f"Id of the {marker.resource}: with its prefix, or as the dashed UUID of the same digits.",
        "anyOf": [
            {"type": "string", "pattern": f"^{marker.prefix}_[0-9a-fA-F]{{32}}$"},
            {"type": "string", "format": "uuid"},
        ],
        "examples": [f"{marker.prefix}_00000000000040008000000000000001"],
    }


def _query_parameters(route: Route, schemas: Schemas) -> Iterator[dict[str, Any]]:
    if route.operation.query is None:
        return
    whole = schemas.of(route.operation.query)
    for name, schema in whole["properties"].items():
        plain = without_null(schema)
        description = plain.pop("description", None)
        yield {
            "name": name,
            "in": "query",
            **({"description": description} if description else {}),
            **({"required": True} if name in whole.get("required", ()) else {}),
            "schema": plain,
        }


def _header_parameters(route: Route) -> Iterator[dict[str, Any]]:
    yield {"$ref": "#/components/parameters/Version"}
    if route.idempotent:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}
    if any(error is errors.PreconditionFailed for error, _ in raised(route)):
        yield {"$ref": "#/components/parameters/IfMatch"}
    if route.has_etag and route.method == "GET":
        yield {"$ref": "#/components/parameters/IfNoneMatch"}


def _example(route: Route) -> Any:
    """Return the body of the endpoint's sample event."""
    *folders, _ = route.handler.split(".")
    sample = ROOT.joinpath("events", *folders).with_suffix(".json")
    text = json.loads(sample.read_text()).get("body") if sample.exists() else None
    return json.loads(text) if text else None
