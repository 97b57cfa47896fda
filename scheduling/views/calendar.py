"""The pages on which an administrator keeps the school's calendar."""

from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import undo_bar
from people.permissions import administered_school

from .. import actions
from ..forms.calendar import (
    BellScheduleForm,
    ClosureForm,
    DayForm,
    TermForm,
    WeekdaysForm,
    WeekForm,
)
from ..models import CalendarSource, SchoolDay, SchoolWeek, Term
from ..models.calendar import COLUMNS, columns_of


@require_safe
def calendar(request):
    school = administered_school(request.roles)
    terms = list(Term.objects.of(school).with_counts().order_by("starts_on"))
    closures = list(school.closures.order_by("starts_on", "pk"))
    bell_schedules = list(school.bell_schedules.with_times().order_by("name"))
    names = dict(COLUMNS)
    return render(
        request,
        "scheduling/calendar.html",
        {
            "terms": terms,
            "closures": closures,
            "source": CalendarSource.objects.filter(school=school).first(),
            "bell_schedules": bell_schedules,
            "school_days": [names[day] for day in school.weekdays],
            "school": school,
            "special_days": list(
                school.special_days.filter(date__gte=request.today)
                .select_related("bell_schedule")
                .order_by("date")
            ),
            "missing": _missing(school, terms, bell_schedules, on=request.today),
            "this_week": school.weeks.filter(starts_on__lte=request.today)
            .order_by("-starts_on")
            .first(),
        },
    )


@require_http_methods(["GET", "POST"])
def term_edit(request, uid=None):
    school = administered_school(request.roles)
    term = get_object_or_404(school.terms, uid=uid) if uid else None
    effect = None
    if request.method == "POST":
        form = TermForm(request.POST, on=request.today)
        if form.is_valid() and not _goes_back(request):
            try:
                saved = actions.save_term(
                    school,
                    by=request.person,
                    at=request.now,
                    term=term,
                    is_confirmed=_is_confirmed(request),
                    **form.cleaned_data,
                )
            except actions.CannotChangeCalendar as error:
                form.add_error(error.field, str(error))
            except actions.NeedsConfirmation as question:
                effect = question.effect
            else:
                messages.success(request, f"{saved.name} is saved.")
                return redirect("scheduling:calendar")
    else:
        form = TermForm(on=request.today, initial=_initial(term, *TermForm.base_fields))
    return render(
        request, "scheduling/term_edit.html", {"term": term, "form": form, "effect": effect}
    )


@require_POST
def term_delete(request, uid):
    school = administered_school(request.roles)
    term = get_object_or_404(school.terms, uid=uid)
    try:
        actions.delete_term(term, by=request.person, at=request.now)
    except actions.CannotChangeCalendar as error:
        messages.error(request, str(error))
        return redirect("scheduling:term_edit", uid)
    messages.success(request, f"{term.name} is deleted.")
    return redirect("scheduling:calendar")


@require_http_methods(["GET", "POST"])
def closure_edit(request, uid=None):
    school = administered_school(request.roles)
    closure = get_object_or_404(school.closures, uid=uid) if uid else None
    effect = None
    if request.method == "POST":
        form = ClosureForm(request.POST, rotates=school.rotates)
        if form.is_valid() and not _goes_back(request):
            try:
                done = actions.save_closure(
                    school,
                    by=request.person,
                    at=request.now,
                    closure=closure,
                    is_confirmed=_is_confirmed(request),
                    **form.cleaned_data,
                )
            except actions.CannotChangeCalendar as error:
                form.add_error(error.field, str(error))
            except actions.NeedsConfirmation as question:
                effect = question.effect
            else:
                saved = done.closure
                if done.effect.change:
                    undo_bar.offer(request, done.effect.change)
                else:
                    messages.success(request, f"{saved.name} is saved.")
                tell(request, done.effect)
                if not school.terms.touching(saved.starts_on, saved.ends_on).exists():
                    messages.warning(request, "No term has these days, so nothing changes for now.")
                return redirect("scheduling:calendar")
    else:
        form = ClosureForm(
            initial=_initial(closure, *ClosureForm.base_fields), rotates=school.rotates
        )
    return render(
        request,
        "scheduling/closure_edit.html",
        {"closure": closure, "form": form, "effect": effect},
    )


