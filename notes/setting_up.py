"""How long notes are kept, and who keeps the log's anchors, as steps of the set-up page."""

from collections.abc import Iterator

from django.urls import reverse

from people.steps import Step, Survey, register

from .models import LogKeeper, RetentionRule
from .models.keepers import WANTED


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


def keepers_step(survey: Survey) -> Iterator[Step]:
    school = survey.school
    standing = LogKeeper.objects.standing(school, on=school.today(survey.at)).count()
    title, url = "Who keeps the log honest", reverse("notes:log")
    if standing < WANTED:
        words = f"{keepers_words(standing)} Two people who administer nothing are wanted."
        yield Step(77, title, words, "Choose them", url, is_needed=False)
    else:
        words = keepers_words(standing)
        yield Step(77, title, words, "See who", url, is_done=True, is_needed=False)


def keepers_words(standing: int) -> str:
    """How many get the log's daily line, in a sentence."""
    return (
        "Nobody gets the log’s daily line.",
        "Only one person gets the log’s daily line.",
        "Two people get the log’s daily line.",
    )[min(standing, WANTED)]


def register_steps() -> None:
    register(keepers_step)
    register(retention_step)
