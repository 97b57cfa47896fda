"""What a school needs before people can meet: apps register steps, the set-up page shows them."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from .models import School


class State(NamedTuple):
    """How far a step is, in words."""

    is_done: bool
    words: str
    action: str = ""  # what the link says instead, where there is something already
    url: str = ""  # where it leads instead


class Step(NamedTuple):
    order: int  # the way to the first sign-up, soonest first
    title: str
    action: str  # what the link says
    url_name: str
    state: Callable[[School, date], State]
    query: str = ""


_steps: dict[str, Step] = {}


def register(step: Step) -> None:
    """Add a step to the set-up page; called in `AppConfig.ready()`."""
    _steps[step.title] = step


def steps() -> list[Step]:
    return sorted(_steps.values())
