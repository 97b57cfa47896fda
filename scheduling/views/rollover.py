"""Carrying series into the next term: what can go along, and what cannot and why."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from people.permissions import hosting_school, require
from people.undo_bar import offer

from .. import actions
from ..forms.rollover import CarryForm
from ..rollover import plan_of, turn_of


@require_http_methods(["GET", "POST"])
def carry_over(request):
    host = request.person
    require(host is not None and host.is_active)
    school = hosting_school(request.roles)
    turn = turn_of(school, on=school.today(request.now))
    plan = plan_of(host, turn, at=request.now) if turn and turn.new else None
    form = CarryForm(
        request.POST if request.method == "POST" else None, rows=plan.ready if plan else []
    )
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.carry_over(
                host, school, chosen=form.cleaned_data["series"], by=host, at=request.now
            )
        except actions.CannotCarry as error:
            form.add_error(None, str(error))
        else:
            offer(request, done.change)
            # What did not go along stands there, with why
            return redirect("scheduling:carry_over")
    return render(request, "scheduling/carry_over.html", {"form": form, "plan": plan, "turn": turn})
