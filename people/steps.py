"""What a school needs before people can meet: apps register their steps, a page shows them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from .models import Person, School


class Survey(NamedTuple):
    """Whose set-up is looked at, by whom and when."""

    school: School
    by: Person
    at: datetime


class Step(NamedTuple):
    order: int  # the way to the first sign-up, soonest first
    title: str
    words: str  # how far it is, in a sentence or two
    action: str  # what the link says
    url: str
    is_done: bool = False
    is_needed: bool = True  # before anybody can sign up; the others may come later
    waits_for: str = ""  # in words, what has to be there before this can be begun
    posts: bool = False  # a button that does something, not a link

    @property
    def can_be_pressed(self) -> bool:
        """Whether there is anything to do about it now."""
        return bool(self.url) and (self.is_done or not self.waits_for)


# Looks at the rows with a constant number of questions
Chapter = Callable[[Survey], Iterable[Step]]

_chapters: list[Chapter] = []


def register(chapter: Chapter) -> None:
    """Add steps to the set-up page; called in `AppConfig.ready()`."""
    if chapter not in _chapters:
        _chapters.append(chapter)


def steps(survey: Survey) -> list[Step]:
    """All steps of a school, in the order that gets to the first sign-up soonest."""
    return sorted(step for chapter in _chapters for step in chapter(survey))


def upcoming(found: Iterable[Step]) -> Step | None:
    """The one thing to do next: what is needed first, and nothing that waits for something."""
    open_ones = [step for step in found if not step.is_done and not step.waits_for]
    return next((step for step in open_ones if step.is_needed), next(iter(open_ones), None))
