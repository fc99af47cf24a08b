"""Ids: prefixed hex and dashed UUIDs are one id."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from billing.ids import new_id, parse_id


@given(st.uuids())
def test_both_forms_of_an_id_name_the_same_object(number: uuid.UUID) -> None:
    canonical = f"cus_{number.hex}"

    assert parse_id("cus", canonical) == canonical
    assert parse_id("cus", str(number)) == canonical
    assert parse_id("cus", str(number).upper()) == canonical


@given(st.text())
def test_other_text_names_nothing(text: str) -> None:
    parsed = parse_id("cus", text)

    assert parsed is None or (parsed.startswith("cus_") and len(parsed) == 36)


def test_another_prefix_names_nothing() -> None:
    assert parse_id("cus", new_id("pm")) is None
