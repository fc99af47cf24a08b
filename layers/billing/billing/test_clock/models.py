"""Test clocks as the API takes and answers them."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from billing.test_clock.record import Clock
from billing.text import Moment
from billing.times import iso
from billing.wire import Body, Resource

FURTHEST_DAYS = 2 * 366
"""How far a clock is advanced at once, in days."""


class Advance(Body):
    """Where to move the clock: to a moment, or by days and hours from what it shows."""

    to: Moment | None = Field(None, description="A moment with its offset, e.g. 2027-01-31T00:00:00Z.")
    days: Annotated[StrictInt, Field(ge=1, le=FURTHEST_DAYS)] | None = None
    hours: Annotated[StrictInt, Field(ge=1, le=24 * FURTHEST_DAYS)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if sum(each is not None for each in (self.to, self.days, self.hours)) != 1:
            raise PydanticCustomError("one_target", "or days or hours is required, one of them", {"param": "to"})
        return self


class TestClock(Resource):
    """What time it is for a sandbox merchant."""

    object: Literal["test_clock"] = "test_clock"
    status: Literal["real_time", "ready", "advancing"] = Field(
        description="`real_time` without a clock; `advancing` while there is something left to do on the way."
    )
    now: str = Field(description="What the clock shows.")
    target: str | None = Field(None, description="Where it is on its way to.")

    __test__: ClassVar[bool] = False  # its name is no test's
    nulls: ClassVar[frozenset[str]] = frozenset({"target"})

    @classmethod
    def of(cls, clock: Clock, now: datetime) -> Self:
        """Return the clock as the API answers it."""
        if clock.shown is None or (clock.shown <= now and clock.target is None):
            return cls(status="real_time", now=iso(now))
        return cls(
            status="advancing" if clock.target else "ready",
            now=iso(max(clock.shown, now)),
            target=iso(clock.target) if clock.target else None,
        )
