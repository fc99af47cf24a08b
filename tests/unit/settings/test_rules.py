"""The rules of custom fields' definitions."""

from typing import Any

import pytest
from pydantic import ValidationError

from billing.customers.custom_fields import Definitions
from billing.errors import Conflict, InvalidFields, MalformedRequest, NotFound
from billing.settings import rules
from billing.settings.models import CustomFieldChanges, NewCustomField

TIER = {"key": "tier", "label": "Tier", "type": "dropdown", "options": ["basic", "gold"]}


def defined(*bodies: dict[str, Any]) -> Definitions:
    made = Definitions()
    for number, body in enumerate(bodies):
        made = rules.defined(made, NewCustomField.model_validate(body), id=f"cf_{number}", moment="now")
    return made


def changed(definitions: Definitions, **changes: Any) -> Definitions:
    field = definitions.fields[0]
    return rules.changed(definitions, field, CustomFieldChanges.model_validate(changes), "now")


def test_a_key_is_defined_once():
    with pytest.raises(Conflict):
        defined(TIER, {"key": "tier", "label": "Another", "type": "text"})


def test_there_is_a_bound_to_their_number_and_size():
    fields = [{"key": f"k{n}", "label": "x", "type": "text"} for n in range(rules.MOST_FIELDS)]
    full = defined(*fields)

    with pytest.raises(MalformedRequest):
        rules.defined(full, NewCustomField.model_validate(TIER), id="cf_more", moment="now")
    with pytest.raises(MalformedRequest):
        defined(*({**TIER, "key": f"k{n}", "options": [f"{o}{'x' * 90}" for o in range(50)]} for n in range(12)))


def test_label_options_and_requirement_change_and_key_and_type_do_not():
    before = defined(TIER)

    after = changed(before, label="Level", options=["gold"], required=True, key="tier", type="dropdown")

    field = after.fields[0]
    assert (field.label, field.options, field.required, after.version) == ("Level", ("gold",), True, 2)
    assert changed(before, label="Tier", options=["basic", "gold"]) is before
    for change, param in [({"key": "level"}, "key"), ({"type": "text"}, "type")]:
        with pytest.raises(InvalidFields) as refused:
            changed(before, **change)
        assert refused.value.param == param


def test_only_a_dropdown_has_options():
    before = defined({"key": "note", "label": "Note", "type": "text"})

    with pytest.raises(InvalidFields) as refused:
        changed(before, options=["a"])
    assert refused.value.param == "options"


def test_a_field_is_found_by_its_id_and_gone_when_removed():
    before = defined(TIER, {"key": "note", "label": "Note", "type": "text"})

    after = rules.without(before, rules.find(before, "cf_0"))

    assert [each.key for each in after.fields] == ["note"]
    with pytest.raises(NotFound):
        rules.find(after, "cf_0")


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"key": "Tier"}, "key"),
        ({"key": "1st"}, "key"),
        ({"key": "a" * 41}, "key"),
        ({"label": " "}, "label"),
        ({"label": "4242 4242 4242 4242"}, "label"),
        ({"type": "email"}, "type"),
        ({"options": []}, "options"),
        ({"options": ["a", "a "]}, "options"),
        ({"options": None}, "options"),
        ({"type": "text"}, "options"),
        ({"required": "yes"}, "required"),
        ({"entity": "invoice"}, "entity"),
    ],
)
def test_a_wrong_definition_is_refused(change: dict[str, Any], param: str):
    with pytest.raises(ValidationError) as refused:
        NewCustomField.model_validate({**TIER, **change})

    [error] = refused.value.errors()
    assert param in (error.get("ctx", {}).get("param"), *error["loc"])
