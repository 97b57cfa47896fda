"""What of somebody's notes waits when they leave: drafts; only the writer is told of them."""

from collections.abc import Iterable

from django.urls import reverse

from people.departures import Ending, Leaving

from .models import Part


def draft_endings(leaving: Leaving) -> Iterable[Ending]:
    """How many notes are not finished, for their author alone."""
    if not leaving.is_own:
        return
    shown = Part.objects.visible_to(leaving.person, at=leaving.at).on_pages()
    mine = shown.filter(author=leaving.person, school=leaving.school, is_draft=True)
    count = mine.order_by().values("meeting").distinct().count()
    if count:
        noun = "note is" if count == 1 else "notes are"
        yield Ending(
            80,
            "Drafts",
            f"{count} {noun} not finished. Nobody else opens a draft, now or later: finish what "
            "the other is to have.",
            "Open your notes",
            reverse("notes:note_list"),
        )
