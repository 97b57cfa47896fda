"""What becomes of a draft that its writer changes or throws away while it is on hold."""

from copy import copy
from datetime import datetime
from uuid import uuid4

from .models import Part


def is_held(part: Part) -> bool:
    """Whether a part was on hold when it was fetched, with `last_held`; not what is new."""
    return getattr(part, "last_held", None) is not None


def keeps_words(draft: Part) -> bool:
    """Whether the words of a draft are from before it was put on hold, and so have to stay."""
    return is_held(draft) and draft.written_at <= draft.last_held  # type: ignore[attr-defined]


def discard(draft: Part, *, at: datetime) -> None:
    """Delete a draft or, while it is on hold, take it off every page; the night deletes it then."""
    if not is_held(draft):
        draft.delete()
        return
    draft.put_aside_at = at
    draft.save(update_fields=["put_aside_at"])


def to_change(draft: Part, *, at: datetime) -> Part:
    """The draft itself or, where its words have to stay, a new one that is to take its place."""
    if not keeps_words(draft):
        return draft
    discard(draft, at=at)
    new = copy(draft)
    new.pk, new.uid, new.put_aside_at = None, uuid4(), None
    new.last_held = None  # type: ignore[attr-defined]
    new._state.adding = True
    return new
