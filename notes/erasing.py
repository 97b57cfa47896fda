"""What of somebody's notes is erased: drafts, which only they could ever open."""

from datetime import datetime

from django.db.models import Q
from django.utils.formats import date_format

from people import erasure
from people.models import Person

from .holding import IsHeld
from .models import Hold, LogKeeper, Part
from .models.parts import Why


def erase_drafts(person: Person, at: datetime) -> None:
    """
    Drafts were never anybody else's. What was finished stays as it is, bound to its writer's key:
    what was shared belongs to both, what was not can be opened by nobody any more. Drafts that are
    on hold wait for its end.
    """
    drafts = Part.objects.system(Why.ERASE, by=person, at=at).filter(author=person, is_draft=True)
    drafts.filter(~Q(IsHeld())).delete()
    LogKeeper.objects.filter(person=person).delete()


def refuse_held(person: Person) -> str:
    """Why what is somebody's stays: what they wrote is to be known as theirs."""
    holds = Hold.objects.open().filter(Q(person=person) | Q(other=person)).select_related("school")
    first = holds.order_by("asked_at").first()
    if first is None:
        return ""
    since = date_format(first.school.today(first.asked_at), "j F Y")
    return f"Kept: on hold since {since}. What is theirs can be erased when that has ended."


def register_erasure() -> None:
    erasure.register(
        going=[
            erasure.Fate(
                60,
                "Drafts of notes",
                "If there are any: nobody else could open one. One that is on hold goes in the "
                "night after that has ended.",
            )
        ],
        staying=[
            erasure.Fate(
                30,
                "Finished notes",
                "What two people shared stays with the other, and what others wrote is theirs. "
                "What the one who left kept to themselves is sealed: nobody can open it, and it "
                "goes when its time is over.",
            )
        ],
        erase=erase_drafts,
        refuse=refuse_held,
    )
