"""Billing settings as the API takes and answers them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from billing.billing_settings.record import FinalAction, Settings
from billing.customers.models import Address, AddressInput
from billing.text import Currency, Email, Line, Notes, Phone, TimeZone, Trimmed, Word
from billing.wire import Body, Resource

MOST_RETRIES = 8

type RetryDays = Annotated[
    list[Annotated[int, Field(strict=True, ge=1, le=30)]],
    Field(max_length=MOST_RETRIES),
]


class DunningChanges(Body):
    """How a payment that failed is tried again: what is left out stays, null resets to the default."""

    retry_days: RetryDays | None = Field(
        None, description="Days from one failed attempt to the next; none means that nothing is tried again."
    )
    final_action: FinalAction | None = Field(
        None, description="What becomes of the subscription when the last attempt has failed."
    )


class BillingSettingsChanges(Body):
    """Changes to the billing settings: what is left out stays, null resets to the default."""

    business_name: Annotated[Line | None, Trimmed] = Field(None, description="Who invoices are from.")
    support_email: Annotated[Email | None, Trimmed] = None
    support_phone: Annotated[Phone | None, Trimmed] = Field(None, description="As typed; E.164 recommended.")
    address: AddressInput | None = Field(
        None, description="The merchant's own, merged by part; its country decides on reverse charge."
    )
    tax_id: Annotated[Word | None, Trimmed] = Field(None, description="The merchant's own VAT number, EIN, …")
    time_zone: Annotated[TimeZone | None, Trimmed] = Field(None, description="IANA name. By default UTC.")
    default_currency: Annotated[Currency | None, Trimmed] = Field(None, description="ISO 4217. By default USD.")
    invoice_footer: Annotated[Annotated[Notes, Field(max_length=1000)] | None, Trimmed] = Field(
        None, description="Stands at the end of every invoice."
    )
    days_until_due: Annotated[int, Field(strict=True, ge=0, le=365)] | None = Field(
        None, description="Days from an invoice to its due date. By default 30."
    )
    dunning: DunningChanges | None = Field(None, description="Merged; null resets all of it.")
    trial_reminder_days: Annotated[int, Field(strict=True, ge=0, le=30)] | None = Field(
        None, description="Days before a trial ends when its customer is reminded. By default 3."
    )


class DunningSettings(Resource):
    """How a payment that failed is tried again."""

    retry_days: list[int] = Field(description="Days from one failed attempt to the next.")
    final_action: FinalAction


class BillingSettings(Resource):
    """The billing settings of a merchant, always with all that holds. Texts that are not set are left out."""

    object: Literal["billing_settings"] = "billing_settings"
    business_name: str | None = None
    support_email: str | None = None
    support_phone: str | None = None
    address: Address | None = None
    tax_id: str | None = None
    time_zone: str
    default_currency: str
    invoice_footer: str | None = None
    days_until_due: int
    dunning: DunningSettings
    trial_reminder_days: int
    updated_at: str | None = Field(None, description="When they were changed last, if they ever were.")
    version: int = Field(exclude=True)

    @property
    def etag(self) -> str:
        """The entity tag of this version; before the first change it is `"0"`."""
        return f'"{self.version}"'

    @classmethod
    def of(cls, settings: Settings) -> "BillingSettings":
        """Return the answer for what holds."""
        values: dict[str, Any] = {
            name: getattr(settings, name) for name in cls.model_fields if name not in {"object", "address", "dunning"}
        }
        parts: dict[str, Any] = dict(settings.address)
        return cls.model_construct(
            None,
            **values,
            address=Address.model_construct(None, **parts) if parts else None,
            dunning=DunningSettings(
                retry_days=list(settings.dunning.retry_days), final_action=settings.dunning.final_action
            ),
        )
