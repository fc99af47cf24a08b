"""Which stream records a function gets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.filters import PatternInvalid, matches, matches_any

scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3)
records = st.recursive(scalars, lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3), max_leaves=8)


def record(**image: Any) -> dict[str, Any]:
    return {"eventName": "MODIFY", "dynamodb": {"NewImage": {name: {"S": text} for name, text in image.items()}}}


def image(**wanted: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": {name: {"S": alternatives} for name, alternatives in wanted.items()}}}


@pytest.mark.parametrize(
    ("alternatives", "text", "fits"),
    [
        (["a", "b"], "b", True),
        (["a", "b"], "c", False),
        ([{"prefix": "cus_"}], "cus_1", True),
        ([{"prefix": "cus_"}], "sub_1", False),
        ([{"suffix": ".pdf"}], "bill.pdf", True),
        ([{"suffix": ".pdf"}], "bill.png", False),
        ([{"equals-ignore-case": "Active"}], "ACTIVE", True),
        ([{"equals-ignore-case": "Active"}], "PAUSED", False),
        ([{"prefix": {"equals-ignore-case": "CUS_"}}], "cus_1", True),
        ([{"wildcard": "a*c"}], "abbc", True),
        ([{"wildcard": "a*c"}], "abb", False),
        ([{"anything-but": ["a", "b"]}], "c", True),
        ([{"anything-but": ["a", "b"]}], "a", False),
        ([{"anything-but": {"prefix": "x"}}], "abc", True),
        ([{"anything-but": {"prefix": "x"}}], "xyz", False),
        ([{"exists": True}], "a", True),
        ([{"exists": False}], "a", False),
        ([{"prefix": "x"}, "a"], "a", True),
        ([{"numeric": [">", 1]}], "2", False),
    ],
)
def test_operators(alternatives: list[Any], text: str, fits: bool) -> None:
    assert matches(image(kind=alternatives), record(kind=text)) is fits


def test_all_fields_must_match() -> None:
    pattern = {"eventName": ["MODIFY"], **image(kind=["a"], state=["on"])}

    assert matches(pattern, record(kind="a", state="on"))
    assert not matches(pattern, record(kind="a", state="off"))
    assert not matches(pattern, record(kind="a"))


def test_a_missing_field_matches_only_exists_false() -> None:
    assert matches(image(gone=[{"exists": False}]), record(kind="a"))
    assert matches({"dynamodb": {"OldImage": {"kind": {"S": [{"exists": False}]}}}}, record(kind="a"))
    assert not matches(image(gone=[{"anything-but": ["a"]}]), record(kind="a"))
    assert not matches(image(gone=[None]), record(kind="a"))


def test_numbers_of_the_record_itself_compare() -> None:
    sized = {"dynamodb": {"SizeBytes": 100}}

    assert matches({"dynamodb": {"SizeBytes": [{"numeric": [">", 99, "<=", 100]}]}}, sized)
    assert not matches({"dynamodb": {"SizeBytes": [{"numeric": ["<", 100]}]}}, sized)


def test_one_of_the_elements_of_a_list_is_enough() -> None:
    tagged = {"dynamodb": {"NewImage": {"tags": {"SS": ["red", "blue"]}}}}

    assert matches({"dynamodb": {"NewImage": {"tags": {"SS": ["blue"]}}}}, tagged)
    assert not matches({"dynamodb": {"NewImage": {"tags": {"SS": ["green"]}}}}, tagged)


def test_or_needs_one_side() -> None:
    pattern = {"$or": [{"eventName": ["INSERT"]}, image(kind=["a"])]}

    assert matches(pattern, record(kind="a"))
    assert not matches(pattern, record(kind="b"))


def test_true_is_not_one() -> None:
    assert not matches({"x": [True]}, {"x": 1})
    assert not matches({"x": [1]}, {"x": True})
    assert matches({"x": [1]}, {"x": 1.0})


@pytest.mark.parametrize("pattern", [{"x": "text"}, {"x": [{"near": 1}]}, {"x": [{"numeric": ["~", 1]}]}])
def test_what_aws_would_refuse_is_refused(pattern: dict[str, Any]) -> None:
    with pytest.raises(PatternInvalid):
        matches(pattern, {"x": 1})


def test_no_filter_lets_everything_through() -> None:
    assert matches_any([], record())


@given(records)
def test_a_record_matches_the_pattern_made_of_it(value: Any) -> None:
    def pattern(part: Any) -> Any:
        return {name: pattern(inner) for name, inner in part.items()} if isinstance(part, dict) else [part]

    if isinstance(value, dict):
        without_empty = {"whole": value}
        assert matches(pattern(without_empty), without_empty) or _has_empty(value)


def _has_empty(value: Any) -> bool:
    return isinstance(value, dict) and (not value or any(map(_has_empty, value.values())))


@given(scalars, st.lists(scalars, max_size=4))
def test_anything_but_is_the_opposite_of_the_alternatives(value: Any, unwanted: list[Any]) -> None:
    assert matches({"x": [{"anything-but": unwanted}]}, {"x": value}) is not matches({"x": unwanted}, {"x": value})


@given(records)
def test_exists_and_not_exists_exclude_each_other(value: Any) -> None:
    pattern = {"x": [{"exists": True}]}
    opposite = {"x": [{"exists": False}]}
    assert matches(pattern, value) is not matches(opposite, value)
