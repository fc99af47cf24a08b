"""Conditions that a request makes itself (RFC 9110 §13)."""

from billing.errors import PreconditionFailed
from billing.tenancy import Call


def check_version(call: Call, version: int) -> None:
    """Hold `If-Match`, if it was sent, against the version that is about to be changed.

    Raises:
        PreconditionFailed: it names other versions only.
    """
    wanted = call.if_match
    if wanted is None or wanted.strip() == "*":
        return
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in wanted.split(",")}
    if str(version) not in tags:
        raise PreconditionFailed(f'If-Match does not name the current version "{version}"', param="If-Match")
