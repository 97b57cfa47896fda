"""What of somebody's notes is erased: drafts, which only they could ever open."""

from datetime import datetime

from people import erasure
from people.models import Person

from .models import Part
from .models.parts import Why


def erase_drafts(person: Person, at: datetime) -> None:
    """
    Drafts were never anybody else's. What was finished stays as it is, bound to its writer's key:
    what was shared belongs to both, what was not can be opened by nobody any more.
    """
    drafts = Part.objects.system(Why.ERASE, by=person, at=at).filter(author=person, is_draft=True)
    drafts.delete()


def register_erasure() -> None:
    erasure.register(
        going=[
            erasure.Fate(60, "Drafts of notes", "If there are any: nobody else could open one.")
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
    )
