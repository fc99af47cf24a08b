"""Invoices as they are sent: to Germany with every part, to Saudi Arabia over pages, to Japan in yen, and a draft."""

from datetime import date
from decimal import Decimal

from billing.documents import InvoiceDocument, InvoiceLine, Party, TaxRow

MERCHANT = Party(
    name="Northwind Cloud Ltd",
    address=("1 Canal Street", "London E1 6AN", "United Kingdom"),
    country="GB",
    tax_id="GB123456789",
    email="billing@northwind.example",
    phone="+44 20 7946 0018",
)

REVERSE_CHARGE = InvoiceDocument(
    number="INV-2026-00042",
    status="partially_paid",
    currency="EUR",
    locale="de-DE",
    merchant=MERCHANT,
    bill_to=Party(
        name="Müller & Söhne GmbH",
        address=("Buchhaltung", "Große Elbstraße 145a", "22767 Hamburg", "Deutschland"),
        country="DE",
        tax_id="DE136695976",
        email="rechnung@mueller.example",
    ),
    ship_to=Party(name="Müller & Söhne GmbH, Lager", address=("Kaistraße 9", "20457 Hamburg"), country="DE"),
    issued=date(2026, 11, 3),
    due=date(2026, 12, 3),
    lines=(
        InvoiceLine(
            "Team plan, 25 seats",
            Decimal(25),
            1900,
            47500,
            tax="0 %",
            period=(date(2026, 11, 1), date(2026, 11, 30)),
        ),
        InvoiceLine("Onboarding\nTwo days on site, travel included", Decimal("1.5"), 96000, 144000, tax="0 %"),
        InvoiceLine("Printed handbook „Erste Schritte“", Decimal(10), 1250, 12500, tax="7 %"),
    ),
    subtotal_minor=204000,
    discount_minor=20400,
    taxes=(
        TaxRow(
            "VAT",
            172350,
            0,
            Decimal(0),
            "Reverse charge: VAT is to be paid by the recipient (Art. 196 of Directive 2006/112/EC).",
        ),
        TaxRow("USt.", 11250, 788, Decimal(7)),
    ),
    tax_minor=788,
    total_minor=184388,
    paid_minor=50000,
    due_minor=134388,
    memo="Vielen Dank für Ihren Auftrag.\nBestellnummer 4500-118.",
    footer="Northwind Cloud Ltd · Registered in England 01234567 · IBAN GB29 NWBK 6016 1331 9268 19 · BIC NWBKGB2L",
)

IN_ARABIC_OVER_PAGES = InvoiceDocument(
    number="INV-2026-00043",
    status="overdue",
    currency="BHD",
    locale="ar-BH",
    merchant=MERCHANT,
    bill_to=Party(
        name="شركة محمد القحطاني (Gulf) ش.م.م",
        address=("طريق الملك فهد 12", "المنامة", "البحرين"),
        country="BH",
        phone="+973 1700 0000",
    ),
    issued=date(2026, 9, 1),
    due=date(2026, 9, 15),
    lines=tuple(
        InvoiceLine(f"استضافة الخادم {each} – Server {each} (eu-central-1)", Decimal(each), 12500, 12500 * each)
        for each in range(1, 61)
    ),
    subtotal_minor=22_875_000,
    taxes=(TaxRow("VAT", 22_875_000, 2_287_500, Decimal(10)),),
    tax_minor=2_287_500,
    total_minor=25_162_500,
    due_minor=25_162_500,
)

IN_JAPANESE = InvoiceDocument(
    number="INV-2026-00044",
    status="paid",
    currency="JPY",
    locale="ja-JP",
    merchant=MERCHANT,
    bill_to=Party(
        name="株式会社山田製作所 経理部 直樹 様",
        address=("〒100-0005", "東京都千代田区丸の内一丁目9番2号", "グラントウキョウサウスタワー 24階"),
        country="JP",
    ),
    issued=date(2026, 10, 1),
    due=date(2026, 10, 31),
    paid=date(2026, 10, 12),
    lines=(
        InvoiceLine(
            "スタンダードプラン（月額）", Decimal(3), 12000, 36000, "10%", (date(2026, 10, 1), date(2026, 10, 31))
        ),
        InvoiceLine("초기 설정 지원 / 初始设置", Decimal(1), 50000, 50000, tax="10%"),
    ),
    subtotal_minor=86000,
    taxes=(TaxRow("消費税", 86000, 8600, Decimal(10)),),
    tax_minor=8600,
    total_minor=94600,
    paid_minor=94600,
    due_minor=0,
    memo="毎度ありがとうございます。",
)

DRAFT = InvoiceDocument(
    number=None,
    status="draft",
    currency="USD",
    merchant=MERCHANT,
    bill_to=Party(name="Jane Doe", address=("123 Main St", "San Francisco, CA 94102"), country="US"),
    lines=(InvoiceLine("Consulting", Decimal("0.25"), 40000, 10000),),
    subtotal_minor=10000,
    total_minor=10000,
    due_minor=10000,
)

SAMPLES = {"reverse-charge": REVERSE_CHARGE, "arabic": IN_ARABIC_OVER_PAGES, "japanese": IN_JAPANESE, "draft": DRAFT}
