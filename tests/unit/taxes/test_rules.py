"""What tax the lines of an invoice bear."""

import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.businesses.tax_ids import Recognised, recognise
from billing.table.items import from_attributes, to_attributes
from billing.taxes.record import Rate
from billing.taxes.rules import EU, REVERSE_CHARGE_TEXT, Line, Taxed, TaxIdentity, is_reverse_charged, rate_for, taxed

MOMENT = "2026-01-15T10:30:00.000Z"
VAT = Rate("txr_1", "VAT", "DE", 190_000, MOMENT, MOMENT)
VAT_WITHIN = replace(VAT, inclusive=True)
SALES_TAX = Rate("txr_2", "Sales tax", "US", 88_750, MOMENT, MOMENT, state="New York")
GERMANY = {"country": "DE"}
FRENCH = Recognised("eu_vat", "verified_format", country="FR")
GERMAN = replace(FRENCH, country="DE")

amounts = st.integers(min_value=-(10**12), max_value=10**12)
lines = st.lists(st.builds(Line, amounts, st.booleans()), max_size=12)
any_rates = st.builds(replace, st.just(VAT), ppm=st.integers(min_value=0, max_value=1_000_000), inclusive=st.booleans())
buyers = st.sampled_from([None, FRENCH, GERMAN])


def bill(
    *amounts_minor: int,
    rates: Sequence[Rate] = (VAT,),
    merchant_country: str | None = "DE",
    address: Mapping[str, str | None] | None = GERMANY,
    buyer: TaxIdentity | None = None,
) -> Taxed:
    of = [Line(each) for each in amounts_minor]
    return taxed(of, rates, merchant_country=merchant_country, bill_to_address=address, buyer_tax=buyer)


def totals(result: Taxed) -> tuple[int, int, int]:
    return result.subtotal_minor, result.tax_minor, result.total_minor


class TestRateFor:
    @pytest.mark.parametrize("state", ["New York", "NEW YORK", "new york"])
    def test_a_state_wins_over_its_country(self, state):
        country = replace(SALES_TAX, id="txr_3", state=None)

        assert rate_for([country, SALES_TAX], {"country": "US", "state": state}) is SALES_TAX
        assert rate_for([country, SALES_TAX], {"country": "US", "state": "Ohio"}) is country
        assert rate_for([country, SALES_TAX], {"country": "US"}) is country

    @pytest.mark.parametrize("address", [None, {}, {"state": "New York"}, {"country": None}, {"country": "FR"}])
    def test_elsewhere_there_is_none(self, address):
        assert rate_for([VAT, SALES_TAX], address) is None

    def test_a_state_is_that_of_its_country_alone(self):
        assert rate_for([SALES_TAX], {"country": "DE", "state": "New York"}) is None

    def test_an_inactive_rate_counts_for_nothing(self):
        assert rate_for([replace(VAT, active=False)], GERMANY) is None


