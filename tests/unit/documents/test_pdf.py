"""The PDF of an invoice, read back."""

import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from billing.documents import InvoiceDocument, InvoiceLine, Party, TaxRow, pdf, render
from billing.documents.invoice import InvoiceStatus
from tests.unit.documents.samples import DRAFT, IN_ARABIC_OVER_PAGES, IN_JAPANESE, REVERSE_CHARGE, SAMPLES

NAMES = {
    "Arabic": "شركة محمد القحطاني (Gulf) ش.م.م",
    "Persian": "پژمان گلچین",
    "Urdu": "ڈاکٹر ٹیپو ہاشمی",
    "Hebrew": "דוד בן־גוריון בע״מ",
    "Japanese": "株式会社髙﨑 渡邉サイトウ",
    "Simplified Chinese": "张伟 北京科技有限公司",
    "Traditional Chinese": "陳建國 臺灣股份有限公司",
    "Korean": "김민준 주식회사 뷁",
    "Greek": "Αλέξανδρος Παπαδόπουλος Ώ",
    "Cyrillic": "Юлія Ґалаґан Ђорђе",
    "Vietnamese": "Nguyễn Thị Phượng",
    "Turkish": "İbrahim Şığıroğlu",
    "Polish": "Żółć Łukasz",
    "Devanagari": "श्री लक्ष्मी कृष्णमूर्ति",
    "Bengali": "শ্রীমতী ঘোষ",
    "Tamil": "தமிழ்ச்செல்வன்",
    "Telugu": "వెంకటేశ్వరరావు",
    "Kannada": "ಕೃಷ್ಣಮೂರ್ತಿ",
    "Malayalam": "ശ്രീകുമാർ",
    "Gujarati": "જ્ઞાનેશ્વર",
    "Punjabi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "Odia": "ଶ୍ରୀକାନ୍ତ",
    "Sinhala": "ශ්‍රී ලංකා",
    "Thai": "สมชาย ผู้ยิ่งใหญ่",
    "Lao": "ສົມສັກ",
    "Khmer": "សុខ ស្រីមុំ",
    "Burmese": "အောင်ဆန်းစုကြည်",
    "Georgian": "ნინო ჯავახიშვილი",
    "Armenian": "Արմեն Հակոբյան",
    "Amharic": "አበበ ቢቂላ",
    "all in one line": "Ünï محمد 山田 김 Юрий Ελλάδα שלום नमस्ते ไทย & Co. 😀",
}
UNKNOWN_TO_EVERY_FONT = "\N{CUNEIFORM SIGN A}"


def read(document: InvoiceDocument) -> PdfReader:
    return PdfReader(io.BytesIO(render(document)))


def text_of(document: InvoiceDocument) -> str:
    """All the text of the document, its spaces made alike."""
    return " ".join(" ".join(page.extract_text() for page in read(document).pages).split())


def billed_to(name: str, **also: str) -> InvoiceDocument:
    return replace(REVERSE_CHARGE, bill_to=Party(name, **also), ship_to=None)


def fonts_of(document: InvoiceDocument) -> set[str]:
    fonts = [font.get_object() for page in read(document).pages for font in page["/Resources"]["/Font"].values()]
    return {re.sub(r"^/[A-Z]{6}\+|-\w+$", "", font["/BaseFont"]) for font in fonts}


def is_archival(document: InvoiceDocument) -> bool:
    """Whether the file says so; the typesetter refuses to write that into one with a character no font has."""
    return b"<pdfaid:part>3</pdfaid:part>" in render(document)


