"""Event filtering as an event source mapping does it: EventBridge patterns on one record.

The rules are those of the AWS documentation on Lambda event filtering: fields of a pattern must all match, the
alternatives in a list need one, a missing field matches nothing but `{"exists": false}`. Numbers in DynamoDB
images are strings, so `numeric` never matches them, on AWS as here.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

_MISSING = object()

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PatternInvalid(Exception):
    """AWS would refuse this pattern."""


def matches(pattern: Mapping[str, Any], record: Any) -> bool:
    """Tell whether `record` has everything `pattern` asks for.

    Raises:
        PatternInvalid: the pattern is not one AWS accepts.
    """
    return all(
        any(matches(alternative, record) for alternative in wanted)
        if field == "$or"
        else _field_matches(wanted, _values(record, field))
        for field, wanted in pattern.items()
    )


def matches_any(patterns: Sequence[Mapping[str, Any]], record: Any) -> bool:
    """Tell whether one of a mapping's filters lets the record through; no filter lets everything through."""
    return not patterns or any(matches(pattern, record) for pattern in patterns)


def _values(record: Any, field: str) -> list[Any]:
    """Return what `field` holds; elements of a list count one by one, a missing field is the empty list."""
    if isinstance(record, list):
        return [value for element in record for value in _values(element, field)]
    if not isinstance(record, Mapping) or field not in record:
        return []
    value = record[field]
    return value if isinstance(value, list) else [value]


def _field_matches(wanted: Any, values: list[Any]) -> bool:
    if isinstance(wanted, Mapping):
        return any(matches(wanted, value) for value in values or [_MISSING])
    if not isinstance(wanted, list):
        raise PatternInvalid(f"match values must be in a list, not {wanted!r}")
    return any(_alternative_matches(alternative, values) for alternative in wanted)


def _alternative_matches(alternative: Any, values: list[Any]) -> bool:
    if not isinstance(alternative, Mapping):
        return any(_equal(alternative, value) for value in values)
    if len(alternative) != 1:
        raise PatternInvalid(f"only one operator in {dict(alternative)!r}")
    ((name, operand),) = alternative.items()
    if name == "exists":
        leaves = [value for value in values if not isinstance(value, Mapping)]
        return bool(leaves) == bool(operand)
    if name not in _OPERATORS:
        raise PatternInvalid(f"unrecognised match type {name}")
    return any(_OPERATORS[name](operand, value) for value in values)


def _equal(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool) or wanted is None or value is None:
        return wanted is value
    return bool(wanted == value)


def _prefix(operand: Any, value: Any) -> bool:
    if isinstance(operand, Mapping):
        return isinstance(value, str) and value.casefold().startswith(operand["equals-ignore-case"].casefold())
    return isinstance(value, str) and value.startswith(operand)


def _suffix(operand: Any, value: Any) -> bool:
    if isinstance(operand, Mapping):
        return isinstance(value, str) and value.casefold().endswith(operand["equals-ignore-case"].casefold())
    return isinstance(value, str) and value.endswith(operand)


def _equals_ignore_case(operand: Any, value: Any) -> bool:
    return isinstance(value, str) and value.casefold() == operand.casefold()


def _wildcard(operand: Any, value: Any) -> bool:
    return isinstance(value, str) and _wildcard_expression(operand).fullmatch(value) is not None


@lru_cache
def _wildcard_expression(text: str) -> re.Pattern[str]:
    parts = re.split(r"(\\[\\*]|\*)", text)
    return re.compile("".join(".*" if part == "*" else re.escape(part[-1:] if part[:1] == "\\" else part)
                              for part in parts), re.DOTALL)  # fmt: skip


def _anything_but(operand: Any, value: Any) -> bool:
    if isinstance(value, Mapping):
        return False
    for unwanted in operand if isinstance(operand, list) else [operand]:
        if isinstance(unwanted, Mapping):
            ((name, inner),) = unwanted.items()
            if name not in _OPERATORS:
                raise PatternInvalid(f"unrecognised match type {name} in anything-but")
            if any(_OPERATORS[name](item, value) for item in (inner if isinstance(inner, list) else [inner])):
                return False
        elif _equal(unwanted, value):
            return False
    return True


def _numeric(operand: Any, value: Any) -> bool:
    if len(operand) not in {2, 4} or any(sign not in _COMPARISONS for sign in operand[::2]):
        raise PatternInvalid(f"numeric takes one or two comparisons, not {operand!r}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return all(_COMPARISONS[sign](value, bound) for sign, bound in zip(operand[::2], operand[1::2], strict=True))


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "anything-but": _anything_but,
    "numeric": _numeric,
}
