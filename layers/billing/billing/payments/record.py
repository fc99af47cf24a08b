"""A payment as it is kept, and its conversions.

One record is seen under three names: the contract's charge (`ch_…`) and payment intent (`pi_…`) are a payment (`pay_…`)
that a gateway makes, with the same digits. A payment that somebody has recorded by hand (cash, a check) is neither.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from billing.gateway import Kind, Stored, Wish
from billing.payments.models import (
    CancellationReason,
    Charge,
    Dispute,
    IntentError,
    IntentErrorMethod,
    Payment,
    PaymentIntent,
    PaymentSummary,
    Refund,
)
from billing.payments.states import SHOWN, State, recorded
from billing.table import Item, Key, Keys, Transaction, facets, to_json
from billing.table.facets import Faceted, every_facet
from billing.tenancy import Tenant
from billing.times import unix_seconds

KIND = "payment"

type Status = Literal["unconfirmed", "processing", "pending", "authorized", "captured", "failed", "voided"]
"""`unconfirmed` is a payment intent that no gateway was asked for; `processing` is asked and not answered; `pending` is
taken on by the gateway, which will say what becomes of it."""

type RefundStatus = Literal["pending", "succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class RefundEntry:
    """One refund of a payment; what is pending counts as given back already."""

    id: str
    amount_minor: int
    status: RefundStatus
    created_at: str
    reason: str | None = None
    gateway_reference: str | None = None


@dataclass(frozen=True, slots=True)
class DisputeEntry:
    """What the payer's bank says against a payment."""

    id: str
    amount_minor: int
    status: str
    created_at: str
    reason: str | None = None
    closed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment failed: the gateway's code, the issuer's reason, and what a payer may be told."""

    code: str
    message: str
    decline_code: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The stored truth of one payment.

    `is_intent` says that it was begun as a payment intent, which can be confirmed again after a failure, unless the
    money was there and the payer's bank has `returned` it. `captured_minor` is what was taken. `automatic` says that
    nobody was there who asked for it. `work` is the key of what the gateway is being asked about it, one thing at a
    time. `external` is how it was paid where no gateway was asked: method, reference, notes, the moment.
    """

    tenant: Tenant
    id: str
    version: int
    sequence: int
    status: Status
    customer_id: str
    amount_minor: int
    currency: str
    created_at: str
    updated_at: str
    invoice_id: str | None = None
    order_id: str | None = None
    subscription_id: str | None = None
    payment_method_id: str | None = None
    payment_method_type: str | None = None
    gateway: str | None = None
    stored: Stored | None = None
    is_intent: bool = False
    capture: bool = True
    off_session: bool = True
    automatic: bool = False
    captured_minor: int = 0
    gateway_transaction_id: str | None = None
    next_action: Mapping[str, Any] | None = None
    failure: Failure | None = None
    returned: bool = False
    cancellation_reason: CancellationReason | None = None
    refunds: Sequence[RefundEntry] = ()
    dispute: DisputeEntry | None = None
    description: str | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    return_url: str | None = None
    receipt_email: str | None = None
    external: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    work: str | None = None
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def refunded_minor(self) -> int:
        """What was given back, or is about to be."""
        return sum(each.amount_minor for each in self.refunds if each.status != "failed")

    @property
    def refundable_minor(self) -> int:
        """What can still be given back."""
        return self.captured_minor - self.refunded_minor

    @property
    def can_be_let_go(self) -> bool:
        """Whether the gateway holds something that was not taken: money, or the door open for the payer."""
        return self.status == "authorized" or self.state == "awaiting_payer"

    @property
    def wish(self) -> Wish:
        """The charge as the gateway is asked for it.

        Raises:
            ValueError: no gateway has anything to do with it.
        """
        if self.stored is None:
            raise ValueError(self.id)
        kind: Kind = "us_bank_account" if self.payment_method_type == "us_bank_account" else "card"
        return Wish(
            payment_id=self.id,
            stored=self.stored,
            kind=kind,
            amount_minor=self.amount_minor,
            currency=self.currency,
            description=self.description,
            statement_descriptor=self.statement_descriptor_suffix or self.statement_descriptor,
            capture=self.capture,
            off_session=self.off_session,
            return_url=self.return_url,
        )

    @property
    def state(self) -> State:
        """Its state as finely as any of its views tells it."""
        match self.status:
            case "unconfirmed" if self.payment_method_id is None:
                return "without_method"
            case "pending":
                return "awaiting_payer" if self.next_action else "settling"
            case "captured" if self.refunded_minor == 0:
                return "succeeded"
            case "captured":
                return "partially_refunded" if self.refundable_minor else "refunded"
            case other:
                return other

    @property
    def faceted(self) -> Faceted:
        """By what it is found in lists: five rows, or three if no gateway was asked.

        Its views call its states differently and a row for each view's word would make that nine, so a row has the
        finest state and a list reads several (`states.py`). By its customer alone it is found as a payment and as a
        charge, because there is no state that all charges share.
        """
        state = self.state if self.gateway else recorded(self.state)
        found_by = every_facet(customer=self.customer_id, status=state)
        if self.gateway:
            found_by |= every_facet(charge="yes", customer=self.customer_id)
        return Faceted(self.tenant, KIND, self.id, self.sequence, found_by, unix_seconds(self.created_at))

    def to_item(self) -> Item:
        """Return the item."""
        keys = Keys(self.tenant)
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {
            **keys.entity(KIND, self.id),
            "entity": KIND,
            "merchant_id": self.tenant.merchant_id,
            "livemode": self.tenant.livemode,
            "list": keys.listing(KIND),
            "stored_reference": self.stored.reference if self.stored else None,
            "stored_owner": self.stored.owner if self.stored else None,
            "next_action": to_json(self.next_action),
            "failure": asdict(self.failure) if self.failure else None,
            "refunds": [asdict(each) for each in self.refunds] or None,
            "dispute": asdict(self.dispute) if self.dispute else None,
            "external": dict(self.external) or None,
            "metadata": to_json(self.metadata),
            **{name: getattr(self, name) or None for name in _SELDOM},
            **plain,
        }

    @classmethod
    def from_item(cls, item: Item) -> "Record":
        """Return the record that `to_item` wrote."""
        reference = item.get("stored_reference")
        return cls(
            tenant=Tenant(item["merchant_id"], item["livemode"]),
            stored=Stored(reference, item.get("stored_owner")) if reference else None,
            next_action=json.loads(item["next_action"]) if "next_action" in item else None,
            failure=Failure(**item["failure"]) if "failure" in item else None,
            refunds=tuple(RefundEntry(**each) for each in item.get("refunds", ())),
            dispute=DisputeEntry(**item["dispute"]) if "dispute" in item else None,
            external=item.get("external", {}),
            metadata=json.loads(item.get("metadata", "{}")),
            **{name: item[name] for name in (*_PLAIN, *_SELDOM) if name in item},
        )

    def to_payment(self) -> Payment:
        """Return the payment as the API answers it."""
        refunded = self.refunded_minor
        values: dict[str, Any] = {
            "id": self.id,
            "charge_id": charge_id(self.id) if self.gateway else None,
            "status": SHOWN[self.state].payment,
            "amount": self.amount_minor,
            "amount_captured_minor": self.captured_minor,
            "amount_refunded_minor": refunded,
            "method": self.external.get("method") or self.payment_method_type or "card",
            "reference": self.external.get("reference"),
            "notes": self.external.get("notes"),
            "paid_at": self.external.get("paid_at"),
            "failure_code": self.failure.code if self.failure else None,
            "decline_code": self.failure.decline_code if self.failure else None,
            "failure_message": self.failure.message if self.failure else None,
            "next_action": dict(self.next_action) if self.next_action else None,
            "refunds": [_refund(self, each) for each in self.refunds],
            "dispute": _dispute(self),
            "metadata": dict(self.metadata),
            **{name: getattr(self, name) for name in _SHOWN_IN_PAYMENT},
        }
        return Payment.model_construct(None, **values)

    def to_charge(self) -> Charge:
        """Return the payment as the contract's charge."""
        captured = self.status == "captured"
        values: dict[str, Any] = {
            "id": charge_id(self.id),
            "payment_id": self.id,
            "merchant_id": self.tenant.merchant_id,
            "status": SHOWN[self.state].charge,
            "amount_captured_minor": self.captured_minor,
            "amount_refunded_minor": self.refunded_minor,
            "description": self.description or "",
            "failure_code": self.failure.decline_code or self.failure.code if self.failure else None,
            "failure_message": self.failure.message if self.failure else None,
            "captured": captured,
            "next_action": dict(self.next_action) if self.next_action else None,
            "refunds": [_refund(self, each) for each in self.refunds],
            "dispute": _dispute(self),
            "metadata": dict(self.metadata) or None,
            **{name: getattr(self, name) for name in _SHOWN_IN_CHARGE},
        }
        return Charge.model_construct(None, **values)

    def to_intent(self) -> PaymentIntent:
        """Return the payment as the contract's payment intent."""
        values: dict[str, Any] = {
            "id": intent_id(self.id),
            "amount": self.amount_minor,
            "amount_capturable": self.amount_minor if self.status == "authorized" else 0,
            "amount_received": self.captured_minor,
            "currency": self.currency,
            "customer": self.customer_id,
            "customer_id": self.customer_id,
            "description": self.description,
            "last_payment_error": self._intent_error(),
            "metadata": dict(self.metadata),
            "next_action": dict(self.next_action) if self.next_action else None,
            "payment_method": self.payment_method_id,
            "receipt_email": self.receipt_email,
            "statement_descriptor": self.statement_descriptor,
            "statement_descriptor_suffix": self.statement_descriptor_suffix,
            "status": SHOWN[self.state].intent,
            "capture_method": "automatic" if self.capture else "manual",
            "client_secret": "",
            # Nothing changes any more once the money was let go.
            "canceled_at": self.updated_at if self.status == "voided" else None,
            "cancellation_reason": self.cancellation_reason,
            "created": unix_seconds(self.created_at),
            "livemode": self.tenant.livemode,
        }
        return PaymentIntent.model_construct(None, **values)

    def to_summary(self) -> PaymentSummary:
        """Return the payment as the list of its customer's shows it."""
        values = {name: getattr(self, name) for name in _SHOWN_IN_SUMMARY}
        return PaymentSummary.model_construct(None, status=SHOWN[self.state].payment, **values)

    def _intent_error(self) -> IntentError | None:
        if self.failure is None:
            return None
        method = None
        if self.payment_method_id and self.payment_method_type:
            method = IntentErrorMethod.model_construct(None, id=self.payment_method_id, type=self.payment_method_type)
        values: dict[str, Any] = {**asdict(self.failure), "payment_method": method}
        return IntentError.model_construct(None, **values)

    def to_refund(self, refund_id: str) -> Refund:
        """Return one of its refunds, as events tell of it."""
        return next(_refund(self, each) for each in self.refunds if each.id == refund_id)

    def to_dispute(self) -> Dispute | None:
        """Return its dispute, as events tell of it."""
        return _dispute(self)


