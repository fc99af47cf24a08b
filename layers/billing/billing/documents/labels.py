"""The words that are printed on a document, by language."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from billing.documents.invoice import InvoiceStatus


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of an invoice in one language; in braces stands what is put in."""

    invoice: str
    draft: str
    issued: str
    due: str
    paid_on: str
    bill_to: str
    ship_to: str
    tax_id: str
    description: str
    quantity: str
    unit_price: str
    tax: str
    amount: str
    subtotal: str
    discount: str
    tax_on: str
    total_tax: str
    total: str
    paid: str
    amount_due: str
    page: str
    statuses: Mapping[InvoiceStatus, str]


ENGLISH = Labels(
    invoice="Invoice",
    draft="Draft",
    issued="Date of issue",
    due="Date due",
    paid_on="Date paid",
    bill_to="Bill to",
    ship_to="Ship to",
    tax_id="Tax ID",
    description="Description",
    quantity="Qty",
    unit_price="Unit price",
    tax="Tax",
    amount="Amount",
    subtotal="Subtotal",
    discount="Discount",
    tax_on="{tax} on {base}",
    total_tax="Total tax",
    total="Total",
    paid="Paid",
    amount_due="Amount due",
    page="Page {page} of {pages}",
    statuses={
        "draft": "Draft",
        "open": "Open",
        "sent": "Open",
        "partially_paid": "Partially paid",
        "paid": "Paid",
        "overdue": "Overdue",
        "voided": "Void",
    },
)
GERMAN = Labels(
    invoice="Rechnung",
    draft="Entwurf",
    issued="Rechnungsdatum",
    due="Fällig am",
    paid_on="Bezahlt am",
    bill_to="Rechnung an",
    ship_to="Lieferung an",
    tax_id="USt-IdNr./St.-Nr.",
    description="Beschreibung",
    quantity="Menge",
    unit_price="Einzelpreis",
    tax="Steuer",
    amount="Betrag",
    subtotal="Zwischensumme",
    discount="Rabatt",
    tax_on="{tax} auf {base}",
    total_tax="Steuer gesamt",
    total="Gesamtbetrag",
    paid="Bezahlt",
    amount_due="Offener Betrag",
    page="Seite {page} von {pages}",
    statuses={
        "draft": "Entwurf",
        "open": "Offen",
        "sent": "Offen",
        "partially_paid": "Teilweise bezahlt",
        "paid": "Bezahlt",
        "overdue": "Überfällig",
        "voided": "Storniert",
    },
)
FRENCH = Labels(
    invoice="Facture",
    draft="Brouillon",
    issued="Date d'émission",
    due="Date d'échéance",
    paid_on="Date de paiement",
    bill_to="Facturé à",
    ship_to="Livré à",
    tax_id="N° TVA/fiscal",
    description="Description",
    quantity="Qté",
    unit_price="Prix unitaire",
    tax="Taxe",
    amount="Montant",
    subtotal="Sous-total",
    discount="Remise",
    tax_on="{tax} sur {base}",
    total_tax="Total des taxes",
    total="Total",
    paid="Payé",
    amount_due="Montant dû",
    page="Page {page} sur {pages}",
    statuses={
        "draft": "Brouillon",
        "open": "À payer",
        "sent": "À payer",
        "partially_paid": "Payée en partie",
        "paid": "Payée",
        "overdue": "En retard",
        "voided": "Annulée",
    },
)
SPANISH = Labels(
    invoice="Factura",
    draft="Borrador",
    issued="Fecha de emisión",
    due="Fecha de vencimiento",
    paid_on="Fecha de pago",
    bill_to="Facturar a",
    ship_to="Enviar a",
    tax_id="NIF/IVA",
    description="Descripción",
    quantity="Cant.",
    unit_price="Precio unitario",
    tax="Impuesto",
    amount="Importe",
    subtotal="Subtotal",
    discount="Descuento",
    tax_on="{tax} sobre {base}",
    total_tax="Total de impuestos",
    total="Total",
    paid="Pagado",
    amount_due="Importe pendiente",
    page="Página {page} de {pages}",
    statuses={
        "draft": "Borrador",
        "open": "Pendiente",
        "sent": "Pendiente",
        "partially_paid": "Pagada en parte",
        "paid": "Pagada",
        "overdue": "Vencida",
        "voided": "Anulada",
    },
)
BY_LANGUAGE = MappingProxyType({"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH})


def language_of(locale: str) -> str:
    """Return the language of the labels for a BCP 47 tag: its own if we have it, else English."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in BY_LANGUAGE else "en"
