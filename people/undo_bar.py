"""The undo bar: a change is offered for undoing on the next page that is shown."""

from typing import TypedDict

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest

from .models import Change, Person
from .undo import inverse_of

KEY = "last_change"  # the session holds a key, never a sentence


class Bar(TypedDict):
    sentence: str
    uid: str


def offer(request: HttpRequest, change: Change | None) -> None:
    """Show the undo bar for this change on the next page."""
    if change is not None:
        request.session[KEY] = str(change.uid)


def take(request: HttpRequest, person: Person) -> Bar | None:
    """The bar to show now, once; None when there is nothing to undo."""
    uid = request.session.pop(KEY, None)
    if uid is None:
        return None
    change = Change.objects.visible_to(person).filter(uid=uid, undone_at=None).first()
    if change is None:
        return None
    try:
        return {"sentence": inverse_of(change).describe(change), "uid": uid}
    except ObjectDoesNotExist:  # what was changed is gone, undone from elsewhere
        return None
