"""A merchant whose table is in memory, and an SES that takes its mail."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.mail import delivery
from billing.mail.ses import Mailer
from billing.tenancy import Call, Caller, Tenant
from tests.unit.table.memory import Memory, table_in_memory

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


class FakeSes:
    """Takes mail, or answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.refuses: Exception | None = None

    def send_email(self, **call: Any) -> dict[str, Any]:
        if self.refuses:
            raise self.refuses
        self.taken.append(call)
        return {"MessageId": "m"}


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> FakeSes:
    fake = FakeSes()
    monkeypatch.setattr(delivery, "mailer", lambda: Mailer(fake))  # type: ignore[arg-type]
    monkeypatch.setenv("MAIL_FROM", "billing@example.com")
    return fake


@pytest.fixture(autouse=True)
def memory() -> Iterator[Memory]:
    with table_in_memory() as opened:
        yield opened


@pytest.fixture
def caller() -> Caller:
    return Caller(
        Tenant("mer_" + "1" * 32, livemode=True), key_id="", scopes=frozenset(), call=Call(request_id="r", now=NOW)
    )
