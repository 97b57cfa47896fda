"""Somebody leaves the school: their last day, who takes over, and ending their time at once."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from .. import actions
from ..departures import Leaving, adult_groups, hosted, staff_roles, what_ends
from ..directory import answering_to
from ..forms.leaving import HandOverForm, LastDayForm, OnwardForm
from ..forms.persons import EndPersonForm
from ..models import Departure, Role
from ..models.persons import in_force
from ..undo_bar import offer
from .record import fetch, staff_besides


@require_http_methods(["GET", "POST"])
def last_day(request, uid):
    """When it is, and what ends with it."""
    school, person = fetch(request, uid)
    departure = Departure.objects.of(person, school)
    form = _last_day_form(request, departure)
    if request.method == "POST" and form.is_valid():
        try:
            change = actions.set_last_day(
                person,
                school,
                last_day=form.cleaned_data["last_day"],
                onward=form.onward(),
                by=request.person,
                at=request.now,
            )
        except actions.CannotChangePerson as error:
            form.add_error(error.field, str(error))
        else:
            offer(request, change)
            return redirect("people:hand_over", uid=person.uid)
    on = departure.last_day if departure else request.today
    return render(
        request,
        "people/last_day.html",
        {
            "person": person,
            "form": form,
            "departure": departure,
            "endings": what_ends(Leaving(person, school, on, request.person, request.now)),
        },
    )


def _last_day_form(request, departure):
    """The day; and where they go on, for somebody who administers more schools than one."""
    posted = request.POST if request.method == "POST" else None
    initial = {"last_day": departure and departure.last_day}
    schools = [
        role.school
        for role in request.roles
        if role.kind == Role.Kind.SCHOOL_ADMIN and role.school_id != request.school.pk
    ]
    if not schools:
        return LastDayForm(posted, initial=initial)
    if departure is not None and departure.to_school is not None:
        initial |= {"to_school": str(departure.to_school.uid), "kind": departure.to_kind}
    return OnwardForm(posted, initial=initial, schools=schools)


@require_POST
def last_day_take_back(request, uid):
    school, person = fetch(request, uid)
    departure = Departure.objects.of(person, school)
    try:
        if departure is not None:
            change = actions.take_back_last_day(departure, by=request.person, at=request.now)
            offer(request, change)
    except actions.CannotChangePerson as error:
        messages.error(request, str(error))
    return redirect("people:person_edit", uid=person.uid)


@require_http_methods(["GET", "POST"])
def hand_over(request, uid):
    """Who takes over which talks and groups; counseling is not for others to see."""
    school, person = fetch(request, uid)
    departure = Departure.objects.of(person, school)
    if departure is None:
        return redirect("people:last_day", uid=person.uid)
    on = departure.first_day_without
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        departure=departure,
        pairings=hosted(person, school, on=on).without_counseling(),
        groups=adult_groups(person, school, on=on),
        answering=answering_to(person, on=on),
        roles=staff_roles(school, on=on).exclude(person=person),
    )
    if form.is_valid():
        try:
            actions.hand_over(
                departure,
                by=request.person,
                at=request.now,
                successor=form.successor(),
                pairings=form.pairings(),
                groups=form.groups(),
            )
        except actions.CannotHandOver as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved. It happens by itself once that day is over.")
            return redirect("people:person_edit", uid=person.uid)
    return render(
        request,
        "people/hand_over.html",
        {"person": person, "form": form, "departure": departure},
    )


@require_http_methods(["GET", "POST"])
def person_end(request, uid):
    school, person = fetch(request, uid)
    staff = staff_besides(person, school, on=request.today)
    form = EndPersonForm(request.POST if request.method == "POST" else None, staff=staff)
    if form.is_valid():
        try:
            actions.end_person(
                person, school, by=request.person, at=request.now, **form.cleaned_data
            )
        except actions.CannotChangePerson as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, "They have left. What they wrote is kept.")
            return redirect("people:person_list")
    answering = person.managed_lines.filter(in_force(request.today)).count()
    return render(
        request,
        "people/person_end.html",
        {"person": person, "form": form, "answering": answering},
    )
