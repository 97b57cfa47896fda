"""Which academic sessions become terms: the level that tiles the year, and why not the others."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from .records import Session

LEVELS = (("semester",), ("term",), ("gradingperiod",), ("schoolyear",))
WORDS = {
    "semester": "semesters",
    "term": "terms",
    "gradingperiod": "grading periods",
    "schoolyear": "the whole year",
}
YEAR_BEGINS = 8  # the month from which a school year is counted to the next, if nobody says so


class TermSaid(NamedTuple):
    """A term as a roster gives it; the school year is the one in which it ends."""

    name: str
    starts_on: date
    ends_on: date
    school_year: int


@dataclass
class Chosen:
    """The terms of a school, and in words which sessions were not taken."""

    terms: list[TermSaid] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def choose(sessions: Mapping[str, Session], used: Collection[str], *, on: date) -> Chosen:
    """
    The terms in a bundle's sessions, for a school whose classes have those in `used`.

    Of each school year one level is taken, the one that covers most of it without an overlap.
    """
    chosen = Chosen()
    by_year: dict[int, list[Session]] = defaultdict(list)
    over = 0
    for session in sessions.values():
        if session.is_gone:
            continue
        if session.ends_on < on:
            over += 1
            continue
        year = _year(session, sessions)
        if year is None:
            chosen.words.append(
                f"{_named(session)} is inside no school year, and none can be worked out."
            )
        else:
            by_year[year].append(session)
    for year, of_year in sorted(by_year.items()):
        _choose_level(chosen, year, of_year, used)
    if over:
        sessions_are = "academic session is" if over == 1 else "academic sessions are"
        chosen.words.append(f"{over} {sessions_are} over and not taken.")
    return chosen


def _choose_level(
    chosen: Chosen, year: int, sessions: list[Session], used: Collection[str]
) -> None:
    levels = [[one for one in sessions if one.kind in kinds] for kinds in LEVELS]
    tiled = [_without_overlap(level, used) for level in levels]
    best = max(range(len(LEVELS) - 1), key=lambda place: (_days(tiled[place]), -place))
    if not tiled[best]:
        best = len(LEVELS) - 1
    taken = tiled[best]
    for session in taken:
        chosen.terms.append(TermSaid(session.title, session.starts_on, session.ends_on, year))
    _tell_apart(chosen, len(taken))
    level = WORDS[LEVELS[best][0]]
    for session in sessions:
        if session in taken:
            continue
        if session in levels[best]:
            other = next(each for each in taken if _overlap(each, session))
            chosen.words.append(f"{_named(session)} overlaps {other.title}, so it is not taken.")
        elif session.kind != "schoolyear" and session.kind in WORDS and taken:
            chosen.words.append(
                f"{_named(session)} is not taken: the terms of {year} are its {level}."
            )
        elif session.kind not in WORDS:
            chosen.words.append(f"{_named(session)} is of no kind that OneRoster has.")


def _tell_apart(chosen: Chosen, count: int) -> None:
    """Two terms of a year have two names."""
    seen: dict[str, int] = {}
    for place in range(len(chosen.terms) - count, len(chosen.terms)):
        term = chosen.terms[place]
        number = seen[term.name.casefold()] = seen.get(term.name.casefold(), 0) + 1
        if number > 1:
            chosen.terms[place] = term._replace(name=f"{term.name[:56]} {number}")


def _without_overlap(level: Iterable[Session], used: Collection[str]) -> list[Session]:
    """Those of a level that stand beside each other; the ones that have classes come first."""
    taken: list[Session] = []
    for session in sorted(
        level, key=lambda each: (each.external_id not in used, each.starts_on, each.line)
    ):
        if session.starts_on < session.ends_on and not any(
            _overlap(session, other) for other in taken
        ):
            taken.append(session)
    return sorted(taken, key=lambda each: each.starts_on)


def _overlap(one: Session, other: Session) -> bool:
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


def _days(level: Iterable[Session]) -> int:
    return sum((each.ends_on - each.starts_on).days + 1 for each in level)


def _year(session: Session, sessions: Mapping[str, Session]) -> int | None:
    """The year in which its school year ends: as it says, or its parents, or by its days."""
    seen = set()
    above: Session | None = session
    while above is not None and above.external_id not in seen:
        seen.add(above.external_id)
        if above.year:
            return above.year if _is_near(above.year, session) else None
        above = sessions.get(above.parent)
    around = [
        each
        for each in sessions.values()
        if each.kind == "schoolyear"
        and each.starts_on <= session.starts_on
        and session.ends_on <= each.ends_on
    ]
    if around:
        year = around[0]
        return year.year or year.ends_on.year
    if (session.ends_on - session.starts_on).days > 366:
        return None
    return session.ends_on.year + (session.ends_on.month >= YEAR_BEGINS)


def _is_near(year: int, session: Session) -> bool:
    return session.starts_on.year - 1 <= year <= session.ends_on.year + 1


def _named(session: Session) -> str:
    return f"{session.title or session.external_id} ({span(session.starts_on, session.ends_on)})"


def span(starts_on: date, ends_on: date) -> str:
    """Two days in words: "7 September to 18 December 2026"."""
    first = f"{starts_on.day} {starts_on:%B}"
    if starts_on.year != ends_on.year:
        first = f"{first} {starts_on.year}"
    return f"{first} to {ends_on.day} {ends_on:%B %Y}"