_PLAIN = (
    "id",
    "version",
    "sequence",
    "status",
    "customer_id",
    "amount_minor",
    "currency",
    "created_at",
    "updated_at",
    "invoice_id",
    "order_id",
    "subscription_id",
    "payment_method_id",
    "payment_method_type",
    "gateway",
    "capture",
    "off_session",
    "automatic",
    "captured_minor",
    "gateway_transaction_id",
    "description",
    "statement_descriptor",
    "work",
    "request_id",
    "idempotency_key",
)
"""Fields that are kept as they are."""

_SELDOM = (
    "is_intent",
    "returned",
    "cancellation_reason",
    "statement_descriptor_suffix",
    "return_url",
    "receipt_email",
)
"""Fields that most payments have nothing in, and that are then not kept."""

_SHOWN_IN_PAYMENT = (
    "customer_id",
    "invoice_id",
    "order_id",
    "subscription_id",
    "payment_method_id",
    "payment_method_type",
    "gateway",
    "gateway_transaction_id",
    "amount_minor",
    "currency",
    "description",
    "created_at",
    "updated_at",
)
_SHOWN_IN_CHARGE = (
    "customer_id",
    "invoice_id",
    "order_id",
    "subscription_id",
    "payment_method_id",
    "gateway",
    "gateway_transaction_id",
    "amount_minor",
    "currency",
    "statement_descriptor",
    "created_at",
    "updated_at",
)

