"""Before somebody's own last day: what ends, who takes over, and what only they can hand over."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .. import actions
from ..departures import (
    Leaving,
    adult_groups,
    attended,
    hosted,
    last_days_of,
    staff_roles,
    what_ends,
)
from ..forms.leaving import HandOverForm
from ..models import Pairing


@require_http_methods(["GET", "POST"])
def before_you_go(request):
    days = [
        _day(request, each)
        for each in last_days_of(request.person, request.roles_ever, at=request.now)
    ]
    if request.method == "POST":
        day = next((each for each in days if each["is_posted"]), None)
        if day is None or day["form"] is None:
            raise Http404
        if day["form"].is_valid():
            try:
                actions.hand_over_own(
                    day["departure"],
                    by=request.person,
                    at=request.now,
                    pairings=day["form"].pairings(),
                )
            except actions.CannotHandOver as error:
                day["form"].add_error(None, str(error))
            else:
                messages.success(request, "Saved. It happens by itself once that day is over.")
                return redirect("people:before_you_go")
    form = next((day["form"] for day in days if day["is_posted"]), None)
    return render(request, "people/before_you_go.html", {"days": days, "form": form})


def _day(request, last_day):
    """A school and its last day, with what ends there and who takes over."""
    person, (school, on, departure) = request.person, last_day
    leaving = Leaving(
        person,
        school,
        on,
        person,
        request.now,
        says_takers=bool(departure),
        roles=request.roles_ever,
    )
    day = {
        "school": school,
        "on": on,
        "departure": departure,
        "endings": what_ends(leaving),
        "taken": [],
        "form": None,
        "is_posted": bool(departure) and request.POST.get("departure") == str(departure.uid),
    }
    if departure is None:
        return day
    after = departure.first_day_without
    pairings = list(hosted(person, school, on=after))
    roles = list(staff_roles(school, on=after).exclude(person=person))
    counseling = [each for each in pairings if each.kind == Pairing.Kind.COUNSELING]
    others = [each for each in pairings if each.kind != Pairing.Kind.COUNSELING]
    if counseling:
        posted = request.POST if day["is_posted"] else None
        day["form"] = HandOverForm(posted, pairings=counseling, roles=roles)
    day["taken"] = _taken(departure, others, roles)
    for each in attended(person, school, on=after):
        day["taken"].append((each.host.name, each.get_kind_display(), "Ends"))
    return day


def _taken(departure, pairings, roles):
    """What others decide about: a name, what it is, and who takes it over."""
    rows = []
    for each in pairings:
        chosen = getattr(each, "handover", None)
        to = chosen.to if chosen else None
        rows.append((each.attendee.name, each.get_kind_display(), _taker(bool(chosen), to)))
    staff = {role.person_id: role.person for role in roles}
    on = departure.first_day_without
    for each in adult_groups(departure.person, departure.school, on=on):
        rows.append((each.name, "", _taker(each.is_decided, staff.get(each.taker_id))))
    if departure.leads:
        to = departure.successor
        rows.append(("Those who answer to you", "", _taker(bool(to), to)))
    return rows


def _taker(is_decided, to):
    if not is_decided:
        return "Not decided yet"
    return to.name if to else "Nobody"
