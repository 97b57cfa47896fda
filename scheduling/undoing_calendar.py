"""How changes of the calendar are undone and told."""

from datetime import datetime

from django.urls import reverse

from people.models import Change, Person
from people.undo import CannotUndo

from .actions.closure_files import take_back
from .actions.closures import close_again, reopen
from .closure_files import told
from .models import Closure


def undo_add(change: Change, by: Person, at: datetime) -> None:
    """Let there be school on these days after all."""
    reopen(change, by=by, at=at)


def undo_take_back(change: Change, by: Person, at: datetime) -> None:
    """Close these days again."""
    if Closure.objects.filter(uid=change.refs["closure"]).exists():
        raise CannotUndo("These days are closed again already.")
    close_again(change, by=by, at=at)


def undo_import(change: Change, by: Person, at: datetime) -> None:
    """Let the days be as they were before the school's calendar was taken over."""
    refs = change.refs
    closures = Closure.objects.filter(school=refs["school"])
    if closures.filter(uid__in=refs["made"]).count() < len(refs["made"]):
        raise CannotUndo("Some of these days have changed since. Change them one by one.")
    take_back(change, by=by, at=at)


def describe_import(change: Change) -> str:
    return told(*change.refs["counts"])


def after_closure(change: Change) -> str:
    return reverse("scheduling:calendar")


def describe_add(change: Change) -> str:
    return f"{Closure.objects.get(uid=change.refs['closure']).name} is saved."


def describe_take_back(change: Change) -> str:
    return f"{change.refs['name']} is deleted."
