"""What becomes of somebody's notes when they leave: in numbers for them, in general for others."""

from collections.abc import Iterable

from django.db.models import Count, Q
from django.urls import reverse

from people.departures import Ending, Leaving, day_in_words, goes_on_elsewhere

from .models import Part, RetentionRule
from .models.parts import ALONE
from .retention import memory_after


def note_endings(leaving: Leaving) -> Iterable[Ending]:
    """
    What is not finished, what only they can open and what they shared; how many only for them.

    Everybody else reads the same of everybody, whether or not there is a note.
    """
    if leaving.is_own:
        yield from _own_endings(leaving)
        return
    yield Ending(
        80,
        "Notes",
        "What somebody shared stays with the other. What only they can open is handed to nobody; "
        f"{_when_it_goes(leaving)}",
    )


def _own_endings(leaving: Leaving) -> Iterable[Ending]:
    shown = Part.objects.visible_to(leaving.person, at=leaving.at).on_pages()
    mine = shown.filter(author=leaving.person, school=leaving.school)
    found = mine.aggregate(
        drafts=Count("meeting", filter=Q(is_draft=True), distinct=True),
        alone=Count("meeting", filter=ALONE, distinct=True),
        shared=Count("meeting", filter=Q(is_draft=False) & ~ALONE, distinct=True),
    )
    address = reverse("notes:note_list")
    if found["drafts"]:
        noun = "note is" if found["drafts"] == 1 else "notes are"
        yield Ending(
            80,
            "Drafts",
            f"{found['drafts']} {noun} not finished. Nobody else opens a draft, now or later: "
            "finish what the other is to have.",
            "Open your notes",
            address,
        )
    if found["alone"]:
        until = (
            "You can still open them, because of another school"
            if goes_on_elsewhere(leaving)
            else "After that day nobody opens them any more, you neither"
        )
        yield Ending(
            82,
            "Only you can open",
            f"Words in {_notes(found['alone'])}. {until}; {_when_it_goes(leaving)} Share what the "
            "other is to have.",
            "See which",
            f"{address}?show=alone",
        )
    if found["shared"]:
        words = f"Words in {_notes(found['shared'])}. They stay with those you shared them with."
        yield Ending(84, "Shared", words)


def _notes(count: int) -> str:
    return "one note" if count == 1 else f"{count} notes"


def _when_it_goes(leaving: Leaving) -> str:
    """When what only its writer can open is deleted, to go on with in a sentence."""
    if RetentionRule.objects.decided(leaving.school).periods is None:
        return "nothing is deleted before your school has decided how long notes are kept."
    last = day_in_words(memory_after(leaving.last_day))
    return (
        f"memory aids and drafts are kept until {last} at the longest, the rest until its time is "
        "over, and what is on hold until that has ended."
    )
