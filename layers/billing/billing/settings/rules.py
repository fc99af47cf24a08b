"""What may happen to the definitions of custom fields. Pure."""

from dataclasses import replace

from billing.customers.custom_fields import Definition, Definitions
from billing.errors import Conflict, MalformedRequest, NotFound
from billing.settings.models import CustomFieldChanges, NewCustomField
from billing.wire import refuse

MOST_FIELDS = 100
MOST_CHARACTERS = 50_000
"""Of labels and options together: all definitions are read with every change of custom fields."""


def defined(definitions: Definitions, body: NewCustomField, *, id: str, moment: str) -> Definitions:  # noqa: A002 - the contract's word
    """Return the definitions with a new one.

    Raises:
        Conflict: the key is taken.
        MalformedRequest: there are as many as there can be.
    """
    if any(each.key == body.key for each in definitions.fields):
        raise Conflict(f"There is a custom field with the key {body.key}", param="key")
    field = Definition(
        id=id,
        key=body.key,
        label=body.label,
        type=body.type,
        options=tuple(body.options or ()),
        required=body.required,
        created_at=moment,
        updated_at=moment,
    )
    return _next(definitions, (*definitions.fields, field))


def changed(definitions: Definitions, field: Definition, changes: CustomFieldChanges, moment: str) -> Definitions:
    """Return the definitions with one of them changed, or the same object when nothing changes.

    Raises:
        InvalidFields: key or type were to change, or something other than a dropdown was to get options.
        MalformedRequest: they grow too large.
    """
    given = changes.given()
    for name in ("key", "type"):
        if given.pop(name, getattr(field, name)) != getattr(field, name):
            raise refuse(name, "can't be changed; define another field")
    if "options" in given:
        if field.type != "dropdown":
            raise refuse("options", "are for dropdowns only")
        given["options"] = tuple(given["options"])
    after = replace(field, **given)
    if after == field:
        return definitions
    after = replace(after, updated_at=max(moment, field.updated_at))
    return _next(definitions, tuple(after if each.id == field.id else each for each in definitions.fields))


def without(definitions: Definitions, field: Definition) -> Definitions:
    """Return the definitions without one of them; values under its key stay where they are."""
    return _next(definitions, tuple(each for each in definitions.fields if each.id != field.id))


def find(definitions: Definitions, field_id: str) -> Definition:
    """Return the definition with this id.

    Raises:
        NotFound: there is none.
    """
    for each in definitions.fields:
        if each.id == field_id:
            return each
    raise NotFound("custom field", field_id)


def _next(definitions: Definitions, fields: tuple[Definition, ...]) -> Definitions:
    if len(fields) > MOST_FIELDS:
        raise MalformedRequest(f"There can be at most {MOST_FIELDS} custom fields")
    if sum(len(text) for each in fields for text in (each.label, *each.options)) > MOST_CHARACTERS:
        raise MalformedRequest(f"Labels and options of all custom fields can have {MOST_CHARACTERS} characters in all")
    return Definitions(fields, definitions.version + 1)
