"""Whether a grid has room for everybody, and who waits for a place in it; rows in, words out."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from people.cadence import ON_GRID, Cadence
from people.models import Pairing

from .grid import Box, Cell, Grid
from .overdue import in_words

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

PIPS = 60  # the most that are drawn; beyond, the words alone say it


class Supply(NamedTuple):
    """Whether there is room for everybody at a cadence."""

    cadence: Cadence
    taken: int
    free: int
    waiting: int

    @property
    def short(self) -> int:
        return max(0, self.waiting - self.free)

    @property
    def words(self) -> str:
        """ "1 short", "2 spare", "Room for all", "None offered"."""
        if self.short:
            return f"{self.short} short"
        if self.free > self.waiting:
            return f"{self.free - self.waiting} spare"
        return "Room for all" if self.taken or self.free else "None offered"

    @property
    def pips(self) -> list[str]:
        """One mark for each place, and for each person without one."""
        marks = ["full"] * self.taken + [""] * self.free + ["short"] * self.short
        return marks if len(marks) <= PIPS else []


def supply(grid: Grid, waiting: Iterable[Pairing]) -> list[Supply]:
    """Places against people at each cadence of the grid."""
    people = Counter(pairing.cadence for pairing in waiting)
    taken: Counter[str] = Counter()
    free: Counter[str] = Counter()
    for cell in grid.cells.values():
        for box in cell.boxes:
            (taken if box.booking else free)[box.cadence] += 1
    return [Supply(each, taken[each], free[each], people[each]) for each in ON_GRID]


class Asked(TypedDict):
    """What the pairings carry of the term's sign-up, as of `Invitation.objects.facts`."""

    invited_at: datetime | None
    answer: str


@dataclass(frozen=True)
class Waiting:
    """Somebody whom the host is to meet: placed, or with the reason why not yet."""

    pairing: "WithAnnotations[Pairing, Asked]"
    cell: Cell | None = None
    box: Box | None = None
    is_placed: bool = False
    past_due: int | None = None  # school days past the week in which they should have met
    on: date = date.min

    @property
    def name(self) -> str:
        return self.pairing.shown_name(self.pairing.attendee)

    @property
    def can_be_placed(self) -> bool:
        return not self.is_placed and self.pairing.cadence in ON_GRID and not self.pairing.is_paused

    @property
    def state(self) -> str:
        """What is to be said about their place, in the host's view."""
        if self.past_due is not None:
            return in_words(self.past_due)
        if self.box and self.cell:
            weekly = self.box.cadence == Cadence.WEEKLY
            week = "" if weekly else f", {self.box.unit} {self.box.label}"
            return f"{self.cell.where}{week}"
        if self.is_placed:
            return "Has a time"  # in a period that no bell schedule has any more
        if self.pairing.is_paused:
            return "Paused"
        return _ANSWERS.get(self.pairing.answer) or self._asked

    @property
    def _asked(self) -> str:
        if self.pairing.invited_at is None:
            return "Not asked yet"
        days = (self.on - self.pairing.school.today(self.pairing.invited_at)).days
        return {0: "Asked today", 1: "Asked yesterday"}.get(days, f"Asked {days} days ago")

    @property
    def rank(self) -> tuple:
        """Longest wait first: without a place, past due, asked first, then met longest ago."""
        pairing = self.pairing
        asked = pairing.invited_at
        return (
            self.is_placed,
            -(self.past_due if self.past_due is not None else -1),
            (0, asked.timestamp()) if asked and not self.is_placed else (1, 0),
            pairing.last_met_on or date.min,
            pairing.attendee.family_name,
            pairing.pk,
        )


_ANSWERS: dict[str, str] = {
    Pairing.Answer.NONE_FIT: "None of your times fit",
    Pairing.Answer.NOT_NOW: "Not now",
    Pairing.Answer.TALK: "Would rather talk about it first",
}


class PastDue(Asked):
    """What the pairings of a host carry besides."""

    days_past: int | None


def people_of(
    grid: Grid,
    pairings: Iterable["WithAnnotations[Pairing, PastDue]"],
    booked: Collection[int],
    *,
    on: date,
) -> list[Waiting]:
    """
    The host's people, longest wait first.

    The pairings carry `days_past`: None, or school days; and what the term's sign-up says of them.
    `booked` are the keys of those with a place this term, drawn or not.
    """
    places = {
        box.booking.pairing_id: (cell, box)
        for cell in grid.cells.values()
        for box in cell.boxes
        if box.booking
    }
    found = []
    for pairing in pairings:
        cell, box = places.get(pairing.pk, (None, None))
        found.append(Waiting(pairing, cell, box, pairing.pk in booked, pairing.days_past, on))
    return sorted(found, key=lambda each: each.rank)
