"""How far a school is with its times: the steps of this app on the set-up page."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, TypedDict, cast

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from people.models import Role, School
from people.steps import Step, Survey, register

from .models import BellTime, CalendarSource, Closure, Commitment, SchoolDay, SignUp, Slot, Term
from .models.calendar import COLUMNS

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

NO_TERM = "Waits for the first term."


class Begun(TypedDict):
    """What the term carries: whether there are holidays, painted times, a sign-up."""

    has_closures: bool
    has_times: bool
    has_sign_up: bool


def calendar_steps(survey: Survey) -> Iterator[Step]:
    school, on = survey.school, survey.school.today(survey.at)
    calendar = reverse("scheduling:calendar")
    term = _term(school, on)
    if term is None:
        words = "No term yet. The first and the last day are enough."
        yield Step(30, "Calendar", words, "Add a term", reverse("scheduling:term_edit"))
    days = _days(term) if term else {}
    if term is not None:
        words = f"{term.name}, {sum(count for count, _ in days.values())} school days."
        yield Step(30, "Calendar", words, "Open the calendar", calendar, is_done=True)
    yield _bells(school, days, calendar, waits_for="" if term else NO_TERM)
    yield _days_off(school, term, calendar)
    yield _lessons(school, term, on)
    yield _sign_up(term)


def _days_off(school: School, term: "WithAnnotations[Term, Begun] | None", calendar: str) -> Step:
    title, source = "Days without school", CalendarSource.objects.filter(school=school).first()
    trouble = _trouble(source, school) if source else ""
    if source and source.has_news:
        words = f"Your calendar has changed: {source.news}.{trouble}"
        return Step(60, title, words, "See what has changed", calendar, is_needed=False)
    if term and term.has_closures:
        words = f"Holidays of {term.name} are in the calendar.{trouble}"
        return Step(60, title, words, "Open the calendar", calendar, is_done=True, is_needed=False)
    words = f"None this term yet. Until then talks are also planned on holidays.{trouble}"
    url = reverse("scheduling:closure_edit")
    waits_for = "" if term else NO_TERM
    return Step(60, title, words, "Add the holidays", url, is_needed=False, waits_for=waits_for)


def _trouble(source: CalendarSource, school: School) -> str:
    """That the school's own calendar cannot be looked at, since when and why."""
    if source.failed_since is None:
        return ""
    since = date_format(localtime(source.failed_since, school.zone), "j F")
    return f" Your calendar could not be fetched since {since}: {source.error}"


def _term(school: School, on: date) -> "WithAnnotations[Term, Begun] | None":
    """The term that runs or comes next, with what `Begun` says."""
    closures = Closure.objects.filter(
        school=school, starts_on__lte=OuterRef("ends_on"), ends_on__gte=OuterRef("starts_on")
    )
    painted = Slot.objects.standing().filter(term=OuterRef("pk"))
    asked = SignUp.objects.filter(term=OuterRef("pk"))
    terms = Term.objects.annotate(
        has_closures=Exists(closures), has_times=Exists(painted), has_sign_up=Exists(asked)
    )
    found = terms.current_or_next(school, on=on)
    return cast("WithAnnotations[Term, Begun] | None", found)


def _days(term: Term) -> dict[int, tuple[int, int]]:
    """School days by ISO weekday, and how many of them have no bell times."""
    times = BellTime.objects.filter(bell_schedule=OuterRef("bell_schedule"))
    rows = (
        SchoolDay.objects.open()
        .filter(term=term)
        .order_by()
        .values("date__iso_week_day")
        .annotate(days=Count("pk"), silent=Count("pk", filter=~Q(Exists(times))))
    )
    return {row["date__iso_week_day"]: (row["days"], row["silent"]) for row in rows}


def _bells(school: School, days: dict, calendar: str, *, waits_for: str) -> Step:
    schedules = list(school.bell_schedules.annotate(count=Count("times")).order_by("pk"))
    periods = max((each.count for each in schedules), default=0)
    names = dict(COLUMNS)
    silent = [names[str(day)] for day, (count, without) in sorted(days.items()) if count == without]
    if not periods:
        words = "No bell times yet, so there is no grid to paint."
        url = reverse("scheduling:bell_schedule_edit")
        return Step(40, "Bell times", words, "Set the bell times", url, waits_for=waits_for)
    only = len(schedules) == 1
    url = reverse("scheduling:bell_schedule_edit", args=[schedules[0].uid]) if only else calendar
    words = f"{periods} periods."
    if silent:
        words += f" No bells yet on {_listed(silent)}: nothing can be painted there."
    is_done = len(silent) < max(len(days), 1)
    return Step(40, "Bell times", words, "Change the bell times", url, is_done, waits_for=waits_for)


def _lessons(school: School, term: Term | None, on: date) -> Step:
    lessons = Commitment.objects.filter(term=term, is_lesson=True, person=OuterRef("person"))
    teachers = Role.objects.in_force(on).filter(
        school=school, kind=Role.Kind.TEACHER, person__is_active=True
    )
    found = teachers.annotate(teaches=Exists(lessons)).aggregate(
        all=Count("person", distinct=True),
        without=Count("person", distinct=True, filter=Q(teaches=False)),
    )
    url, without = reverse("scheduling:lesson_import"), found["without"]
    waits_for = NO_TERM if term is None else "" if found["all"] else "Waits for the people."
    if found["all"] == without:
        words = "Not yet. Until then everybody is offered every time, also while they teach."
        return Step(
            65, "Lessons", words, "Import lessons", url, is_needed=False, waits_for=waits_for
        )
    words = f"{found['all'] - without} of {found['all']} teachers have lessons."
    if without:
        words += " The others are offered every time."
    return Step(65, "Lessons", words, "Import lessons again", url, is_done=True, is_needed=False)


def _sign_up(term: "WithAnnotations[Term, Begun] | None") -> Step:
    """What all of this is for; leaders do it themselves."""
    title, action, url = "First sign-up", "See the people", reverse("people:person_list")
    url += "?role=hosts"
    if term is not None and term.has_sign_up:
        return Step(
            90, title, "A host has invited people to pick a time.", action, url, is_done=True
        )
    words = "Leaders do this from their own Schedule: paint a few periods, invite."
    if term is not None and term.has_times:
        words = "Periods are painted; nobody is invited yet. Leaders do that from their Schedule."
    return Step(90, title, words, action, url, waits_for="Waits for a leader who signs in.")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def register_steps() -> None:
    register(calendar_steps)
