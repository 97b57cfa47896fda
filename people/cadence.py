"""How often two people meet: the words, the letters, and the arithmetic in school weeks."""

from django.db.models import TextChoices


class Cadence(TextChoices):
    WEEKLY = "weekly", "Weekly"
    BIWEEKLY = "biweekly", "Biweekly"
    MONTHLY = "monthly", "Monthly"
    TERMLY = "termly", "Once a term"
    AS_NEEDED = "as_needed", "As needed"


CYCLE = 4  # weeks in a cycle; every pattern below divides it
ALL_WEEKS = 0b1111  # bit 0 is week 1 of the cycle, bit 3 week 4

# The cadences that a cell of the grid can have, densest first.
ON_GRID = (Cadence.WEEKLY, Cadence.BIWEEKLY, Cadence.MONTHLY)

# School weeks from one meeting to the next; the others have no clock.
WEEKS = {Cadence.WEEKLY: 1, Cadence.BIWEEKLY: 2, Cadence.MONTHLY: 4}

# The shares of a cell: for each seat, the weeks of the cycle in which it meets.
SEATS = {
    Cadence.WEEKLY: (0b1111,),
    Cadence.BIWEEKLY: (0b0101, 0b1010),
    Cadence.MONTHLY: (0b0001, 0b0010, 0b0100, 0b1000),
}

SEAT_LABELS = {
    Cadence.WEEKLY: ("",),
    Cadence.BIWEEKLY: ("A", "B"),
    Cadence.MONTHLY: ("1", "2", "3", "4"),
}

LETTERS = {Cadence.WEEKLY: "w", Cadence.BIWEEKLY: "b", Cadence.MONTHLY: "m"}


def sparser(cadence: str) -> list[str]:
    """The cadence itself and every sparser one of the grid; what an invitation offers."""
    if cadence not in ON_GRID:
        return [str(each) for each in ON_GRID]
    return [str(each) for each in ON_GRID[ON_GRID.index(Cadence(cadence)) :]]


def pattern_of(pass_number: int) -> int:
    """
    The pattern that meets in this week of the cycle only, or in this pass through a rotation.

    Passes are counted from 1 and go on beyond four: the fifth is like the first.
    """
    return 1 << (pass_number - 1) % CYCLE


def meets_in(weeks: int, pass_number: int) -> bool:
    """Whether a pattern (bits, week 1 lowest) has a meeting in a week or a pass, from 1 on."""
    return bool(weeks & pattern_of(pass_number))


def seat_label(cadence: str, number: int) -> str:
    """The letter or number in a seat's box: "", A or B, 1 to 4; `number` counts from 1."""
    return SEAT_LABELS[Cadence(cadence)][number - 1]
