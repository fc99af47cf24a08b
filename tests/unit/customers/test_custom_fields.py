"""Custom fields: what a value must be, and that nobody is held to what was defined later."""

from typing import Any

import pytest

from billing.customers.custom_fields import Definition, Definitions, FieldType
from billing.errors import InvalidFields
from billing.table.items import from_attributes, to_attributes


def definition(
    key: str, type_: FieldType = "text", options: tuple[str, ...] = (), *, required: bool = False
) -> Definition:
    return Definition(f"cf_{key}", key, key.title(), type_, "then", "then", options, required)


DEFINED = Definitions(
    (
        definition("note"),
        definition("seats", "number", required=True),
        definition("born", "date"),
        definition("tier", "dropdown", ("basic", "gold")),
        definition("agrees", "checkbox"),
    ),
    version=3,
)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("note", "text"),
        ("note", ""),
        ("seats", 3),
        ("seats", -2.5),
        ("born", "2024-02-29"),
        ("tier", "gold"),
        ("agrees", False),
        ("anything", {"nested": [1]}),
        ("note", None),
        ("tier", None),
    ],
)
def test_a_value_of_its_type_is_right(key: str, value: Any) -> None:
    DEFINED.check({key: value})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("note", 1),
        ("seats", True),
        ("seats", "3"),
        ("born", "2025-02-29"),
        ("born", "29.02.2024"),
        ("born", "20240229"),
        ("born", "2024-02-29T00:00:00Z"),
        ("born", 20240229),
        ("tier", "silver"),
        ("tier", 1),
        ("tier", ["gold"]),
        ("agrees", "true"),
        ("agrees", 1),
    ],
)
def test_any_other_value_is_refused_by_its_key(key: str, value: Any) -> None:
    with pytest.raises(InvalidFields) as refused:
        DEFINED.check({"anything": 1, key: value})

    assert refused.value.param == f"custom_fields.{key}"


def test_all_wrong_values_are_told_at_once() -> None:
    with pytest.raises(InvalidFields) as refused:
        DEFINED.check({"seats": "x", "tier": "x", "note": "x"})

    assert set(refused.value.fields) == {"custom_fields.seats", "custom_fields.tier"}


@pytest.mark.parametrize("given", [{}, {"seats": None}, {"note": "x"}])
def test_a_required_field_must_be_there_and_not_null(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidFields) as refused:
        DEFINED.check_required(given)

    assert refused.value.param == "custom_fields.seats"


def test_without_any_field_the_contract_spells_the_missing_one() -> None:
    with pytest.raises(InvalidFields) as refused:
        DEFINED.check_required(None)

    assert refused.value.param == "customFields.seats"


def test_definitions_come_back_as_they_were() -> None:
    assert Definitions.from_item(from_attributes(to_attributes(DEFINED.to_item()))) == DEFINED
    assert Definitions.from_item(None) == Definitions()


def test_definitions_say_what_they_ask_of_a_new_customer() -> None:
    optional = Definitions((definition("note"),), version=1)

    assert (DEFINED.demand, optional.demand, Definitions().demand) == ("presence", "values", "none")


@pytest.mark.parametrize("blank", ["", "  ", "\n", None])
def test_blank_text_is_not_what_a_new_customer_must_have(blank: str | None) -> None:
    required = Definitions((definition("note", required=True),))

    with pytest.raises(InvalidFields) as refused:
        required.check_required({"note": blank})
    assert refused.value.param == "custom_fields.note"
    required.check_required({"note": "text"})
