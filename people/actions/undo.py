"""Undoing what one did: the inverse of a change, and none of its mail goes out."""

from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from audit.actions import record
from audit.models import Event

from ..home import chain_of
from ..models import Change, Person
from ..permissions import require
from ..undo import CannotUndo, inverse_of


@transaction.atomic
def undo(change: Change, *, by: Person, at: datetime) -> Change:
    """Undo a change and drop what was to be mailed about it. Raises CannotUndo with a sentence."""
    change = Change.objects.select_for_update().get(pk=change.pk)
    require(change.by_id == by.pk)
    if change.undone_at is not None:
        raise CannotUndo("This was undone already.")
    try:
        inverse_of(change).undo(change, by, at)
    except ObjectDoesNotExist as error:
        raise CannotUndo("What this was about is gone. Nothing was changed.") from error
    change.undone_at = at
    change.save(update_fields=["undone_at"])
    change.outgoing_mails.open().update(dropped_at=at)
    record(
        Event.Act.CHANGE_UNDO,
        chain=chain_of(by),
        by=by.pk,
        objects=[f"change:{change.uid}"],
        basis=change.verb,
        at=at,
    )
    return change
