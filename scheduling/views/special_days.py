"""The page of days with bells of their own: late starts, assemblies, finals."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from people.permissions import administered_school

from .. import actions
from ..forms.special_days import USUAL, SpecialDaysForm


@require_http_methods(["GET", "POST"])
def special_days(request):
    school = administered_school(request.roles)
    effect, days = None, {}
    if request.method == "POST":
        form = SpecialDaysForm(request.POST, school=school)
        if form.is_valid() and request.POST.get("step") != "back":
            days = form.cleaned_data["days"]
            try:
                actions.set_special_days(
                    school,
                    by=request.person,
                    at=request.now,
                    days=days,
                    is_confirmed=request.POST.get("step") == "confirm",
                )
            except actions.NeedsConfirmation as question:
                effect = question.effect
            else:
                messages.success(request, _told(days))
                return redirect("scheduling:special_days")
    else:
        form = SpecialDaysForm(school=school)
    standing = school.special_days.select_related("bell_schedule").order_by("date")
    return render(
        request,
        "scheduling/special_days.html",
        {
            "form": form,
            "effect": effect,
            "days": sorted(days),
            "chosen": _chosen(days) if days else "",
            "coming": standing.filter(date__gte=request.today),
            "past_count": standing.filter(date__lt=request.today).count(),
            "has_bells": bool(form.schedules),
            "usual": USUAL,
        },
    )


def _told(days):
    return f"{_chosen(days)}: {len(days)} {'day' if len(days) == 1 else 'days'}."


def _chosen(days):
    schedule = next(iter(days.values()))
    return schedule.name if schedule else "As usual"
