"""Who takes the terms that a roster brings: a higher app registers, the import asks."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from .models import Person, School
from .oneroster import TermSaid


class TermTaker(NamedTuple):
    """
    What would become of the terms of a school, in sentences; and doing it, in the same transaction.

    For a school that is not there yet, the first is asked with None. Sentences that tell of a
    change come first in the pair, those that tell why nothing changes second.
    """

    plan: Callable[[School | None, list[TermSaid], datetime], tuple[list[str], list[str]]]
    take: Callable[[School, list[TermSaid], Person | None, datetime], None]


_takers: list[TermTaker] = []


def register(taker: TermTaker) -> None:
    """Say who takes terms; called in `AppConfig.ready()`."""
    _takers[:] = [taker]


def takers() -> list[TermTaker]:
    return list(_takers)
