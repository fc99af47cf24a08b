"""Every failure a caller can be told of: one base class, one status, type and code each.

`edge` turns them into the contract's body; nothing else in the code knows what an error looks like on the wire.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class BillingError(Exception):
    """A failure with an answer.

    `param` names the offending field in the caller's own spelling, `details` is sent as it is, and
    `retry_after_seconds` becomes the `Retry-After` header. `about` is the id of the object in whose way something
    stands; the edge knows under which name the request holds it.
    """

    status: ClassVar[int] = 500
    type: ClassVar[str] = "api_error"
    code: ClassVar[str] = "internal_error"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        details: Mapping[str, Any] | None = None,
        retry_after_seconds: int | None = None,
        about: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.details = details
        self.retry_after_seconds = retry_after_seconds
        self.about = about


class MalformedRequest(BillingError):
    """The request cannot be read, or asks for what its state forbids."""

    status = 400
    type = "invalid_request_error"
    code = "invalid_request"


class InvalidFields(BillingError):
    """One or more named fields are wrong; `param` is the first of them, `details.fields` lists all."""

    status = 400
    type = "invalid_request_error"
    code = "validation_error"

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self.fields = fields
        param, reasons = next(iter(fields.items()))
        super().__init__(
            f"{param}: {reasons[0]}",
            param=param,
            details={"fields": {name: list(texts) for name, texts in fields.items()}},
        )


class Unauthenticated(BillingError):
    """The key is missing, unknown or revoked."""

    status = 401
    type = "authentication_error"
    code = "unauthenticated"


class PermissionDenied(BillingError):
    """The key is valid and lacks the scope."""

    status = 403
    type = "permission_error"
    code = "permission_denied"


class NotFound(BillingError):
    """No such object for this caller; whether it exists for another is never told."""

    status = 404
    type = "invalid_request_error"
    code = "resource_missing"

    def __init__(self, resource: str, id: str | None = None) -> None:  # noqa: A002 - the contract's word
        text = f"No such {resource}: {id}" if id else f"No such {resource}"
        super().__init__(text, param="id" if id else None, about=id)


class Conflict(BillingError):
    """Somebody else's write, or the object's state, stands against this one."""

    status = 409
    type = "invalid_request_error"
    code = "conflict"


class EmailTaken(Conflict):
    """Another live customer of the merchant has this e-mail."""

    code = "email_already_exists"

    def __init__(self, customer_id: str) -> None:
        super().__init__(
            "A customer with this email already exists", param="email", details={"customer_id": customer_id}
        )


class IdempotencyConflict(Conflict):
    """The key was used with another body."""

    code = "idempotency_conflict"


class IdempotencyInProgress(Conflict):
    """The request that used the key first is still at work, or asks the gateway what became of it."""

    code = "idempotency_in_progress"

    def __init__(self) -> None:
        super().__init__(
            "The first request with this Idempotency-Key, or another for the same thing, is still running",
            param="Idempotency-Key",
            retry_after_seconds=2,
        )


class PaymentDeclined(BillingError):
    """The gateway has asked and the answer is no. `decline_code` says why; the answer is kept for retries."""

    status = 400
    type = "invalid_request_error"
    code = "card_declined"

    def __init__(self, message: str, decline_code: str, **about: str) -> None:
        super().__init__(message, details={"decline_code": decline_code, **about})


class GatewayNotConnected(BillingError):
    """The merchant has no payment gateway in this mode, or the gateway refuses the credentials on file."""

    status = 422
    type = "invalid_request_error"
    code = "unprocessable_entity"


class NotAttempted(BillingError):
    """The gateway was never asked, and is not asked any more because nobody waits for it."""

    status = 503
    code = "not_attempted"

    def __init__(self) -> None:
        super().__init__("The payment gateway was never asked; nothing was charged")


class PreconditionFailed(BillingError):
    """`If-Match` names another version than the stored one."""

    status = 412
    type = "invalid_request_error"
    code = "precondition_failed"


class BodyTooLarge(BillingError):
    """The body is larger than any valid request."""

    status = 413
    type = "invalid_request_error"
    code = "invalid_request"


class CustomerDeleted(BillingError):
    """The customer is deleted: it can be read, and nothing else."""

    status = 422
    type = "invalid_request_error"
    code = "customer_deleted"

    def __init__(self, customer_id: str) -> None:
        super().__init__(f"Customer {customer_id} is deleted", param="id", about=customer_id)


class BusinessDeleted(BillingError):
    """The business is deleted: it can be read, and nothing else."""

    status = 422
    type = "invalid_request_error"
    code = "business_deleted"

    def __init__(self, business_id: str) -> None:
        super().__init__(f"Business {business_id} is deleted", param="id", about=business_id)


class RateLimited(BillingError):
    """Too many requests; `retry_after_seconds` says when to come back."""

    status = 429
    type = "rate_limit_error"
    code = "rate_limit_exceeded"


class Unavailable(BillingError):
    """A store or gateway did not answer in time; nothing was half-written and the same request may be sent again."""

    status = 503
    code = "service_unavailable"

    def __init__(self, message: str = "The service is busy; send the same request again") -> None:
        super().__init__(message, retry_after_seconds=1)
