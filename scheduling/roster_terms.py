"""The terms that a roster brings: which are new, which get other dates, and which stay."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from people.actions import CannotImport
from people.models import Person, School
from people.oneroster import TermSaid, span

from . import actions
from .actions.calendar import LONGEST
from .models import Term

FITS = 0.5  # of its days that a term has in common with what is said of it


class _Plan(NamedTuple):
    """What becomes of a term that is said; without a change there is only the sentence."""

    said: TermSaid
    term: Term | None = None
    is_change: bool = False
    sentence: str = ""


def plan(school: School | None, terms: list[TermSaid], at: datetime) -> tuple[list[str], list[str]]:
    """What would change, in sentences, and what stays as it is; see people.incoming."""
    plans = list(_plans(school, terms))
    changes = [each.sentence for each in plans if each.is_change]
    return changes, [each.sentence for each in plans if each.sentence and not each.is_change]


def take(school: School, terms: list[TermSaid], by: Person | None, at: datetime) -> None:
    """Add and change terms as planned. Raises people.actions.CannotImport."""
    for each in list(_plans(school, terms)):
        if not each.is_change:
            continue
        try:
            actions.save_term(
                school,
                by=by,
                at=at,
                name=each.term.name if each.term else each.said.name,
                starts_on=each.said.starts_on,
                ends_on=each.said.ends_on,
                school_year=each.term.school_year if each.term else each.said.school_year,
                term=each.term,
            )
        except actions.CannotChangeCalendar as error:
            raise CannotImport(f"{each.said.name}: {error}") from error


def _plans(school: School | None, terms: list[TermSaid]) -> Iterator[_Plan]:
    standing = list(Term.objects.of(school).order_by("starts_on")) if school else []
    names = [(term.name.casefold(), term.starts_on) for term in standing]
    for said in terms:
        near = [
            term
            for term in standing
            if term.starts_on <= said.ends_on and said.starts_on <= term.ends_on
        ]
        days = span(said.starts_on, said.ends_on)
        if said.ends_on - said.starts_on > LONGEST:
            yield _Plan(said, sentence=f"{said.name} ({days}) is longer than a year. Not taken.")
        elif not near:
            name = _free_name(said, names)
            names.append((name.casefold(), said.starts_on))
            yield _Plan(said._replace(name=name), is_change=True, sentence=f"{name}, {days}.")
        elif len(near) > 1 or _common(near[0], said) < FITS:
            others = " and ".join(term.name for term in near)
            yield _Plan(said, sentence=f"{said.name} ({days}) overlaps {others}. Not taken.")
        else:
            yield _changed(near[0], said)


def _free_name(said: TermSaid, names: list[tuple[str, date]]) -> str:
    """Within a year two terms have two names."""
    for name in (said.name, f"{said.name[:46]} {said.starts_on:%Y}", f"{said.name[:40]} {said[1]}"):
        if not any(
            taken == name.casefold() and abs(starts_on - said.starts_on) < LONGEST
            for taken, starts_on in names
        ):
            return name
    return f"Term of {said.starts_on}"


def _changed(term: Term, said: TermSaid) -> _Plan:
    """A term is known by its days: another name for it is no reason to take its own away."""
    if (term.starts_on, term.ends_on) == (said.starts_on, said.ends_on):
        return _Plan(said, term)
    old, new = span(term.starts_on, term.ends_on), span(said.starts_on, said.ends_on)
    if term.bookings.exists():
        sentence = (
            f"{term.name} keeps its days, {old}, because people have booked times in it. "
            f"The files say {new}; an administrator can change it on the calendar's page."
        )
        return _Plan(said, term, sentence=sentence)
    return _Plan(said, term, is_change=True, sentence=f"{term.name}: {old} becomes {new}.")


def _common(term: Term, said: TermSaid) -> float:
    both = min(term.ends_on, said.ends_on) - max(term.starts_on, said.starts_on)
    shorter = min(term.ends_on - term.starts_on, said.ends_on - said.starts_on)
    return (both.days + 1) / (shorter.days + 1)
