"""What may happen to tax rates."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from billing.errors import Conflict, MalformedRequest, NotFound
from billing.table.items import from_attributes, to_attributes
from billing.taxes import changes
from billing.taxes.models import NewTaxRate, TaxRate, TaxRateChanges
from billing.taxes.percentages import LARGEST_PPM, percentage_of, ppm_of
from billing.taxes.record import Rates

VAT = {"label": "VAT", "country": "DE", "percentage": "19"}


def rates(*bodies: dict[str, Any]) -> Rates:
    made = Rates()
    for number, body in enumerate(bodies):
        made = changes.added(made, NewTaxRate.model_validate(body), id=f"txr_{number}", moment="now")
    return made


def changed(before: Rates, rate_id: str = "txr_0", **given_: Any) -> Rates:
    return changes.changed(before, changes.find(before, rate_id), TaxRateChanges.model_validate(given_), "now")


@given(st.integers(min_value=0, max_value=LARGEST_PPM))
def test_a_percentage_reads_as_it_was_written(ppm: int):
    text = percentage_of(ppm)

    assert ppm_of(text) == ppm
    assert NewTaxRate.model_validate({**VAT, "percentage": float(text)}).percentage == ppm


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("19", "19"),
        (19, "19"),
        (19.0, "19"),
        (8.875, "8.875"),
        ("8.8750", "8.875"),
        (" 7.7 ", "7.7"),
        (0, "0"),
        ("100", "100"),
        ("0.0001", "0.0001"),
        (0.0001, "0.0001"),
        (33.3333, "33.3333"),
    ],
)
def test_a_percentage_may_be_text_or_a_number_and_is_shown_as_text(sent: Any, shown: str):
    [rate] = rates({**VAT, "percentage": sent}).rates

    assert TaxRate.of(rate).percentage == shown


@pytest.mark.parametrize(
    "sent",
    [
        *("", "-1", "100.0001", "1000", "8.87512", "19%", "8,875", "1e1", "19.", ".5", "٣"),
        *(-1, -0.5, 100.0001, 8.87512, 0.00001, 1e300, 10**400, True, None, []),
    ],
)
def test_what_is_no_percentage_is_refused(sent: Any):
    with pytest.raises(ValidationError) as refused:
        NewTaxRate.model_validate({**VAT, "percentage": sent})

    assert [error["loc"] for error in refused.value.errors()] == [("percentage",)]


def test_what_is_kept_comes_back():
    kept = rates(VAT, {**VAT, "country": "us", "state": "New York", "percentage": 8.875, "inclusive": True})

    assert Rates.from_item(from_attributes(to_attributes(kept.to_item()))) == kept
    assert [each.country for each in kept.rates] == ["DE", "US"]
    assert Rates.from_item(None) == Rates()


@pytest.mark.parametrize(
    ("first", "second", "param"),
    [
        (VAT, {**VAT, "label": "MwSt."}, "country"),
        ({**VAT, "state": "Bayern"}, {**VAT, "state": "BAYERN"}, "state"),
        ({**VAT, "country": "MX", "state": "Yucatán"}, {**VAT, "country": "MX", "state": "yucatan"}, "state"),
    ],
)
def test_a_place_has_one_active_rate(first: dict[str, Any], second: dict[str, Any], param: str):
    with pytest.raises(Conflict) as refused:
        rates(first, second)

    assert (refused.value.param, refused.value.details) == (param, {"tax_rate_id": "txr_0"})
    both = rates(first, {**second, "active": False})
    with pytest.raises(Conflict):
        changed(both, "txr_1", active=True)
    assert changed(changed(both, active=False), "txr_1", active=True).version == 4


def test_a_country_its_states_and_other_countries_have_rates_of_their_own():
    assert len(rates(VAT, {**VAT, "state": "Bayern"}, {**VAT, "country": "FR"}).rates) == 3


def test_a_rate_changes_in_what_is_named():
    before = rates({**VAT, "state": "Bayern"})

    [after] = changed(before, label="MwSt.", percentage=16, state=None, inclusive=True).rates

    assert (after.label, after.percentage, after.state, after.inclusive, after.country) == (
        "MwSt.",
        "16",
        None,
        True,
        "DE",
    )
    assert changed(before, label="VAT", percentage="19.00", state="Bayern") is before


def test_a_rate_does_not_move_onto_an_active_one():
    both = rates(VAT, {**VAT, "country": "FR"})

    with pytest.raises(Conflict):
        changed(both, "txr_1", country="DE")


def test_a_removed_rate_is_gone():
    after = changes.without(rates(VAT), changes.find(rates(VAT), "txr_0"))

    assert (after.rates, after.version) == ((), 2)
    with pytest.raises(NotFound):
        changes.find(after, "txr_0")


def test_there_is_a_bound_to_their_number():
    full = rates(*({**VAT, "state": f"s{number}"} for number in range(changes.MOST_RATES)))

    with pytest.raises(MalformedRequest):
        changes.added(full, NewTaxRate.model_validate(VAT), id="txr_more", moment="now")


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"label": " "}, "label"),
        ({"label": "4242 4242 4242 4242"}, "label"),
        ({"country": "EU"}, "country"),
        ({"state": "x" * 101}, "state"),
        ({"inclusive": "yes"}, "inclusive"),
        ({"active": 1}, "active"),
        ({"rate": 19}, "rate"),
    ],
)
def test_a_wrong_rate_is_refused(change: dict[str, Any], param: str):
    for model in (NewTaxRate, TaxRateChanges):
        with pytest.raises(ValidationError) as refused:
            model.model_validate({**VAT, **change})
        assert [error["loc"] for error in refused.value.errors()] == [(param,)]


@pytest.mark.parametrize("name", ["label", "country", "percentage", "inclusive", "active"])
def test_nothing_but_the_state_is_cleared(name: str):
    with pytest.raises(ValidationError) as refused:
        TaxRateChanges.model_validate({name: None})

    assert [error["loc"] or error["ctx"]["param"] for error in refused.value.errors()] in ([name], [(name,)])