class TestWhatStandsOnThePage:
    @pytest.mark.parametrize(
        "expected",
        [
            *("Rechnung", "INV-2026-00042", "Teilweise bezahlt", "3. November 2026", "3. Dezember 2026"),
            *("Northwind Cloud Ltd", "London E1 6AN", "GB123456789", "+44 20 7946 0018", "billing@northwind.example"),
            *("Müller & Söhne GmbH", "Große Elbstraße 145a", "DE136695976", "Lieferung an", "Kaistraße 9"),
            *(
                "Team plan, 25 seats",
                "01.11.2026 – 30.11.2026",
                "25 19,00 € 0 % 475,00 €",
                "1,5 960,00 € 0 % 1.440,00 €",
            ),
            *("Zwischensumme 2.040,00 €", "Rabatt -204,00 €", "VAT 0 % auf 1.723,50 € 0,00 €", "Art. 196 of Directive"),
            *("USt. 7 % auf 112,50 € 7,88 €", "Steuer gesamt 7,88 €", "Gesamtbetrag (EUR) 1.843,88 €"),
            *("Bezahlt -500,00 €", "Offener Betrag (EUR) 1.343,88 €", "Bestellnummer 4500-118.", "BIC NWBKGB2L"),
            "Seite 1 von 1",
        ],
    )
    def test_everything_is_said(self, expected):
        assert expected in text_of(REVERSE_CHARGE)

    def test_currencies_without_decimals_have_none(self):
        text = text_of(IN_JAPANESE)

        assert "Total (JPY) ￥94,600" in text
        assert "Amount due (JPY) ￥0" in text
        assert "2026年10月12日" in text

    def test_what_is_absent_takes_no_room(self):
        text = text_of(DRAFT)

        for label in ("Tax", "Discount", "Ship to", "Date", "Paid"):
            assert label not in text.replace("Tax ID", "")

    def test_one_tax_is_not_summed_up_again(self):
        assert "Total tax" not in text_of(IN_JAPANESE)

    def test_a_tax_without_rows_is_still_a_line(self):
        assert "Tax $19.00" in text_of(replace(DRAFT, tax_minor=1900))

    @pytest.mark.parametrize(("status", "across"), [("draft", "DRAFT"), ("voided", "VOID")])
    def test_what_is_no_bill_says_so_across_the_page(self, status: InvoiceStatus, across):
        assert across in text_of(replace(DRAFT, status=status))

    def test_an_open_invoice_has_nothing_across_the_page(self):
        text = text_of(replace(IN_JAPANESE, status="open"))

        assert "Open" in text
        assert "OPEN" not in text

    def test_text_is_never_read_as_markup(self):
        name = '#read("/etc/passwd") *b* _i_ $x^2$ <a> @b // c /* d */ \\n {{page}} #sys.inputs'

        assert name in text_of(billed_to(name))

    def test_a_line_break_in_a_name_cannot_forge_a_line(self):
        assert "Ada Total (EUR) 0,00 €" in text_of(billed_to("Ada\nTotal (EUR)\r\n0,00 €"))


class TestPages:
    def test_one_page_is_enough_for_a_few_lines(self):
        assert [len(read(each).pages) for each in (REVERSE_CHARGE, IN_JAPANESE, DRAFT)] == [1, 1, 1]

    def test_lines_flow_on_under_a_repeated_header(self):
        pages = [page.extract_text() for page in read(IN_ARABIC_OVER_PAGES).pages]

        assert len(pages) == 3
        assert all("Description Qty Unit price Amount" in page for page in pages[:2])
        assert [f"Page {number} of 3" in page for number, page in enumerate(pages, 1)] == [True] * 3
        assert ["Invoice INV-2026-00043" in page for page in pages] == [False, True, True]

    def test_no_line_is_lost_or_moved(self):
        text = text_of(IN_ARABIC_OVER_PAGES)

        places = [text.index(f"Server {number} (") for number in range(1, 61)]
        assert all(before < after for before, after in pairwise(places))

    def test_the_totals_stay_together(self):
        for count in range(20, 32):
            document = replace(IN_ARABIC_OVER_PAGES, lines=IN_ARABIC_OVER_PAGES.lines[:count])
            pages = [page.extract_text() for page in read(document).pages]

            (totals,) = [page for page in pages if "Subtotal" in page]
            assert "Amount due (BHD)" in totals

    def test_a_thousand_lines_fit_into_an_answer_of_lambda(self):
        lines = IN_ARABIC_OVER_PAGES.lines * 17

        assert len(render(replace(IN_ARABIC_OVER_PAGES, lines=lines))) * 4 / 3 < 6_000_000

    @pytest.mark.parametrize(
        ("country", "locale", "size"),
        [("US", "de", (612, 792)), ("DE", "en-US", (595, 841)), (None, "es-MX", (612, 792)), (None, "en", (595, 841))],
    )
    def test_the_paper_is_that_of_who_prints_it(self, country, locale, size):
        document = replace(DRAFT, bill_to=Party("Jane", country=country), locale=locale)

        assert tuple(map(int, read(document).pages[0].mediabox[2:])) == size


