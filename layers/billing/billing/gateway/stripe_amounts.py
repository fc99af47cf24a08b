"""How Stripe counts money, where that is not as ISO 4217 does.

Source: docs.stripe.com/currencies, "Minor units in API amounts". Whatever is not named here is counted alike.
"""

from collections.abc import Mapping

from billing.wire import refuse

_TIMES: Mapping[str, int] = {"ISK": 100, "UGX": 100}
"""Currencies without decimals that Stripe counts in hundredths."""

_PER: Mapping[str, int] = {"MGA": 100}
"""Currencies with two decimals that Stripe counts whole."""

_MULTIPLES: Mapping[str, int] = {**_PER, **dict.fromkeys(("BHD", "JOD", "KWD", "OMR", "TND"), 10)}
"""What an amount must be a multiple of: of three decimals Stripe wants the last to be 0."""


def to_stripe(amount_minor: int, currency: str) -> int:
    """Return an amount in minor units as Stripe counts it.

    Raises:
        InvalidFields: Stripe can't express it.
    """
    code = currency.upper()
    multiple = _MULTIPLES.get(code, 1)
    if amount_minor % multiple:
        raise refuse("amount_minor", f"must be a multiple of {multiple} in {code}: the payment gateway has no less")
    return amount_minor * _TIMES.get(code, 1) // _PER.get(code, 1)


def from_stripe(amount: int, currency: str) -> int:
    """Return what Stripe has counted in minor units."""
    code = currency.upper()
    return amount * _PER.get(code, 1) // _TIMES.get(code, 1)
