"""Taking days without school over from the school's own calendar, event by event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from people.models import Change, OutgoingMail, Person, School

from ..closure_files import Plan, Row, Stretch, What, plan
from ..models import CalendarEvent, CalendarSource, Closure
from .closures import as_it_was, written_again
from .rebuilding import CannotChangeCalendar, Effect, locked, rebuild
from .rippling import KIND

TAKE = "closure.import"  # the verb of the change
MOST_MADE = 400


class Choice(NamedTuple):
    """
    What somebody says about an event: that its days close, or change as it says; that there is
    school again where it is gone; or none of it.
    """

    is_yes: bool
    stops_meetings: bool = True
    stops_clock: bool = True


class Taken(NamedTuple):
    """What a calendar said, and what became of it."""

    plan: Plan
    made: int
    changed: int
    reopened: int
    effect: Effect


@transaction.atomic
def apply_closures(
    school: School,
    *,
    by: Person | None,
    at: datetime,
    content: bytes,
    choices: Mapping[str, Choice],
    digest: str = "",
    is_from_source: bool = False,
    is_confirmed: bool = True,
) -> Taken:
    """
    Close the days of those events that somebody chose by their keys, and let closures go where
    their events went; all of it or nothing, and people are told once. Can be undone.

    What was decided is remembered, so the same calendar twice changes nothing. About an event
    without a choice nothing is decided. Raises CannotRead,
    CannotChangeCalendar, also if the days have changed since somebody saw them by their `digest`,
    and NeedsConfirmation if planned meetings would be closed. What `is_from_source`, the address
    that the school keeps, is no news there any more.
    """
    school = locked(school, by=by, at=at)
    found = plan(school, content, on=school.today(at))
    if digest and digest != found.digest:
        raise CannotChangeCalendar("The days have changed in the meantime. Look at them again.")
    taking = _Taking(school, found.calendar)
    for row in found.rows:
        choice = Choice(is_yes=True) if row.what == What.SAME else choices.get(row.key)
        if choice is not None:
            taking.take(row, choice)
    effect = Effect()
    if taking.touched:
        effect = rebuild(
            school,
            by=by,
            at=at,
            about=[f"closure:{key}" for key in sorted(taking.touched)],
            undoable=(TAKE, taking.as_refs()),
            untold=_untold(school) if taking.only_reopens else (),
            is_confirmed=is_confirmed,
        )
    if is_from_source:
        CalendarSource.objects.filter(school=school).update(
            new_count=0, changed_count=0, gone_count=0, news_since=None
        )
    return Taken(found, len(taking.made), taking.changed, taking.reopened, effect)


@transaction.atomic
def take_back(change: Change, *, by: Person, at: datetime) -> Effect:
    """Let the days be as they were before a calendar was taken over. Raises DoesNotExist."""
    refs = change.refs
    school = locked(School.objects.get(pk=refs["school"]), by=by, at=at)
    made = Closure.objects.filter(school=school, uid__in=refs["made"])
    about = [*made.values_list("pk", flat=True)]
    made.delete()
    for before in refs["before"]:
        closure = written_again(before, school)
        closure.pk = Closure.objects.filter(uid=closure.uid).values_list("pk", flat=True).first()
        closure.save()
        about.append(closure.pk)
    # What was decided with them is open again
    CalendarEvent.objects.filter(school=school, key__in=refs["events"]).delete()
    for key, said in refs["said"]:
        CalendarEvent.objects.filter(school=school, pk=key).update(**said)
    return rebuild(school, by=by, at=at, about=[f"closure:{key}" for key in about])


def _untold(school: School) -> list[int]:
    """Who has not been told of the closures yet, and so has to be told nothing."""
    unsent = OutgoingMail.objects.open().filter(kind=KIND, person__roles__school=school)
    return list(unsent.values_list("person_id", flat=True))


@dataclass
class _Taking:
    """What is done with the events of a calendar, one after the other."""

    school: School
    calendar: str
    made: list[Closure] = field(default_factory=list)
    before: list[dict] = field(default_factory=list)  # closures that were there, as they were
    events: list[str] = field(default_factory=list)  # keys of those decided on for the first time
    said: list[tuple[int, dict]] = field(default_factory=list)  # what was known of others
    touched: set[int] = field(default_factory=set)  # keys of closures
    changed: int = 0
    reopened: int = 0

    @property
    def only_reopens(self) -> bool:
        return not self.made and not self.changed

    def as_refs(self) -> dict:
        return {
            "school": self.school.pk,
            "made": [str(each.uid) for each in self.made],
            "before": self.before,
            "events": self.events,
            "said": self.said,
            "counts": [len(self.made), self.changed, self.reopened],
        }

    def take(self, row: Row, choice: Choice) -> None:
        if row.what == What.GONE:
            self._let_go(row, choice)
        elif row.what == What.SAME:
            event = self._remember(row, row.name)
            Closure.objects.filter(pk__in=[each.pk for each in row.closures]).update(event=event)
        elif row.what == What.CHANGED:
            event = self._remember(row, row.name)
            if choice.is_yes:
                self._follow(row, event)
        elif choice.is_yes:
            event = self._remember(row, row.name)
            for stretch in row.stretches:
                self._make(event, stretch, choice.stops_meetings, choice.stops_clock)
        elif row.what == What.NEW or row.event:
            self._remember(row, "")

    def _remember(self, row: Row, name: str) -> CalendarEvent:
        """Keep what was decided of an event, and what it said then."""
        event = row.event or CalendarEvent(school=self.school)
        wanted = {"calendar": self.calendar, "key": row.key, "says": row.says, "name": name}
        was = {each: getattr(event, each) for each in wanted}
        if event.pk is None:
            self.events.append(row.key)
        elif was != wanted:
            self.said.append((event.pk, was))
        if was != wanted:
            for each, value in wanted.items():
                setattr(event, each, value)
            event.save()
        return event

    def _make(self, event: CalendarEvent, stretch: Stretch, *stops: bool) -> None:
        if len(self.made) >= MOST_MADE:
            raise CannotChangeCalendar(
                f"These would be more than {MOST_MADE} stretches of days. Tick fewer."
            )
        stops_meetings, stops_clock = stops
        made = Closure.objects.create(
            school=self.school,
            event=event,
            name=event.name,
            starts_on=stretch.starts_on,
            ends_on=stretch.ends_on,
            stops_meetings=stops_meetings,
            stops_clock=stops_clock,
        )
        self.made.append(made)
        self.touched.add(made.pk)

    def _follow(self, row: Row, event: CalendarEvent) -> None:
        """Let the closures of an event be when it is now."""
        moves, adds, drops, renames = row.changes
        for closure in {each.pk: each for each in [*drops, *renames, *dict(moves)]}.values():
            self.before.append(as_it_was(closure))
            self.touched.add(closure.pk)
        for closure in renames:
            closure.name = event.name
            closure.save(update_fields=["name"])
        for closure, stretch in moves:
            closure.starts_on, closure.ends_on = stretch
            closure.save(update_fields=["starts_on", "ends_on"])
        Closure.objects.filter(pk__in=[each.pk for each in drops]).delete()
        first = row.closures[0]
        for stretch in adds:
            self._make(event, stretch, first.stops_meetings, first.stops_clock)
        self.changed += 1

    def _let_go(self, row: Row, choice: Choice) -> None:
        """An event that is gone: there is school again, or its closures stay as if typed."""
        if choice.is_yes:
            for closure in row.closures:
                self.before.append(as_it_was(closure))
                self.touched.add(closure.pk)
            Closure.objects.filter(pk__in=[each.pk for each in row.closures]).delete()
            self.reopened += 1
        CalendarEvent.objects.filter(school=self.school, key=row.key).delete()
