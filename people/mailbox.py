"""Mails that were written to files instead of sent, as the demo school shows them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

SEPARATOR = b"\n" + b"-" * 79 + b"\n"  # what Django writes after each message of a file
MOST_FILES = 200
CALENDAR = {
    "REQUEST": "a file that puts it into a calendar",
    "CANCEL": "a file that takes it out of a calendar",
}


class SentMail(NamedTuple):
    key: str  # the file's name and the mail's number in it
    to: str
    subject: str
    sent_at: datetime | None
    words: str
    attachments: list[str]


def sent_mails(folder: str | Path) -> list[SentMail]:
    """The mails of the newest files, newest first; what is no mail is left out."""
    files = sorted(Path(folder).glob("*.log"), key=lambda path: path.name, reverse=True)
    return [mail for path in files[:MOST_FILES] for mail in reversed(list(_read(path)))]


def _read(path: Path) -> Iterator[SentMail]:
    try:
        written = path.read_bytes()
    except OSError:
        return  # swept away since the folder was listed
    for number, part in enumerate(written.split(SEPARATOR)):
        message = message_from_bytes(part.strip(), policy=policy.default)
        body = message.get_body(("plain",))
        if body is None or not message["To"]:
            continue
        yield SentMail(
            key=f"{path.stem}-{number}",
            to=", ".join(address.addr_spec for address in message["To"].addresses),
            subject=str(message["Subject"]),
            sent_at=_sent_at(message),
            words=body.get_content(),
            attachments=[
                *(file.get_filename("") for file in message.iter_attachments()),
                *_file(message),
            ],
        )


def _file(message: EmailMessage) -> list[str]:
    """What stands beside the words as another form of them, for a calendar to take over."""
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return [CALENDAR[str(part.get_param("method"))] for part in parts]


def _sent_at(message: EmailMessage) -> datetime | None:
    """The instant; Django writes UTC as -0000, which is read as a time without a zone."""
    if not message["Date"] or message["Date"].datetime is None:
        return None
    sent_at = message["Date"].datetime
    return sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)
