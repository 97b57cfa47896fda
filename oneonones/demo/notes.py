"""What is written down at Alder Creek School: a few notes, each by its writer, sealed like any."""

from datetime import datetime, timedelta
from typing import NamedTuple

from notes.actions import Entry, accept_standing, agree, finish, save_drafts
from notes.models import AgreementVersion
from notes.protocols import AUTHOR, BOTH, UP
from people.models import Pairing, Person, School
from people.words import standing_words, words_of
from scheduling.models import Meeting

AGREED = ("PN", "TF", "AR", "DO", "BC", "MB")  # who said yes to the words
COACHED = "coached"  # whom the assistant principal coaches; the principal sees the headings


class Note(NamedTuple):
    attendee: str
    field: str
    text: str
    audience: int
    by_host: bool = True


# Of the last talk that was held
NOTES = [
    Note("PN", "how", "Tired, and glad about her class. Reports are stretching her thin.", BOTH),
    Note("PN", "memory", "Ask about her mother. Hip operation on the 2nd.", AUTHOR),
    Note("PN", "well", "Science night is full. Two parents offered to help.", BOTH, by_host=False),
    Note("TF", "how", "Settling in. The hall is cold before nine.", BOTH),
    Note("AR", "heavy", "The reading groups need another room.", BOTH),
    Note(COACHED, "heading", "Time management", UP),
    Note(COACHED, "heavy", "Sixty sketchbooks a week, and every one deserves an answer.", BOTH),
    Note(COACHED, "agreed", "Hannah tries marking with the class, twice. Sam sits in once.", BOTH),
    Note("Elias Kowal", "words", "It is too loud at our table.", AUTHOR),
    Note("Elias Kowal", "memory", "Ask how the first night at his dad's went.", AUTHOR),
]


def accept(host: Person, school: School, *, at: datetime) -> None:
    """The host says once that they keep to the words."""
    words = standing_words(Pairing.Kind.STAFF_CHECK_IN, host=host, school=school)
    if words is not None:
        accept_standing(words, school=school, by=host, at=at)


def write(pairings: dict[str, Pairing], *, at: datetime) -> None:
    """Some say yes, and some talks leave a note."""
    for key in AGREED:
        pairing = pairings[key]
        words = words_of(pairing, on=pairing.school.today(at))
        if words is not None:
            agree(pairing, shown=words.sha256, by=pairing.attendee, at=at)
    coached = pairings[COACHED]
    words = words_of(coached, on=coached.school.today(at))
    if words is not None:
        for person in (coached.host, coached.attendee):
            agree(coached, shown=words.sha256, by=person, at=at)
    for note in NOTES:
        pairing = pairings[note.attendee]
        held = Meeting.objects.filter(pairing=pairing, status=Meeting.Status.HELD)
        meeting = held.order_by("starts_at").last()
        if meeting is not None:
            _write(note, meeting, pairing)


def _write(note: Note, meeting: Meeting, pairing: Pairing) -> None:
    author = pairing.host if note.by_host else pairing.attendee
    at = meeting.ends_at + timedelta(minutes=5)
    save_drafts(
        meeting,
        entries=[Entry(note.field, note.text, note.audience, [])],
        shown=AgreementVersion.objects.of(pairing).in_force().first(),
        by=author,
        at=at,
    )
    finish(meeting, by=author, at=at)