class TestRates:
    def test_tax_comes_on_top_of_a_price(self):
        result = bill(10_000, 2_500)

        assert totals(result) == (12_500, 2_375, 14_875)
        assert [(each.amount_minor, each.net_minor, each.tax_minor) for each in result.lines] == [
            (10_000, 10_000, 1_900),
            (2_500, 2_500, 475),
        ]
        assert {(each.tax_label, each.tax_percentage, each.inclusive, each.tax_reason) for each in result.lines} == {
            ("VAT", "19", False, "standard")
        }

    def test_or_is_within_it(self):
        result = bill(11_900, rates=[VAT_WITHIN])

        assert totals(result) == (11_900, 1_900, 11_900)
        assert (result.lines[0].net_minor, result.lines[0].inclusive) == (10_000, True)

    def test_percentages_have_four_decimals(self):
        result = bill(10_000, rates=[SALES_TAX], address={"country": "US", "state": "New York"})

        assert (result.tax_minor, result.lines[0].tax_percentage) == (888, "8.875")

    @pytest.mark.parametrize(("amount_minor", "tax_minor"), [(50, 3), (-50, -3), (49, 2), (-49, -2), (51, 3), (0, 0)])
    def test_halves_are_rounded_away_from_zero(self, amount_minor, tax_minor):
        assert bill(amount_minor, rates=[replace(VAT, ppm=50_000)]).tax_minor == tax_minor

    def test_tax_is_rounded_per_line(self):
        assert bill(50, 50, rates=[replace(VAT, ppm=50_000)]).tax_minor == 6

    def test_a_discount_lowers_the_tax(self):
        assert totals(bill(10_000, -2_000)) == (8_000, 1_520, 9_520)

    def test_an_exempt_line_bears_none(self):
        result = taxed(
            [Line(1_000), Line(500, exempt=True)],
            [VAT_WITHIN],
            merchant_country="DE",
            bill_to_address=GERMANY,
            buyer_tax=None,
        )

        assert [(each.tax_reason, each.tax_minor, each.tax_label) for each in result.lines] == [
            ("standard", 160, "VAT"),
            ("exempt", 0, None),
        ]
        assert [(row.reason, row.label, row.percentage, row.net_minor, row.tax_minor) for row in result.rows] == [
            ("standard", "VAT", "19", 840, 160),
            ("exempt", None, "0", 500, 0),
        ]

    def test_where_there_is_no_rate_there_is_no_tax(self):
        result = bill(1_000, address={"country": "US"})

        assert (totals(result), result.lines[0].tax_reason) == ((1_000, 0, 1_000), "no_rate")

    def test_a_rate_of_nothing_is_a_rate(self):
        assert bill(1_000, rates=[replace(VAT, ppm=0)]).lines[0].tax_reason == "standard"

    def test_no_lines_come_to_nothing(self):
        assert bill(buyer=FRENCH) == Taxed((), (), 0, 0, 0)


class TestReverseCharge:
    def test_the_buyer_accounts_for_the_tax_and_the_invoice_says_so(self):
        french_rate = replace(VAT, id="txr_3", country="FR", ppm=200_000)

        result = bill(10_000, rates=[VAT, french_rate], address={"country": "FR"}, buyer=FRENCH)

        assert totals(result) == (10_000, 0, 10_000)
        assert (result.lines[0].tax_reason, result.lines[0].tax_percentage) == ("reverse_charge", "0")
        assert result.legal_text == REVERSE_CHARGE_TEXT

    def test_it_is_said_where_the_merchant_has_no_rate_too(self):
        result = bill(10_000, address={"country": "FR"}, buyer=FRENCH)

        assert (result.lines[0].tax_reason, result.lines[0].tax_label) == ("reverse_charge", "VAT")

    def test_the_tax_within_a_price_is_taken_out_of_it(self):
        within = replace(VAT_WITHIN, country="FR")

        result = bill(11_900, -1_190, rates=[within], address={"country": "FR"}, buyer=FRENCH)

        assert totals(result) == (9_000, 0, 9_000)
        assert [(each.amount_minor, each.inclusive) for each in result.lines] == [(10_000, False), (-1_000, False)]

    def test_an_exempt_line_stays_exempt(self):
        result = taxed(
            [Line(500, exempt=True)], [VAT], merchant_country="DE", bill_to_address={"country": "FR"}, buyer_tax=FRENCH
        )

        assert (result.lines[0].tax_reason, result.legal_text) == ("exempt", None)

    @pytest.mark.parametrize("address", [None, {}, {"country": "FR"}, {"country": "US"}])
    def test_the_buyers_number_decides(self, address):
        assert is_reverse_charged("DE", FRENCH, address)

    @pytest.mark.parametrize(
        ("merchant_country", "number", "country"),
        [
            ("FR", "EL094259216", None),
            ("FR", "094259216", "GR"),
            ("GR", "DE136695976", None),
            ("FR", "DE136695976", "US"),
        ],
    )
    def test_it_takes_what_businesses_recognise(self, merchant_country, number, country):
        assert is_reverse_charged(merchant_country, recognise(number, country), None)

    @pytest.mark.parametrize(
        ("merchant_country", "buyer", "address"),
        [
            ("DE", None, {"country": "FR"}),  # no number
            ("DE", GERMAN, {"country": "FR"}),  # a number of the merchant's own country
            ("DE", FRENCH, {"country": "DE"}),  # a domestic sale
            ("DE", replace(FRENCH, status="invalid"), {"country": "FR"}),
            ("DE", replace(FRENCH, type="fr_siret"), {"country": "FR"}),
            ("DE", replace(FRENCH, country=None), {"country": "FR"}),
            ("DE", replace(FRENCH, country="XI"), {"country": "GB"}),  # goods alone
            ("DE", recognise("XI110305878", "GB"), {"country": "GB"}),
            ("GR", replace(FRENCH, country="EL"), {"country": "GR"}),  # VAT's name for Greece
            ("GR", replace(FRENCH, country="EL"), {"country": "IT"}),
            ("US", FRENCH, {"country": "FR"}),  # the merchant is outside the EU
            ("GB", FRENCH, {"country": "FR"}),
            (None, FRENCH, {"country": "FR"}),
        ],
    )
    def test_else_tax_is_as_ever(self, merchant_country, buyer, address):
        assert not is_reverse_charged(merchant_country, buyer, address)

    def test_a_domestic_buyer_bears_tax(self):
        assert bill(10_000, buyer=GERMAN).tax_minor == 1_900

    def test_the_union_has_27_members(self):
        assert len(EU) == 27


