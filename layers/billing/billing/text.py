"""Text that people type: bounded, without control characters, never a card number."""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError, Url

METADATA_KEYS = 50
METADATA_KEY_CHARACTERS = 64
METADATA_BYTES = 8 * 1024

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DIGIT_GROUPS = re.compile(r"(?<![0-9A-Za-z])\d+(?:[ .\-\u00a0]\d+)*(?![0-9A-Za-z])")

_ISSUERS: tuple[tuple[str, frozenset[int]], ...] = (
    ("4", frozenset({13, 16, 19})),  # Visa
    ("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", frozenset({16})),  # Mastercard
    ("3[47]", frozenset({15})),  # American Express
    ("6011|64[4-9]|65", frozenset(range(16, 20))),  # Discover
    ("30[0-5]|3[689]", frozenset(range(14, 20))),  # Diners Club
    ("35(2[89]|[3-8])", frozenset(range(16, 20))),  # JCB
    ("62", frozenset(range(16, 20))),  # UnionPay
    ("50(18|20|38)|5893|6304|6759|676[1-3]", frozenset(range(12, 20))),  # Maestro
)
"""Prefixes and lengths. Patterns are compiled when they are first needed, which in most processes is never."""


def is_card_number(digits: str) -> bool:
    """Whether the digits are a possible card number: an issuer's prefix and length, and Luhn (PCI DSS 3.4)."""
    issued = any(len(digits) in lengths and re.match(prefix, digits) for prefix, lengths in _ISSUERS)
    # Ours, because every kept library's Luhn costs a cold start more than these lines.
    doubled = [(2 * int(digit) - 9 * (digit > "4")) for digit in digits[-2::-2]]
    return issued and (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def holds_card_number(text: str) -> bool:
    """Whether a card number stands anywhere in the text, also grouped by spaces, dots or dashes."""
    if sum(character.isdigit() for character in text) < 12:
        return False
    for found in _DIGIT_GROUPS.finditer(unicodedata.normalize("NFKC", text)):
        groups = re.split(r"\D", found.group())
        for first in range(len(groups)):
            digits = ""
            for group in groups[first:]:
                digits += group
                if len(digits) > 19:
                    break
                if is_card_number(digits):
                    return True
    return False


def no_card_number(text: str) -> str:
    """Return the text.

    Raises:
        PydanticCustomError: a card number stands in it.
    """
    if holds_card_number(text):
        raise PydanticCustomError("card_number", "looks like a card number; card numbers are never stored")
    return text


def _phone_is_no_card(text: str) -> str:
    digits = [character for character in text if character.isdigit()]
    if not digits:
        raise PydanticCustomError("phone", "must have digits")
    # An international number may pass for a short card number by chance; E.164 ends at 15 digits.
    return text if text.startswith("+") and len(digits) <= 15 else no_card_number(text)


def _trimmed(value: Any) -> Any:
    """Trim text; what is empty then counts as unset."""
    return (value.strip() or None) if isinstance(value, str) else value


def _no_control_characters(text: str) -> str:
    if _CONTROL.search(text):
        raise PydanticCustomError("control_character", "must not have control characters")
    return text


_Printable = AfterValidator(_no_control_characters)

type Line = Annotated[str, Field(max_length=255), _Printable, AfterValidator(no_card_number)]
"""One line of free text: a name, a street."""
type Word = Annotated[str, Field(max_length=100), _Printable, AfterValidator(no_card_number)]
"""A short text: a city, a tax id."""
type Notes = Annotated[str, Field(max_length=5000), _Printable, AfterValidator(no_card_number)]
"""Several lines of free text."""
type Phone = Annotated[str, Field(max_length=40), _Printable, AfterValidator(_phone_is_no_card)]
"""A phone number as typed; E.164 recommended, not required."""

Trimmed = BeforeValidator(_trimmed)
"""Trims text before it is checked; empty text is null."""


def _checked_metadata(value: dict[str, Any]) -> dict[str, Any]:
    for key, each in value.items():
        if not 1 <= len(key) <= METADATA_KEY_CHARACTERS:
            raise PydanticCustomError(
                "metadata_key", "keys must have 1 to {largest} characters", {"largest": METADATA_KEY_CHARACTERS}
            )
        no_card_number(key)
        for text in _texts(each):
            no_card_number(text)
    checked_size(value)
    return value


def _texts(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case bool() | None:
            return []
        case int() | float():
            return [str(value)]
        case Mapping():
            return [text for pair in value.items() for each in pair for text in _texts(each)]
        case _:
            return [text for each in value for text in _texts(each)]


def checked_size(value: Mapping[str, Any]) -> None:
    """Check the limits that hold for the whole object, also after a merge.

    Raises:
        PydanticCustomError: more than 50 keys, or more than 8 KB as JSON.
    """
    if len(value) > METADATA_KEYS:
        raise PydanticCustomError("metadata_keys", "must have at most {largest} keys", {"largest": METADATA_KEYS})
    if len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()) > METADATA_BYTES:
        raise PydanticCustomError("metadata_size", "must be at most 8 KB as JSON")


type Metadata = Annotated[
    dict[str, Any],
    AfterValidator(_checked_metadata),
    Field(
        json_schema_extra={
            "maxProperties": METADATA_KEYS,
            "propertyNames": {"minLength": 1, "maxLength": METADATA_KEY_CHARACTERS},
        }
    ),
]
"""Key-value pairs of the merchant's own: any JSON values, at most 50 keys and 8 KB."""


def _currency(text: str) -> str:
    import pycountry  # noqa: PLC0415 - its lists are read from disk, and most requests name no currency

    code = text.strip().upper()
    if pycountry.currencies.get(alpha_3=code) is None:
        raise PydanticCustomError("currency", "must be an ISO 4217 currency code, e.g. USD")
    return code


def _country(text: str) -> str:
    import pycountry  # noqa: PLC0415 - as above

    code = text.strip().upper()
    if len(code) != 2 or pycountry.countries.get(alpha_2=code) is None:
        raise PydanticCustomError("country", "must be an ISO 3166-1 alpha-2 country code, e.g. US")
    return code


type Currency = Annotated[str, AfterValidator(_currency), Field(json_schema_extra={"examples": ["USD"]})]
"""An ISO 4217 code, upper-cased."""
type Country = Annotated[str, AfterValidator(_country), Field(json_schema_extra={"examples": ["US"]})]
"""An ISO 3166-1 alpha-2 code, upper-cased."""


def _time_zone(text: str) -> str:
    from importlib.resources import files  # noqa: PLC0415 - only who sets a time zone needs the list

    name = text.strip()
    # Of the package, so that every machine knows the same ones; zoneinfo reads them there where a system has none.
    if name == "Factory" or name not in files("tzdata").joinpath("zones").read_text().split():
        raise PydanticCustomError("time_zone", "must be an IANA time zone, e.g. Europe/Berlin")
    return name


type TimeZone = Annotated[str, AfterValidator(_time_zone), Field(json_schema_extra={"examples": ["Europe/Berlin"]})]
"""A name of the IANA time zone database, as `zoneinfo.ZoneInfo` takes it."""


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("moment", "must be of the years 1 to 9999 in UTC too") from error


type Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment with its offset, in UTC; the first and last hours of the calendar are none that have left it there."""


_LOCALE = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)


def _locale(text: str) -> str:
    found = _LOCALE.fullmatch(text.replace("_", "-"))
    if found is None:
        raise PydanticCustomError("locale", "must be a BCP 47 language tag, e.g. en-GB")
    language, script, region = found.groups(default="")
    return "-".join(part for part in (language.lower(), script.title(), region.upper()) if part)


type Locale = Annotated[str, AfterValidator(_locale), Field(json_schema_extra={"examples": ["en-GB"]})]
"""A BCP 47 tag of language, script and region (RFC 5646), in its canonical case; no variants, no extensions."""


def _email(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - idna's tables are large

    try:
        validate_email(text, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        raise PydanticCustomError("email", "must be an email address: {reason}", {"reason": str(error)}) from error
    return no_card_number(text)


type Email = Annotated[
    str, Field(max_length=254, json_schema_extra={"format": "email"}), _Printable, AfterValidator(_email)
]
"""An e-mail address, checked for syntax and kept as typed."""


def _return_url(text: str) -> str:
    try:
        url = Url(text)
    except ValueError as error:
        raise PydanticCustomError("url", "must be a URL") from error
    if url.scheme not in ("http", "https") or len(text) > 2048:
        raise PydanticCustomError("url", "must be an http or https URL of at most 2048 characters")
    return no_card_number(text)


type ReturnUrl = Annotated[str, AfterValidator(_return_url)]
"""Where a payer's browser comes back to."""


def ascii_email(email: str) -> str | None:
    """Return an address that was checked in the form that every mail server takes; None if it has none.

    A domain has one (IDNA); what stands before the @ must be ASCII already.
    """
    from email_validator import validate_email  # noqa: PLC0415 - as above

    return validate_email(email, check_deliverability=False, test_environment=True, strict=True).ascii_email


def folded_email(email: str) -> str:
    """Return the form in which two spellings of one address are equal."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})  # noqa: RUF001 - the dotless one is meant
"""Letters that Unicode does not take apart though people type them without their stroke."""


def folded(text: str) -> str:
    """Return text without case and accents, the form in which words are searched."""
    # Compatibility letters come apart first: some of their parts are capitals.
    parts = unicodedata.normalize("NFKD", text).casefold().translate(_STROKES)
    decomposed = unicodedata.normalize("NFKD", parts).casefold()
    return "".join(character for character in decomposed if not unicodedata.combining(character))
