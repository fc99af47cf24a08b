"""What is written to customers."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from billing.documents import InvoiceDocument, InvoiceLine, Party
from billing.mail.letters import About, Paid, letter
from billing.mail.words import BY_LANGUAGE

OPEN = InvoiceDocument(
    number="INV-000007",
    status="sent",
    currency="EUR",
    merchant=Party("Example GmbH"),
    bill_to=Party("Jane"),
    lines=(InvoiceLine("Work", Decimal(1), 3000, 3000),),
    subtotal_minor=3000,
    total_minor=3000,
    due_minor=3000,
    due=date(2026, 12, 3),
)
PAID = replace(OPEN, status="paid", paid_minor=3000, due_minor=0)
RECEIVED = Paid("pay_1", "Example GmbH", 3000, "EUR", date(2026, 12, 3), "card", "visa", "4242", "Cards")
SENT = About("invoice", OPEN, recipient="Jane")


class Outline(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, _attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_an_invoice_says_what_is_due_and_until_when():
    written = letter(SENT)

    assert written.subject == "Invoice INV-000007 from Example GmbH"
    assert written.text == (
        "Hello Jane,\n\n"
        "Here is invoice INV-000007 from Example GmbH.\n\n"
        "Please pay €30.00 by December 3, 2026.\n\n"
        "Invoice: INV-000007\nTotal: €30.00\nAmount due: €30.00\nDue: December 3, 2026\n\n"
        "Example GmbH\n"
    )


def test_a_receipt_asks_for_nothing():
    written = letter(About("receipt", PAID, recipient="Jane"))

    assert written.subject == "Receipt for invoice INV-000007 from Example GmbH"
    assert "Thank you. Invoice INV-000007 is paid." in written.text
    assert "Paid: €30.00" in written.text
    assert "due" not in written.text.lower()


def test_a_failure_says_when_it_is_tried_again_if_it_is():
    failure = About("failure", OPEN, recipient="Jane")

    assert "try again" not in letter(failure).text
    assert "We will try again on December 10, 2026." in letter(replace(failure, again=date(2026, 12, 10))).text


@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "¥1,234,567"), ("KWD", "KWD\u00a01,234.567"), ("EUR", "€12,345.67")]
)
def test_a_payments_amount_has_the_decimals_of_its_currency(currency, amount):
    written = letter(About("payment", replace(RECEIVED, amount_minor=1_234_567, currency=currency), recipient="Jane"))

    assert f"You have paid {amount} to Example GmbH." in written.text
    assert f"Paid: {amount}\n" in written.text
    assert amount in Outline(written.html).text


@pytest.mark.parametrize(
    "typed", ["株式会社サンプル", "Müller & Söhne", "<b>Cards</b>", "{amount}", "Cards\r\nTotal: €0.00", "\u202eevil"]
)
def test_what_a_payment_is_for_stays_text(typed):
    described = replace(RECEIVED, business=typed, description=typed)

    written = letter(About("payment", described, recipient=typed))

    shown = " ".join(typed.replace("\u202e", "").split())
    outline = Outline(written.html)
    assert outline.tags == Outline(letter(About("payment", RECEIVED, recipient="Jane")).html).tags
    assert f"Description: {shown}\n" in written.text
    assert shown in outline.text
    assert written.subject == f"Receipt for your payment to {shown}"


def test_what_is_not_known_of_a_payment_is_not_said():
    bare = replace(RECEIVED, brand=None, last4=None, description=None)

    written = letter(About("payment", bare, recipient="Jane"))

    assert "Paid with: Card\n" in written.text
    assert "Description" not in written.text


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("is_test", "This is a test: nothing is to be paid, and nothing was."),
        ("has_attachment", "The invoice is attached to this mail as a PDF."),
        ("can_be_answered", "If you have questions, just reply to this mail."),
    ],
)
def test_a_sentence_stands_where_it_is_true(field, sentence):
    assert sentence not in letter(SENT).text
    written = letter(replace(SENT, **{field: True}))
    assert sentence in written.text
    assert sentence in Outline(written.html).text


def test_a_test_shows_in_the_subject():
    assert letter(replace(SENT, is_test=True)).subject == "[Test] Invoice INV-000007 from Example GmbH"


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", '"><img src=x>', "a\r\nBcc: x@example.com", "{number} {", "\u202eevil"]
)
def test_what_is_typed_stays_text(typed):
    written = letter(About("invoice", replace(OPEN, merchant=Party(typed)), recipient=typed))

    outline = Outline(written.html)
    assert outline.tags == Outline(letter(SENT).html).tags
    assert "\n" not in written.subject
    assert "\u202e" not in written.html + written.text + written.subject
    assert " ".join(typed.replace("\u202e", "").split()) in outline.text


def test_names_from_right_to_left_leave_the_sentence_as_it_is():
    hebrew = replace(OPEN, merchant=Party("דוגמה בע״מ"))

    written = letter(About("invoice", hebrew, recipient="יעל"))

    assert written.subject == "Invoice INV-000007 from \u2068דוגמה בע״מ\u2069"
    assert written.text.startswith("Hello \u2068יעל\u2069,\n")


@pytest.mark.parametrize(("locale", "amount"), [("en-GB", "€30.00"), ("de-DE", "€30.00"), ("ar-EG", "€30.00")])
def test_a_sentence_is_of_one_language(locale, amount):
    written = letter(replace(SENT, shown=replace(OPEN, locale=locale)))

    assert f"Please pay {amount} by " in written.text
    assert written.language == "en"
    assert '<html lang="en" dir="ltr">' in written.html


def test_the_page_can_be_read_aloud():
    page = letter(replace(SENT, has_attachment=True)).html

    outline = Outline(page)
    assert outline.tags.count("h1") == outline.tags.count("title") == outline.tags.count("main") == 1
    assert page.count('<th scope="row"') == page.count("<td") == 4


@pytest.mark.parametrize("words", BY_LANGUAGE.values(), ids=BY_LANGUAGE)
def test_a_language_has_words_for_every_kind(words):
    assert set(words.kinds) == {"invoice", "receipt", "failure", "payment"}
    assert "{subject}" in words.test_subject
    assert "{name}" in words.greeting