@given(lines, any_rates, buyers, st.sampled_from(["DE", "FR", "US"]))
def test_totals_add_up(of: list[Line], rate: Rate, buyer: Any, merchant_country: str):
    result = taxed(of, [rate], merchant_country=merchant_country, bill_to_address=GERMANY, buyer_tax=buyer)

    within = sum(each.tax_minor for each in result.lines if each.inclusive)
    assert result.total_minor == result.subtotal_minor + result.tax_minor - within
    assert result.total_minor == sum(row.net_minor + row.tax_minor for row in result.rows)
    assert result.tax_minor == sum(row.tax_minor for row in result.rows)
    assert len(result.lines) == len(of)


@given(amounts, any_rates)
def test_inclusive_tax_and_net_make_the_gross(amount_minor: int, rate: Rate):
    [line] = bill(amount_minor, rates=[replace(rate, inclusive=True)]).lines

    assert line.net_minor + line.tax_minor == line.amount_minor == amount_minor
    exact = Fraction(amount_minor * rate.ppm, 1_000_000 + rate.ppm)
    assert abs(line.tax_minor - exact) <= Fraction(1, 2)


@given(st.lists(amounts, max_size=12), any_rates)
def test_tax_of_the_lines_is_half_a_unit_each_from_tax_of_their_sum_at_most(of: list[int], rate: Rate):
    result = bill(*of, rates=[replace(rate, inclusive=False)])

    exact = Fraction(sum(of) * rate.ppm, 1_000_000)
    assert abs(result.tax_minor - exact) <= Fraction(len(of), 2)


@given(lines, any_rates, buyers, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(of: list[Line], rate: Rate, buyer: Any, chance: random.Random):
    def result(ordered: list[Line]) -> Taxed:
        return taxed(ordered, [rate], merchant_country="DE", bill_to_address={"country": "DE"}, buyer_tax=buyer)

    places = list(range(len(of)))
    chance.shuffle(places)
    shuffled = result([of[place] for place in places])

    assert shuffled.lines == tuple(result(of).lines[place] for place in places)
    assert replace(shuffled, lines=()) == replace(result(of), lines=())


@given(lines, any_rates, buyers)
def test_a_credit_undoes_its_charge(of: list[Line], rate: Rate, buyer: Any):
    def result(signed: list[Line]) -> Taxed:
        return taxed(signed, [rate], merchant_country="FR", bill_to_address=GERMANY, buyer_tax=buyer)

    credit = result([Line(-each.amount_minor, each.exempt) for each in of])

    assert totals(credit) == tuple(-each for each in totals(result(of)))


@given(lines, any_rates, buyers)
def test_what_is_kept_comes_back(of: list[Line], rate: Rate, buyer: Any):
    result = taxed(of, [rate], merchant_country="FR", bill_to_address=GERMANY, buyer_tax=buyer)

    assert Taxed.from_item(from_attributes(to_attributes(result.to_item()))) == result


def test_importing_the_rules_loads_no_lists_and_no_aws():
    code = "import sys, billing.taxes.rules; print({'pycountry', 'stdnum', 'botocore', 'tzdata'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "layers/billing"}
    )

    assert done.stdout.strip() == "set()"
