"""How often, in words; and the letter of an invitation: what it says, and how it begins."""

from collections.abc import Sequence
from typing import NamedTuple

from people.cadence import Cadence

LONGEST = 2000  # letters of a host's own words

PREFILLED = "You do not have to prepare. Bring something or bring nothing."

# How often is said for each person, so that no letter promises something else than the page.
_OPENINGS = {
    Cadence.WEEKLY: "I would like us to talk for {length}, each week to begin with.",
    Cadence.BIWEEKLY: "I would like us to talk for {length}, every other week to begin with.",
    Cadence.MONTHLY: (
        "I would like to hear how things are, once a month, without an agenda of mine."
    ),
}
_SUBJECTS = {
    Cadence.WEEKLY: "A regular half hour, if you would like one",
    Cadence.BIWEEKLY: "Half an hour every other week",
    Cadence.MONTHLY: "Half an hour a month",
}
RHYTHMS = {
    Cadence.WEEKLY: "every week",
    Cadence.BIWEEKLY: "every other week",
    Cadence.MONTHLY: "every four weeks",
}
# Where the timetable counts days instead of weekdays
_TURNS = {
    Cadence.WEEKLY: "every rotation",
    Cadence.BIWEEKLY: "every other rotation",
    Cadence.MONTHLY: "every fourth rotation",
}


def subject(cadence: str) -> str:
    return _SUBJECTS.get(Cadence(cadence), "A time for us")


def opening(cadence: str, minutes: int, *, rotates: bool = False) -> str:
    """The sentence that says how often, in the host's voice."""
    length = "half an hour" if minutes == 30 else f"{minutes} minutes"
    sentence = _OPENINGS.get(Cadence(cadence), "I would like us to talk for {length}.")
    if rotates and Cadence(cadence) in _TURNS:
        sentence = "I would like us to talk for {length}, {turns} to begin with."
    turns = rhythm(cadence, rotates=rotates)
    return sentence.format(length=length, turns=turns)


class Letter(NamedTuple):
    """A letter as its reader sees it: the promise that every letter has stands in between."""

    opening: str
    words: str  # the host's own; may be empty


def addressed(
    name: str, cadence: str, minutes: int, words: str, *, rotates: bool = False
) -> Letter:
    said = opening(cadence, minutes, rotates=rotates)
    return Letter(f"{name}, {said}", words.strip())


def rhythm(cadence: str, *, rotates: bool = False) -> str:
    """How often, in words that follow a time: "every other week"; by rotations if it `rotates`."""
    return (_TURNS if rotates else RHYTHMS).get(Cadence(cadence), "")


def weeks_words(weeks: int, unit: str) -> str:
    """Some weeks of the cycle, or passes: "week A", "weeks 1 and 3"."""
    if weeks in (0b0101, 0b1010):
        return f"{unit} A" if weeks == 0b0101 else f"{unit} B"
    numbers = [str(number + 1) for number in range(4) if weeks >> number & 1]
    units = f"{unit}es" if unit == "pass" else f"{unit}s"
    return f"{unit} {numbers[0]}" if len(numbers) == 1 else f"{units} {in_a_row(numbers)}"


def in_a_row(words: Sequence[str]) -> str:
    """ "Ben Carter", "Ben Carter and Priya Nair", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
