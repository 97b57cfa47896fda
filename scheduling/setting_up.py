"""How far a school is with its times: the steps of this app on the set-up page."""

from datetime import date

from django.urls import reverse

from people.models import School
from people.steps import State, Step, register

from .models import BellTime, Commitment, SchoolDay, Term


def calendar_state(school: School, on: date) -> State:
    term = Term.objects.current_or_next(school, on=on)
    if term is None:
        return State(is_done=False, words="No term yet. The first and the last day are enough.")
    days = SchoolDay.objects.open().filter(term=term).count()
    return State(is_done=True, words=f"{term.name}, {days} school days.")


def bells_state(school: School, on: date) -> State:
    times = BellTime.objects.filter(bell_schedule__school=school)
    count = times.values("period").distinct().count()
    if not count:
        return State(is_done=False, words="No bell times yet, so there is no grid to paint.")
    schedules = list(school.bell_schedules.values_list("uid", flat=True)[:2])
    only = reverse("scheduling:bell_schedule_edit", args=schedules) if len(schedules) == 1 else ""
    words = f"{count} periods."
    return State(is_done=True, words=words, action="Change the bell times", url=only)


def lessons_state(school: School, on: date) -> State:
    term = Term.objects.current_or_next(school, on=on)
    lessons = Commitment.objects.filter(term=term, is_lesson=True)
    teachers = lessons.values("person").distinct().count() if term else 0
    if not teachers:
        words = "Not yet. Until then everybody is offered every time, also while they teach."
        return State(is_done=False, words=words)
    return State(is_done=True, words=f"{teachers} people teach.", action="Import lessons again")


def register_steps() -> None:
    register(Step(30, "Calendar", "Open the calendar", "scheduling:calendar", calendar_state))
    register(Step(40, "Bell times", "Set the bell times", "scheduling:calendar", bells_state))
    register(Step(60, "Lessons", "Import lessons", "scheduling:lesson_import", lessons_state))
