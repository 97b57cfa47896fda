"""Somebody leaves the school: their last day, who takes over, and ending their time at once."""

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from .. import actions
from ..departures import Leaving, adult_groups, hosted, what_ends
from ..directory import answering_to
from ..forms.leaving import HandOverForm, LastDayForm
from ..forms.persons import EndPersonForm
from ..models import Departure, Handover, Role
from ..models.persons import in_force
from ..undo_bar import offer
from .record import fetch, staff_besides


@require_http_methods(["GET", "POST"])
def last_day(request, uid):
    """When it is, and what ends with it."""
    school, person = fetch(request, uid)
    departure = Departure.objects.of(person, school)
    if request.method == "POST":
        form = LastDayForm(request.POST)
        if form.is_valid():
            try:
                change = actions.set_last_day(
                    person, school, by=request.person, at=request.now, **form.cleaned_data
                )
            except actions.CannotChangePerson as error:
                form.add_error(error.field, str(error))
            else:
                offer(request, change)
                return redirect("people:hand_over", uid=person.uid)
    else:
        form = LastDayForm(initial={"last_day": departure and departure.last_day})
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
    before = Handover.objects.filter(leaver=person)
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        departure=departure,
        pairings=hosted(person, school, on=on).without_counseling(),
        groups=adult_groups(person, school, on=on).prefetch_related(
            Prefetch("handovers", before, to_attr="handed_over")
        ),
        answering=answering_to(person, on=on),
        roles=staff_then(person, school, on=on),
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


def staff_then(person, school, *, on):
    """The roles of those who can take over from somebody on a date, by name."""
    roles = Role.objects.in_force(on).filter(
        school=school, kind__in=Role.STAFF, person__is_active=True
    )
    by_name = roles.order_by("person__family_name", "person__given_name", "person")
    return by_name.exclude(person=person).select_related("person")


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
