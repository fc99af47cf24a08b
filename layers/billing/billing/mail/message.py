"""A mail as it goes over the wire (RFC 5322, MIME). Pure.

Names and subjects are what people have typed. Nothing of them can end a header, and nothing can turn the order of what
is read after it.
"""

import unicodedata
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

_NOT_TEXT = frozenset({"Cc", "Cs", "Cn", "Co", "Zl", "Zp"})
_TURN_THE_ORDER = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_READ_FROM_THE_RIGHT = frozenset({"R", "AL", "AN"})

_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail; `name` is ASCII."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A mail before it is composed; addresses are ASCII (`billing.text.ascii_email`)."""

    sender: str
    sender_name: str | None
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    language: str = "en"
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an attachment whose name would need more than ASCII."""
        assert all(each.name.isascii() for each in self.attachments), "an attachment's name is not ASCII"  # noqa: S101


def composed(message: Message) -> bytes:
    """Return the mail without date and id, which SES gives it."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(message.sender, message.sender_name)
    mail["To"] = _address(message.recipient)
    if message.reply_to:
        mail["Reply-To"] = _address(message.reply_to)
    mail["Subject"] = one_line(message.subject)
    mail.set_content(message.text, cte="quoted-printable")
    mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    for each in message.attachments:
        kind, _, subtype = each.media_type.partition("/")
        mail.add_attachment(each.content, maintype=kind, subtype=subtype, filename=each.name)
    # Last: headers of the content would move into its first part.
    mail["Content-Language"] = message.language
    mail["Auto-Submitted"] = "auto-generated"
    return mail.as_bytes()


def one_line(text: str) -> str:
    """Return text on one line, without controls and without what turns the order in which it is read."""
    kept = (" " if unicodedata.category(each) in _NOT_TEXT else each for each in text if each not in _TURN_THE_ORDER)
    return " ".join("".join(kept).split())


def isolated(text: str) -> str:
    """Return text that may stand within a line of another direction (Unicode's annex 9: FSI and PDI around it)."""
    reads_from_the_right = any(unicodedata.bidirectional(each) in _READ_FROM_THE_RIGHT for each in text)
    return f"\u2068{text}\u2069" if reads_from_the_right else text


def _address(address: str, name: str | None = None) -> Address:
    return Address(display_name=one_line(name or ""), addr_spec=address)
