"""What goes over the wire: nothing that people type breaks a header, and everything arrives."""

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.mail.message import Attachment, Message, composed, isolated, one_line

PLAIN = Message(
    sender="billing@example.com",
    sender_name="Example",
    recipient="jane@example.org",
    subject="Invoice INV-000001",
    text="Hello Jäne,\n\nplease pay.\n",
    html="<p>Hello Jäne</p>\n",
)
HEADERS = {"From", "To", "Subject", "Content-Language", "Auto-Submitted", "MIME-Version", "Content-Type"}


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, EmailMessage, policy=email.policy.default)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def unspaced(text: str) -> str:
    """Python's parser sees a space between the encoded words of a long name, which there is none (RFC 2047, 6.2)."""
    return "".join(text.split())


def test_both_forms_and_the_attachment_arrive():
    pdf = Attachment("INV-000001.pdf", "application/pdf", b"%PDF-\x00\xff")

    mail = read(composed(replace(PLAIN, attachments=(pdf,))))

    assert body(mail, "plain") == PLAIN.text
    assert body(mail, "html") == PLAIN.html
    [attached] = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("INV-000001.pdf", "application/pdf")
    assert attached.get_content() == pdf.content
    assert attached.get_content_disposition() == "attachment"


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"])
def test_no_name_and_no_subject_can_add_a_header(ending):
    typed = f"Example{ending}Bcc: everybody@example.net"

    mail = read(composed(replace(PLAIN, sender_name=typed, subject=typed)))

    assert set(mail.keys()) == HEADERS
    assert mail["Subject"] == "Example Bcc: everybody@example.net"
    [sender] = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Example Bcc: everybody@example.net", "billing@example.com")


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_typed_is_one_name_and_one_subject(name, subject):
    raw = composed(replace(PLAIN, sender_name=name, subject=subject))

    mail = read(raw)
    assert set(mail.keys()) == HEADERS
    assert one_line(mail["Subject"]) == one_line(subject)
    [sender] = mail["From"].addresses
    assert sender.addr_spec == "billing@example.com"
    assert unspaced(sender.display_name) == unspaced(one_line(name))
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998, "RFC 5322, 2.1.1"


@pytest.mark.parametrize(
    "name",
    [
        "Müller & Söhne",
        "株式会社サンプル",
        "שלום בע״מ",
        "شركة المثال",
        'O"Brien, Sons <x@y.z>',
        "🏢 Example",
        "é" * 200,
    ],
)
def test_names_of_every_script_arrive(name):
    mail = read(composed(replace(PLAIN, sender_name=name, subject=f"Invoice from {name}")))

    [sender] = mail["From"].addresses
    assert (unspaced(sender.display_name), sender.addr_spec) == (unspaced(name), "billing@example.com")
    assert mail["Subject"] == f"Invoice from {name}"


def test_a_sender_without_a_name_is_its_address():
    assert read(composed(replace(PLAIN, sender_name=None)))["From"] == "billing@example.com"


def test_what_turns_the_order_of_reading_is_left_out():
    assert one_line("Example \u202egpj.exe\u202c \u2067x\u2069") == "Example gpj.exe x"


def test_what_joins_letters_stays():
    assert one_line("می\u200cخواهم 👩\u200d💻") == "می\u200cخواهم 👩\u200d💻"


def test_a_name_from_right_to_left_is_kept_apart_from_what_stands_around_it():
    assert isolated("שלום") == "\u2068שלום\u2069"
    assert isolated("Müller 12") == "Müller 12"


def test_answers_go_where_they_are_read():
    mail = read(composed(replace(PLAIN, reply_to="help@example.org")))

    assert mail["Reply-To"] == "help@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_what_is_personal_does_not_show_in_a_traceback():
    shown = repr(PLAIN)

    assert "jane@example.org" not in shown
    assert "Jäne" not in shown


def test_an_attachment_has_a_name_that_every_program_reads():
    with pytest.raises(AssertionError):
        replace(PLAIN, attachments=(Attachment("Rechnung-Ü.pdf", "application/pdf", b""),))