@require_POST
def closure_delete(request, uid):
    school = administered_school(request.roles)
    closure = get_object_or_404(school.closures, uid=uid)
    effect = actions.delete_closure(closure, by=request.person, at=request.now)
    undo_bar.offer(request, effect.change)
    tell(request, effect)
    return redirect("scheduling:calendar")


@require_http_methods(["GET", "POST"])
def weekdays_edit(request):
    school = administered_school(request.roles)
    effect = None
    if request.method == "POST":
        form = WeekdaysForm(request.POST)
        if form.is_valid() and not _goes_back(request):
            try:
                actions.set_weekdays(
                    school,
                    by=request.person,
                    at=request.now,
                    is_confirmed=_is_confirmed(request),
                    **form.cleaned_data,
                )
            except actions.CannotChangeCalendar as error:
                form.add_error(error.field, str(error))
            except actions.NeedsConfirmation as question:
                effect = question.effect
            else:
                messages.success(request, "The school days are saved.")
                return redirect("scheduling:calendar")
    else:
        form = WeekdaysForm(
            initial={"weekdays": list(school.weekdays), "rotation_days": school.rotation_days}
        )
    return render(request, "scheduling/weekdays_edit.html", {"form": form, "effect": effect})


@require_http_methods(["GET", "POST"])
def bell_schedule_edit(request, uid=None):
    school = administered_school(request.roles)
    bell_schedule = get_object_or_404(school.bell_schedules, uid=uid) if uid else None
    effect = None
    if request.method == "POST":
        form = BellScheduleForm(request.POST, school=school)
        if form.is_valid() and not _goes_back(request):
            try:
                done = actions.save_bell_schedule(
                    school,
                    by=request.person,
                    at=request.now,
                    bell_schedule=bell_schedule,
                    is_confirmed=_is_confirmed(request),
                    **form.cleaned_data,
                )
            except actions.CannotChangeCalendar as error:
                form.add_error(error.field, str(error))
            except actions.NeedsConfirmation as question:
                effect = question.effect
            else:
                messages.success(request, f"{done.bell_schedule.name} is saved.")
                tell(request, done.effect)
                return redirect("scheduling:calendar")
    else:
        form = BellScheduleForm(school=school, bell_schedule=bell_schedule)
    return render(
        request,
        "scheduling/bell_schedule_edit.html",
        {"bell_schedule": bell_schedule, "form": form, "effect": effect},
    )


@require_POST
def bell_schedule_delete(request, uid):
    school = administered_school(request.roles)
    bell_schedule = get_object_or_404(school.bell_schedules, uid=uid)
    if _goes_back(request):
        return redirect("scheduling:bell_schedule_edit", uid)
    try:
        effect = actions.delete_bell_schedule(
            bell_schedule, by=request.person, at=request.now, is_confirmed=_is_confirmed(request)
        )
    except actions.NeedsConfirmation as question:
        return render(
            request,
            "scheduling/bell_schedule_delete.html",
            {"bell_schedule": bell_schedule, "effect": question.effect},
        )
    messages.success(request, f"{bell_schedule.name} is deleted.")
    tell(request, effect)
    return redirect("scheduling:calendar")


@require_safe
def week_list(request):
    school = administered_school(request.roles)
    years = list(
        school.terms.order_by("school_year").values_list("school_year", flat=True).distinct()
    )
    current = Term.objects.of(school).current_or_next(school, on=request.today)
    year = current.school_year if current else (years or [None])[-1]
    if request.GET.get("year", "").isascii() and request.GET.get("year", "").isdecimal():
        year = int(request.GET["year"][:4])
    weeks = SchoolWeek.objects.of_year(school, year) if year else SchoolWeek.objects.none()
    if school.rotates:
        weeks = weeks.with_days()
    return render(
        request,
        "scheduling/week_list.html",
        {"weeks": weeks.with_day_counts(), "year": year, "years": years, "school": school},
    )


