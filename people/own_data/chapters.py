"""The chapters of somebody's own data, and what is left out of it, as apps have named them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from ..models import Person

Row = dict[str, object]  # by what it is called; texts, numbers, dates, moments


class Chapter(NamedTuple):
    """
    One kind of thing that there is of somebody.

    `of` names the relations to a person or a login that it answers: a test asks for every one.
    `rows` reads them for that person and nobody else, by the rule of who may read what; with a
    constant number of questions.
    """

    order: int
    key: str
    title: str
    of: tuple[str, ...]
    rows: Callable[[Person, datetime], list[Row]]


_chapters: dict[str, Chapter] = {}
_left_out: dict[str, str] = {}


def register(*chapters: Chapter) -> None:
    """Say what an app keeps of people; called in `AppConfig.ready()`."""
    _chapters.update({each.key: each for each in chapters})


def leave_out(reasons: Mapping[str, str]) -> None:
    """Say which relations to a person tell nothing that is theirs, and why; they read it."""
    _left_out.update(reasons)


def chapters() -> list[Chapter]:
    return sorted(_chapters.values(), key=lambda chapter: chapter.order)


def left_out() -> dict[str, str]:
    return dict(_left_out)


def name_for(reader: Person, person: Person | None) -> str:
    """What somebody is called in the reader's own data: of others there is a name, and no more."""
    if person is None:
        return ""
    return "You" if person.pk == reader.pk else person.name