_SHOWN_IN_SUMMARY = (
    "id",
    "customer_id",
    "amount_minor",
    "currency",
    "payment_method_type",
    "gateway_transaction_id",
    "created_at",
    "updated_at",
)


def key_of(tenant: Tenant, payment_id: str) -> Key:
    """Return the key of a payment."""
    return Keys(tenant).entity(KIND, payment_id)


def put(transaction: Transaction, before: Record | None, after: Record) -> Transaction:
    """Add a payment's new state to a transaction, with the rows by which it is found; nothing if it is the same."""
    return facets.put(transaction, before, after)


def charge_id(payment_id: str) -> str:
    """Return the id under which a payment is seen as a charge."""
    return f"ch_{payment_id.removeprefix('pay_')}"


def intent_id(payment_id: str) -> str:
    """Return the id under which a payment is seen as a payment intent."""
    return f"pi_{payment_id.removeprefix('pay_')}"


def payment_id_of(other: str) -> str:
    """Return the id of the payment that a charge or a payment intent is."""
    return f"pay_{other.rpartition('_')[2]}"


def _refund(record: Record, entry: RefundEntry) -> Refund:
    values: dict[str, Any] = {
        "id": entry.id,
        "payment_id": record.id,
        "charge_id": charge_id(record.id),
        "customer_id": record.customer_id,
        "invoice_id": record.invoice_id,
        "amount_minor": entry.amount_minor,
        "currency": record.currency,
        "status": entry.status,
        "reason": entry.reason,
        "created_at": entry.created_at,
    }
    return Refund.model_construct(None, **values)


def _dispute(record: Record) -> Dispute | None:
    entry = record.dispute
    if entry is None:
        return None
    values: dict[str, Any] = {
        **asdict(entry),
        "payment_id": record.id,
        "charge_id": charge_id(record.id),
        "customer_id": record.customer_id,
        "currency": record.currency,
    }
    return Dispute.model_construct(None, **values)
