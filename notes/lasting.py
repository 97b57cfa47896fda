"""How long the notes on somebody's page are kept, in words."""

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import DateTimeField, Value
from django.utils.formats import date_format

from people.models import Pairing

from .due import ended_on, year_ends
from .fields import LABELS
from .holding import HeldSince
from .models import RetentionRule
from .retention import GROUPS, MEMORY, TALK, Periods, memory_after
from .sheet import Sheet

DRAFT = "What is not finished"
UNDECIDED = "Your school has not decided yet; until then it stays."
GROUP_OF = {kind: group for group, kinds in GROUPS.items() for kind in kinds}


class Kept(NamedTuple):
    """Fields of a note, in quotes, and until when they are kept."""

    labels: str
    words: str


def kept_on(sheet: Sheet, *, at: datetime) -> list[Kept]:
    """
    For how long each field of the page is kept, what is on it and what may be written.

    What is on hold says so, and since when, and what comes after. See also `due_parts`, which a
    test holds against this.
    """
    held = _Held(sheet, at=at)
    periods = RetentionRule.objects.decided(sheet.pairing.school).periods
    written = {
        shown.label: (shown.part.kind, sheet.pairing.school.today(shown.part.written_at))
        for shown in [*sheet.theirs, *sheet.mine]
    }
    asked = {line.field.label: (line.field.kind, None) for line in sheet.lines}
    found: dict[str, list[str]] = {}
    words = _Words(sheet, periods) if periods else None
    for label, (kind, written_on) in {**written, **asked}.items():
        said = words.of(GROUP_OF[kind], written_on) if words else UNDECIDED
        said = held.or_else(said, label, is_written=written_on is not None)
        found.setdefault(said, []).append(f"“{label}”")
    if words and sheet.has_drafts:
        said = held.or_else(words.of(MEMORY, None), DRAFT)
        found.setdefault(said, []).append(DRAFT)
    return [Kept(", ".join(labels), said) for said, labels in found.items()]


class _Held:
    """Since when what is on the page, and what is to be written on it, is on hold."""

    def __init__(self, sheet: Sheet, *, at: datetime) -> None:
        self.school = sheet.pairing.school
        self.since = {
            DRAFT if is_draft else LABELS.get(field, "Note"): since
            for (field, is_draft), since in sheet.held.items()
        }
        now = Value(at, output_field=DateTimeField())
        two = HeldSince(school="school", one="host", two="attendee", written_at=now)
        pairing = Pairing.objects.annotate(since=two).get(pk=sheet.pairing.pk)
        self.from_now: datetime | None = pairing.since

    def or_else(self, said: str, label: str, *, is_written: bool = True) -> str:
        since = self.since.get(label) if is_written else self.from_now
        if since is None:
            return said
        # What would hold without
        return (
            f"On hold since {_day(self.school.today(since))}, and kept until that ends. "
            f"Otherwise: {said[:1].lower()}{said[1:]}"
        )


class _Words:
    """What a rule says of one talk; asks the calendar, and who has left, once."""

    def __init__(self, sheet: Sheet, periods: Periods) -> None:
        self.periods = periods
        pairing: Pairing = sheet.pairing
        self.ended = ended_on(pairing)
        met_on = pairing.school.today(sheet.meeting.starts_at)
        self.talk = f"Until {_day(periods.talk_until(met_on, year_ends(pairing.school)))}."

    def of(self, group: str, written_on: date | None) -> str:
        if group == TALK:
            return self.talk
        if group == MEMORY:
            return self._memory(written_on)
        if self.ended is not None:
            return f"Until {_day(self.periods.record_until(self.ended))}."
        return f"{self.periods.words[group]}.".replace("as long as the two", "As long as you two")

    def _memory(self, written_on: date | None) -> str:
        months, after = self.periods.memory_months, self.ended and memory_after(self.ended)
        if written_on is None:
            return (
                f"Until {_day(after)}, or {months} months after it is written if sooner."
                if after
                else f"{months} months from when it is written, or 90 days after you two stop "
                "meeting if sooner."
            )
        until = self.periods.memory_until(written_on)
        if after is None:
            return f"Until {_day(until)}, or 90 days after you two stop meeting if sooner."
        return f"Until {_day(min(until, after))}."


def _day(on: date) -> str:
    return date_format(on, "j F Y")