@require_http_methods(["GET", "POST"])
def day_edit(request, on):
    school = administered_school(request.roles)
    if not school.rotates:
        raise Http404
    days = SchoolDay.objects.filter(school=school).select_related("term", "school")
    day = get_object_or_404(days, date=_day(on))
    effect = None
    if request.method == "POST":
        form = DayForm(request.POST, school=school)
        if form.is_valid() and not _goes_back(request):
            try:
                actions.shift_days(
                    day,
                    by=request.person,
                    at=request.now,
                    is_confirmed=_is_confirmed(request),
                    **form.cleaned_data,
                )
            except actions.CannotChangeCalendar as error:
                form.add_error(error.field, str(error))
            except actions.NeedsConfirmation as question:
                effect = question.effect
            else:
                messages.success(request, "The days are saved.")
                return redirect("scheduling:week_list")
    else:
        form = DayForm(initial={"column": day.column}, school=school)
    return render(request, "scheduling/day_edit.html", {"day": day, "form": form, "effect": effect})


@require_http_methods(["GET", "POST"])
def week_edit(request, starts_on):
    school = administered_school(request.roles)
    week = get_object_or_404(school.weeks.select_related("term"), starts_on=_day(starts_on))
    effect = None
    if request.method == "POST":
        form = WeekForm(request.POST)
        if form.is_valid() and not _goes_back(request):
            try:
                actions.shift_letters(
                    week,
                    by=request.person,
                    at=request.now,
                    is_confirmed=_is_confirmed(request),
                    **form.cleaned_data,
                )
            except actions.CannotChangeCalendar as error:
                form.add_error(error.field, str(error))
            except actions.NeedsConfirmation as question:
                effect = question.effect
            else:
                messages.success(request, "The letters are saved.")
                return redirect("scheduling:week_list")
    else:
        form = WeekForm(initial={"cycle_week": week.cycle_week})
    return render(
        request, "scheduling/week_edit.html", {"week": week, "form": form, "effect": effect}
    )


def tell(request, effect):
    """Say what became of one-on-ones, in numbers: who meets whom is theirs to know."""
    if effect.reopened:
        talks = _one_on_ones(effect.reopened)
        messages.success(request, f"{talks} planned again.")
    if effect.stuck:
        talks = _one_on_ones(effect.stuck)
        messages.warning(
            request, f"{talks} not planned again: one of the two has something else then."
        )


def _one_on_ones(count):
    return "1 one-on-one is" if count == 1 else f"{count} one-on-ones are"


def _initial(thing, *names):
    return {name: getattr(thing, name) for name in names} if thing else {}


def _is_confirmed(request):
    return request.POST.get("step") == "confirm"


def _goes_back(request):
    return request.POST.get("step") == "back"


def _day(written):
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise Http404 from error


def _missing(school, terms, bell_schedules, *, on):
    """What the calendar still needs, in the order in which to do it: sentence, address, link."""
    steps = []
    current = next((term for term in terms if term.ends_on >= on), None)
    used = {column for bell_schedule in bell_schedules for column in bell_schedule.columns}
    bare = [name for column, name in columns_of(school) if column not in used]
    if not terms:
        steps.append(
            ("There is no term yet, so nobody can offer times.", "term_edit", "Add a term")
        )
    elif current is None:
        steps.append(("The last term is over.", "term_edit", "Add the next term"))
    if not bell_schedules:
        steps.append(("There are no bell times yet.", "bell_schedule_edit", "Add a bell schedule"))
    elif bare:
        steps.append(
            (f"No bell times for {', '.join(bare)}.", "bell_schedule_edit", "Add a bell schedule")
        )
    if current and bell_schedules and not current.commitment_count:
        steps.append(
            (
                f"No lessons in {current.name} yet, so nobody knows when teachers are free.",
                "lesson_import",
                "Import lessons",
            )
        )
    return [
        {"sentence": sentence, "url": reverse(f"scheduling:{view}"), "action": action}
        for sentence, view, action in steps
    ]
