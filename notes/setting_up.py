"""How long notes are kept, as a step of the set-up page."""

from collections.abc import Iterator

from django.urls import reverse

from people.steps import Step, Survey, register

from .models import RetentionRule


def retention_step(survey: Survey) -> Iterator[Step]:
    decided = RetentionRule.objects.decided(survey.school)
    title, url = "How long notes are kept", reverse("notes:retention")
    if decided.periods is None:
        words = "Nothing is deleted before somebody has decided."
        yield Step(75, title, words, "Decide", url, is_needed=False)
    elif decided.waiting is not None:
        words = (
            "A change was tried and waits for a yes."
            if decided.waiting.rehearsed_at
            else "A change is tried in the coming night. Until then it stays as it was."
        )
        yield Step(75, title, words, "Look at it", url, is_needed=False)
    else:
        words = "What has come to the end of its time is deleted at night."
        yield Step(75, title, words, "See how long", url, is_done=True, is_needed=False)


def register_steps() -> None:
    register(retention_step)
