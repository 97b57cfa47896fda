"""How changes are undone and put into words: apps register an inverse for each verb."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from .models import Change, Person


class CannotUndo(Exception):
    """Why a change cannot be undone any more, in words for the person who tried."""


class Inverse(NamedTuple):
    # Undo the change, by whom and when; raises CannotUndo with a sentence. Called in a transaction.
    undo: Callable[[Change, Person, datetime], None]
    # What was done, in a sentence for the undo bar, computed from the rows as they are.
    describe: Callable[[Change], str]
    # Where to go from the page of what was made, which is gone once it is undone.
    instead: Callable[[Change], str] | None = None


_inverses: dict[str, Inverse] = {}


def register(
    verb: str,
    *,
    undo: Callable[[Change, Person, datetime], None],
    describe: Callable[[Change], str],
    instead: Callable[[Change], str] | None = None,
) -> None:
    """Say how a verb is undone and told; called in `AppConfig.ready()`."""
    _inverses[verb] = Inverse(undo, describe, instead)


def inverse_of(change: Change) -> Inverse:
    """The inverse of a change; raises KeyError for a verb that cannot be undone."""
    return _inverses[change.verb]


def verbs() -> list[str]:
    return sorted(_inverses)
