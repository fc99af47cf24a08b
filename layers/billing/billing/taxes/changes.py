"""What may happen to the tax rates of a merchant. Pure."""

from dataclasses import replace

from billing.errors import Conflict, MalformedRequest, NotFound
from billing.taxes.models import NewTaxRate, TaxRateChanges
from billing.taxes.record import Rate, Rates

MOST_RATES = 200
"""All rates are read with every invoice."""


def added(rates: Rates, body: NewTaxRate, *, id: str, moment: str) -> Rates:  # noqa: A002 - the contract's word
    """Return the rates with a new one.

    Raises:
        Conflict: it is active, and so is another one of its place.
        MalformedRequest: there are as many as there can be.
    """
    if len(rates.rates) >= MOST_RATES:
        raise MalformedRequest(f"There can be at most {MOST_RATES} tax rates")
    rate = Rate(
        id=id,
        label=body.label,
        country=body.country,
        state=body.state,
        ppm=body.percentage,
        inclusive=body.inclusive,
        active=body.active,
        created_at=moment,
        updated_at=moment,
    )
    _check_alone(rates, rate)
    return Rates((*rates.rates, rate), rates.version + 1)


def changed(rates: Rates, rate: Rate, changes: TaxRateChanges, moment: str) -> Rates:
    """Return the rates with one of them changed, or the same object when nothing changes.

    Raises:
        Conflict: it is active, and so is another one of its place.
    """
    given = changes.given()
    if "percentage" in given:
        given["ppm"] = given.pop("percentage")
    after = replace(rate, **given)
    if after == rate:
        return rates
    _check_alone(rates, after)
    after = replace(after, updated_at=max(moment, rate.updated_at))
    return Rates(tuple(after if each.id == rate.id else each for each in rates.rates), rates.version + 1)


def without(rates: Rates, rate: Rate) -> Rates:
    """Return the rates without one of them; invoices that were made with it keep what they say."""
    return Rates(tuple(each for each in rates.rates if each.id != rate.id), rates.version + 1)


def find(rates: Rates, rate_id: str) -> Rate:
    """Return the rate with this id.

    Raises:
        NotFound: there is none.
    """
    for each in rates.rates:
        if each.id == rate_id:
            return each
    raise NotFound("tax rate", rate_id)


def _check_alone(rates: Rates, rate: Rate) -> None:
    for other in rates.rates:
        if rate.active and other.active and other.id != rate.id and other.place == rate.place:
            place = f"{rate.country}, {rate.state}" if rate.state else rate.country
            raise Conflict(
                f"There is an active tax rate of {place}: change it, or make it inactive first",
                param="state" if rate.state else "country",
                details={"tax_rate_id": other.id},
            )
