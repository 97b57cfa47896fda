"""Those whose host has left and whom nobody hosts now; for administrators, never counseling."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from people.actions import CannotHandOver
from people.departures import day_in_words, staff_roles, without_host
from people.forms.leaving import HandOverForm
from people.permissions import administered_school

from .. import actions

SHOWN = 100


@require_http_methods(["GET", "POST"])
def host_choose(request):
    school = administered_school(request.roles)
    pairings = list(without_host(school, on=request.today)[:SHOWN])
    for pairing in pairings:
        pairing.hint = f"{pairing.host.name}, until {day_in_words(pairing.left_on)}"
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        pairings=pairings,
        roles=staff_roles(school, on=request.today),
    )
    if form.is_valid():
        try:
            count = actions.give_hosts(
                school, by=request.person, at=request.now, pairings=form.pairings()
            )
        except CannotHandOver as error:
            form.add_error(None, str(error))
        else:
            if count:
                messages.success(request, "Saved. New hosts are told whom they host now.")
            return redirect("scheduling:host_choose")
    return render(request, "scheduling/host_choose.html", {"form": form, "administered": school})
