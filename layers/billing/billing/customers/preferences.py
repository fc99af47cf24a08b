"""What a customer agrees to be told, by channel and topic, since when and through whom. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from billing.table import Item

if TYPE_CHECKING:
    from billing.customers.record import Record

type Channel = Literal["email", "sms"]
type Topic = Literal["receipts", "reminders", "marketing"]
type ConsentSource = Literal["api", "dashboard", "portal", "checkout", "unsubscribe"]
"""Through whom a customer has chosen."""

CHANNELS: tuple[Channel, ...] = ("email", "sms")
TOPICS: tuple[Topic, ...] = ("receipts", "reminders", "marketing")

UNASKED: Mapping[Topic, bool] = {"receipts": True, "reminders": True, "marketing": False}
"""What holds until a customer has chosen: messages about its own business, and no others (GDPR art. 7, CAN-SPAM)."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A choice that was made."""

    enabled: bool
    source: ConsentSource
    updated_at: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices of one customer by `channel.topic`, and the language it wants to be addressed in."""

    consents: Mapping[str, Consent] = field(default_factory=dict)
    locale: str | None = None

    def chosen(self, channel: Channel, topic: Topic) -> Consent | None:
        """Return the choice that was made, None if none was."""
        return self.consents.get(_name(channel, topic))

    def allows(self, channel: Channel, topic: Topic) -> bool:
        """Whether the customer has agreed, or has not been asked and needs not be."""
        consent = self.chosen(channel, topic)
        return UNASKED[topic] if consent is None else consent.enabled

    def changed(self, given: Mapping[str, Any], source: ConsentSource, moment: str) -> "Preferences":
        """Return the preferences with what is given: per channel and topic True, False or None, which forgets.

        A choice that is repeated keeps its time and source.
        """
        consents = dict(self.consents)
        for channel in CHANNELS:
            if channel not in given:
                continue
            choices = dict.fromkeys(TOPICS) if given[channel] is None else given[channel]
            for topic, enabled in choices.items():
                name = _name(channel, topic)
                before = consents.pop(name, None)
                if enabled is not None:
                    repeated = before is not None and before.enabled == enabled
                    consents[name] = before if before and repeated else Consent(enabled, source, moment)
        return Preferences(consents, given.get("locale", self.locale))

    def to_item(self) -> Item | None:
        """Return what the customer's item holds: None until something was chosen."""
        choices = {
            name: {"enabled": each.enabled, "source": each.source, "updated_at": each.updated_at}
            for name, each in self.consents.items()
        }
        return {"consents": choices, "locale": self.locale} if choices or self.locale else None

    @classmethod
    def from_item(cls, item: Item) -> "Preferences":
        """Return the preferences that `to_item` wrote."""
        consents = {name: Consent(**each) for name, each in item.get("consents", {}).items()}
        return cls(consents, item.get("locale"))


def may_send(record: "Record", channel: Channel, topic: Topic) -> bool:
    """Whether a message about `topic` may go to this customer: whoever sends one asks here first."""
    return record.deleted_at is None and record.preferences.allows(channel, topic)


def _name(channel: Channel, topic: Topic) -> str:
    return f"{channel}.{topic}"
