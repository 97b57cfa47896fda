"""
Who renders which kind of mail, and which can wait for a person's quiet hours to end: apps register
theirs, the outbox asks at send time.
"""

from collections.abc import Callable
from datetime import datetime

from django.core.mail import EmailMessage

from . import names
from .models import OutgoingMail

# Given the row and the moment, the message as things stand now, or None when nothing is to be said.
Renderer = Callable[[OutgoingMail, datetime], EmailMessage | None]
# Given the row and the end of its person's quiet hours, whether it may be sent as late as then.
Patience = Callable[[OutgoingMail, datetime], bool]

_renderers: dict[str, Renderer] = {}
_patience: dict[str, Patience] = {}


def register(kind: str, renderer: Renderer, *, can_wait: Patience | None = None) -> None:
    """
    Say who renders a kind of mail; called in `AppConfig.ready()`.

    A kind without `can_wait`, such as a code to sign in, is sent at any hour.
    """
    _renderers[kind] = renderer
    if can_wait is not None:
        _patience[kind] = can_wait


def always(mail: OutgoingMail, until: datetime) -> bool:
    """The patience of what has no hour: a letter, a list."""
    return True


def can_wait(mail: OutgoingMail, until: datetime) -> bool:
    """Whether a mail may be sent as late as a moment."""
    return mail.kind in _patience and _patience[mail.kind](mail, until)


def render(mail: OutgoingMail, *, at: datetime) -> EmailMessage | None:
    """The message of a row as things stand; raises KeyError for a kind that nobody renders."""
    with names.hidden_from(None):  # whatever the screen of somebody who sends it hides
        return _renderers[mail.kind](mail, at)


def kinds() -> list[str]:
    return sorted(_renderers)
