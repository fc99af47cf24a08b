"""Amounts, numbers and dates as people of a locale write them (CLDR, by Babel)."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_DECIMALS = re.compile(r"\.0+")
_UNSPACED = re.compile(r"(?<=[^\W\d_])(?=\d)")


def exponent(currency: str) -> int:
    """Return how many decimals a currency's minor unit stands for (ISO 4217).

    CLDR's own table is of what people use: it would round the minor units of some currencies away.
    """
    return _EXPONENTS.get(currency, 2)


def money(minor: int, currency: str, locale: str) -> str:
    """Return an amount with its currency's symbol and all of its decimals."""
    from babel.numbers import format_currency  # noqa: PLC0415 - see the package

    decimals = exponent(currency)
    known = babel_locale(locale)
    pattern = _DECIMALS.sub(f".{'0' * decimals}" if decimals else "", known.currency_formats["standard"].pattern)
    shown = format_currency(
        Decimal(minor).scaleb(-decimals),
        currency,
        format=pattern,
        locale=known,
        currency_digits=False,
    )
    return _UNSPACED.sub("\N{NO-BREAK SPACE}", shown)  # CHF 1, as CLDR has it; Babel writes CHF1


def number(value: Decimal, locale: str) -> str:
    """Return a number with all of its decimals that count."""
    from babel.numbers import format_decimal  # noqa: PLC0415 - see the package

    return format_decimal(value, locale=babel_locale(locale), decimal_quantization=False)


def percentage(percent: Decimal, locale: str) -> str:
    """Return 19 as 19%."""
    from babel.numbers import format_percent  # noqa: PLC0415 - see the package

    return format_percent(percent / 100, locale=babel_locale(locale), decimal_quantization=False)


def day(value: date, locale: str) -> str:
    """Return a date with its month in letters, so that nobody takes it for another one."""
    from babel.dates import format_date  # noqa: PLC0415 - see the package

    return format_date(value, "long", locale=babel_locale(locale))


def short_day(value: date, locale: str) -> str:
    """Return a date in as little room as the locale allows a date with its whole year."""
    from babel.dates import format_date  # noqa: PLC0415 - see the package

    return format_date(value, "medium", locale=babel_locale(locale))


@lru_cache(maxsize=64)
def babel_locale(tag: str) -> "Locale":
    """Return what Babel knows under a BCP 47 tag, or under the beginning of it that Babel knows; else English."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - see the package

    subtags = tag.replace("_", "-").split("-")
    while subtags:
        try:
            return Locale.parse("-".join(subtags), sep="-")
        except (UnknownLocaleError, ValueError):
            subtags.pop()
    return Locale("en")
