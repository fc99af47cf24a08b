"""The schemas of what goes in and out, from pydantic's own and what `billing.wire` does beyond it."""

import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from billing.edge import Listing
from billing.wire import Query, Request, Resource, camel

MODEL = "x-model"


class _Generator(GenerateJsonSchema):
    """Pydantic's own generator, noting which model each definition is of."""

    models: typing.ClassVar[dict[str, type]] = {}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        model = schema["cls"]
        key = f"{model.__module__}.{model.__qualname__}"
        self.models[key] = model
        return {**super().model_schema(schema), MODEL: key}


class Schemas:
    """The schemas of all models that go in or out."""

    def __init__(self, models: Sequence[tuple[type[Request] | type[Resource], JsonSchemaMode]]) -> None:
        generated, whole = models_json_schema(
            models, ref_template="#/components/schemas/{model}", schema_generator=_Generator
        )
        self._definitions: dict[str, Any] = whole["$defs"]
        self.references: dict[type, str] = {model: generated[model, mode]["$ref"] for model, mode in models}
        self._whole = {
            name: self._finished(definition) for name, definition in self._definitions.items() if MODEL in definition
        }
        queries = {self._name(model) for model, _ in models if issubclass(model, Query)}
        self.components = {name: schema for name, schema in self._whole.items() if name not in queries}

    def of(self, model: type) -> dict[str, Any]:
        """Return the schema of a model that was asked for."""
        schema: dict[str, Any] = self._whole[self._name(model)]
        return schema

    def answer(self, result: Any) -> dict[str, Any]:
        """Return a reference to the schema of the body that a result is answered with."""
        if typing.get_origin(result) is Listing:
            (resource,) = typing.get_args(result)
            name = f"{self._name(resource)}List"
            self.components[name] = _listing(self.references[resource], **_beside(resource))
        elif result.envelope is None:
            return {"$ref": self.references[result]}
        else:
            name = f"{self._name(result)}Envelope"
            properties = {
                result.envelope: {"$ref": self.references[result]},
                **{key: {"const": value} for key, value in result.beside.items()},
                **_beside(result),
            }
            self.components[name] = closed(properties, required=properties)
        return {"$ref": f"#/components/schemas/{name}"}

    def _name(self, model: type) -> str:
        return self.references[model].rpartition("/")[2]

    def _finished(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        model = _Generator.models[definition[MODEL]]
        schema = self._plain({key: value for key, value in definition.items() if key not in {MODEL, "title"}})
        if issubclass(model, Request):
            return _taken(model, schema)
        assert issubclass(model, Resource)  # noqa: S101 - no other model goes in or out
        return _answered(model, schema)

    def _plain(self, node: Any) -> Any:
        """Put type aliases in place of references to them, and drop titles and defaults that say nothing."""
        if isinstance(node, list):
            return [self._plain(each) for each in node]
        if not isinstance(node, dict):
            return node
        name = node.get("$ref", "").rpartition("/")[2]
        if name and MODEL not in self._definitions[name]:
            beside = {key: value for key, value in node.items() if key != "$ref"}
            return self._plain({**self._definitions[name], **beside})
        plain: dict[str, Any] = {}
        for key, value in node.items():
            if key == "properties":
                plain[key] = {name: self._plain(each) for name, each in value.items()}
            elif not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None):
                plain[key] = self._plain(value)
        return _short(plain)


def _short(schema: dict[str, Any]) -> dict[str, Any]:
    """Write "this type or null" in one line where it can be."""
    choices = schema.get("anyOf", [])
    if len(choices) != 2 or choices[1] != {"type": "null"}:
        return schema
    first: dict[str, Any] = choices[0]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if _allows_null(first):
        return {**first, **rest}
    if isinstance(first.get("type"), str) and not {"enum", "const"} & set(first):
        return {**first, "type": [first["type"], "null"], **rest}
    return schema


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the same values but null."""
    match schema:
        case {"type": [kind, "null"]}:
            return {**schema, "type": kind}
        case {"anyOf": [only, {"type": "null"}]}:
            return {**only, **{key: value for key, value in schema.items() if key != "anyOf"}}
    return dict(schema)


def _allows_null(schema: dict[str, Any]) -> bool:
    return without_null(schema) != schema


def _taken(model: type[Request], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a request: each field in either spelling, a required one in one of them."""
    if not model.both_spellings:
        return schema
    required = schema.pop("required", [])
    schema["properties"] = _spelled(schema["properties"])
    alone = [name for name in required if camel(name) == name]
    either = [
        {"anyOf": [{"required": [name]}, {"required": [camel(name)]}]} for name in required if camel(name) != name
    ]
    if alone:
        schema["required"] = alone
    if either:
        schema["allOf"] = either
    return schema


def _answered(model: type[Resource], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a resource as `Resource.to_wire` writes it."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        of_field = schema["properties"][name]
        if not _allows_null(of_field) or name in model.nulls:
            required.append(name)
        else:
            of_field = without_null(of_field)
        of_field.pop("default", None)
        properties[name] = _instant(of_field) if name.endswith("_at") else of_field
    spelled = frozenset(properties) if model.both_spellings else model.twins
    properties = {
        twin: of_twin
        for name, of_field in properties.items()
        for twin, of_twin in (_spelled({name: of_field}) if name in spelled else {name: of_field}).items()
    }
    required = [each for name in required for each in dict.fromkeys((name, camel(name) if name in spelled else name))]
    about = {key: schema[key] for key in ("description",) if key in schema}
    return about | closed(properties, required=required)


def _instant(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field that is written by `billing.times.iso`, as those named `_at` are."""
    textual = schema.get("type") in ("string", ["string", "null"])
    return {**schema, "format": "date-time"} if textual else schema


def _spelled(properties: Mapping[str, Any]) -> dict[str, Any]:
    spelled: dict[str, Any] = {}
    for name, schema in properties.items():
        spelled[name] = schema
        if camel(name) != name:
            spelled[camel(name)] = {**schema, "description": f"The same as `{name}`."}
    return spelled


def closed(properties: Mapping[str, Any], required: Iterable[str]) -> dict[str, Any]:
    """Return the schema of an object with these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _beside(resource: type[Resource]) -> dict[str, Any]:
    """Return the schema of what is not the resource's in its envelope."""
    return {"requestId": {"type": "string"}} if resource.beside_request_id else {}


def _listing(of_each: str, **beside: Any) -> dict[str, Any]:
    """Return the schema of what `Listing.to_wire` writes, and of what stands beside it."""
    count = {"type": "integer", "minimum": 0}
    pagination = {
        "limit": {"type": "integer", "minimum": 1},
        "hasMore": {"type": "boolean"},
        "offset": count,
        "page": {"type": "integer", "minimum": 1},
        "total": count,
        "totalPages": count,
        "kind": {"type": "string", "description": "In lists of businesses alone."},
    }
    properties = {
        "object": {"const": "list"},
        "data": {"type": "array", "items": {"$ref": of_each}},
        "has_more": {"type": "boolean"},
        "url": {"type": "string"},
        "total_count": {**count, "description": "Left out where it is not known: by cursor and in searches."},
        "pagination": closed(pagination, required=["limit", "hasMore"]),
        **beside,
    }
    return closed(properties, required=["object", "data", "has_more", "url", "pagination", *beside])
