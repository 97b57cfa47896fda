"""Who renders which kind of mail: apps register theirs, the outbox asks at send time."""

from collections.abc import Callable
from datetime import datetime

from django.core.mail import EmailMessage

from . import names
from .models import OutgoingMail

# Given the row and the moment, the message as things stand now, or None when nothing is to be said.
Renderer = Callable[[OutgoingMail, datetime], EmailMessage | None]

_renderers: dict[str, Renderer] = {}


def register(kind: str, renderer: Renderer) -> None:
    """Say who renders a kind of mail; called in `AppConfig.ready()`."""
    _renderers[kind] = renderer


def render(mail: OutgoingMail, *, at: datetime) -> EmailMessage | None:
    """The message of a row as things stand; raises KeyError for a kind that nobody renders."""
    with names.hidden_from(None):  # whatever the screen of somebody who sends it hides
        return _renderers[mail.kind](mail, at)


def kinds() -> list[str]:
    return sorted(_renderers)
