"""How long the notes on somebody's page are kept, in words."""

from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format

from people.models import Pairing

from .due import ended_on, year_ends
from .models import RetentionRule
from .retention import GROUPS, MEMORY, TALK, Periods, memory_after
from .sheet import Sheet

UNDECIDED = "Your school has not decided yet; until then it stays."
GROUP_OF = {kind: group for group, kinds in GROUPS.items() for kind in kinds}


class Kept(NamedTuple):
    """Fields of a note, in quotes, and until when they are kept."""

    labels: str
    words: str


def kept_on(sheet: Sheet) -> list[Kept]:
    """
    For how long each field of the page is kept, what is on it and what may be written.

    See also `due_parts`, which a test holds against this.
    """
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
        found.setdefault(said, []).append(f"“{label}”")
    if words and sheet.has_drafts:
        found.setdefault(words.of(MEMORY, None), []).append("What is not finished")
    return [Kept(", ".join(labels), said) for said, labels in found.items()]


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
