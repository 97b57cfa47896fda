"""
Whether this screen hides names, because others may see it: then `Person` answers with initials.

Like the time zone, it holds for whoever is served at the moment. Mails, files, what is matched and
what two people agree on call people by `Person.full_name`, which nothing hides.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.sessions.backends.base import SessionBase

CHOSEN = "names"  # in the session, once somebody has asked there: HIDE or SHOW
HIDE, SHOW = "hide", "show"

_hidden_from: ContextVar[int | None] = ContextVar("hidden_from", default=None)


@contextmanager
def hidden_from(viewer: int | None) -> Iterator[None]:
    """Hide everybody's name but the viewer's own, who is named by key; from None nothing is."""
    before = _hidden_from.set(viewer)
    try:
        yield
    finally:
        _hidden_from.reset(before)


def is_hidden(person: int | None) -> bool:
    """Whether the name of somebody, by key, is not to be seen now."""
    viewer = _hidden_from.get()
    return viewer is not None and viewer != person


def are_hidden() -> bool:
    return _hidden_from.get() is not None


def wants_hidden(session: SessionBase, *, at_first: bool) -> bool:
    """What was asked for since signing in, else what the account says."""
    asked = session.get(CHOSEN)
    return asked == HIDE or (at_first and asked != SHOW)


def choose(session: SessionBase, wanted: str) -> None:
    """Hide or show names from now on, in this browser, until signing out."""
    session[CHOSEN] = HIDE if wanted == HIDE else SHOW


def forget(session: SessionBase) -> None:
    """The account says it anew."""
    session.pop(CHOSEN, None)