class TestScripts:
    @pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
    def test_a_name_has_all_its_characters(self, name):
        assert is_archival(billed_to(name))

    @pytest.mark.parametrize("name", SAMPLES.keys() - {"draft"})
    def test_an_issued_invoice_is_archival(self, name):
        assert is_archival(SAMPLES[name])

    def test_a_character_that_no_font_has_is_drawn_as_a_box(self):
        document = billed_to(f"Gilgamesh {UNKNOWN_TO_EVERY_FONT}")

        assert "Gilgamesh" in text_of(document)
        assert not is_archival(document)

    @pytest.mark.parametrize(
        ("name", "rtl"),
        [(NAMES["Arabic"], True), (NAMES["Hebrew"], True), ("Gulf محمد", False), ("12 محمد", True), ("+49 30", False)],
    )
    def test_a_line_runs_from_the_side_of_its_first_letter(self, name, rtl):
        assert pdf._said(name)["rtl"] is rtl

    @pytest.mark.parametrize(
        ("country", "locale", "font"),
        [
            ("JP", "en", "NotoSansCJKjp"),
            ("KR", "en", "NotoSansCJKkr"),
            ("CN", "en", "NotoSansCJKsc"),
            ("TW", "en", "NotoSansCJKtc"),
            ("HK", "en", "NotoSansCJKhk"),
            (None, "ja", "NotoSansCJKjp"),
            (None, "zh-Hant", "NotoSansCJKtc"),
            (None, "zh-Hant-TW", "NotoSansCJKtc"),
            (None, "zh-Hans-CN", "NotoSansCJKsc"),
            ("JP", "zh-CN", "NotoSansCJKjp"),
        ],
    )
    def test_han_characters_have_the_form_of_their_reader(self, country, locale, font):
        document = replace(DRAFT, bill_to=Party("直樹", country=country), locale=locale)

        assert font in fonts_of(document)

    def test_only_the_fonts_of_the_layer_are_used(self):
        assert all(font.startswith("NotoSans") for each in SAMPLES.values() for font in fonts_of(each))

    @pytest.mark.parametrize("word", ["x" * 500, "Donaudampfschifffahrt" * 9, "https://example.org/" + "a" * 300])
    def test_a_word_that_never_ends_is_broken(self, word):
        said = pdf._said(word)["text"]

        assert max(map(len, said.split("\N{ZERO WIDTH SPACE}"))) <= 12
        assert said.replace("\N{ZERO WIDTH SPACE}", "") == word

    def test_an_address_of_usual_length_is_not_broken(self):
        assert pdf._said("accounts.payable@mueller-soehne.example")["text"] == "accounts.payable@mueller-soehne.example"


class TestFile:
    @pytest.mark.parametrize("document", SAMPLES.values(), ids=SAMPLES)
    def test_it_is_tagged_and_titled_for_who_hears_it(self, document):
        reader = read(document)

        assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert reader.trailer["/Root"]["/Lang"] == ("de" if document is REVERSE_CHARGE else "en")
        assert document.merchant.name in reader.metadata.title
        assert (document.number or "Draft") in reader.metadata.title

    def test_its_date_is_that_of_the_invoice(self):
        assert read(REVERSE_CHARGE).metadata.creation_date.date() == date(2026, 11, 3)
        assert read(DRAFT).metadata.creation_date is None

    @pytest.mark.parametrize("seed", ["1", "2"])
    def test_the_same_invoice_is_the_same_bytes_in_another_process(self, seed):
        code = (
            "import sys; from billing.documents import render; from tests.unit.documents.samples import SAMPLES\n"
            "sys.stdout.buffer.write(render(SAMPLES['japanese']))"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            check=True,
        )

        assert ran.stdout == render(IN_JAPANESE)

    def test_another_invoice_is_other_bytes(self):
        assert render(IN_JAPANESE) != render(replace(IN_JAPANESE, due_minor=1))


def test_whoever_does_not_draw_does_not_load_what_draws():
    code = "import sys, billing.documents; print(*{'typst', 'babel', 'manimgx_fonts'} & set(sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


anything = st.text(st.characters(exclude_categories=()), max_size=80)
amounts = st.integers(-(10**15), 10**15)
days = st.dates()
parties = st.builds(
    Party,
    name=anything,
    address=st.lists(anything, max_size=3).map(tuple),
    country=st.none() | anything,
    tax_id=st.none() | anything,
)
invoices = st.builds(
    InvoiceDocument,
    number=st.none() | anything,
    status=st.sampled_from(["draft", "open", "sent", "partially_paid", "paid", "overdue", "voided"]),
    currency=st.sampled_from(["EUR", "JPY", "BHD", "CLF", "SAR"]),
    merchant=parties,
    bill_to=parties,
    ship_to=st.none() | parties,
    lines=st.lists(
        st.builds(
            InvoiceLine,
            anything,
            st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**9, places=6),
            amounts,
            amounts,
            st.none() | anything,
            st.none() | st.tuples(days, days),
        ),
        max_size=3,
    ).map(tuple),
    subtotal_minor=amounts,
    total_minor=amounts,
    due_minor=amounts,
    taxes=st.lists(
        st.builds(TaxRow, anything, amounts, amounts, st.just(Decimal("8.875")) | st.none(), st.none() | anything),
        max_size=2,
    ).map(tuple),
    issued=st.none() | days,
    locale=st.sampled_from(["en", "de-CH", "ar-SA", "he", "ja", "th"]) | anything,
    memo=st.none() | anything,
    footer=st.none() | anything,
)


@settings(max_examples=60, deadline=None)
@given(invoices)
def test_whatever_is_written_on_it_an_invoice_can_be_drawn(document):
    assert len(PdfReader(io.BytesIO(render(document))).pages) >= 1
