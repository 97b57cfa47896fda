"""The pages on which bell times, special days and terms come in from a file."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from people import uploads
from people.permissions import administered_school
from people.sheets import CannotRead

from .. import actions, bell_files
from ..forms.bell_files import BellFileForm

KEY = "bells"  # in the session: the upload's key and the number, nothing of the file
SHOWN = 100  # refused rows
SHOWN_DAYS = 12


@require_http_methods(["GET", "POST"])
def bell_import(request):
    school = administered_school(request.roles)
    if request.method == "POST":
        form = BellFileForm(request.POST, request.FILES)
        if form.is_valid():
            content, number = form.cleaned_data["file"], form.cleaned_data["number"]
            try:
                bell_files.plan(school, content, number=number)
            except CannotRead as error:
                form.add_error("file", str(error))
            else:
                uploads.forget(request.session.get(KEY, {}).get("key", ""))
                request.session[KEY] = {"key": uploads.keep(content), "number": number}
                return redirect("scheduling:bell_preview")
    else:
        form = BellFileForm()
    return render(request, "scheduling/bell_import.html", {"form": form})


@require_http_methods(["GET", "POST"])
def bell_preview(request):
    school = administered_school(request.roles)
    upload = request.session.get(KEY, {"key": "", "number": ""})
    effect = None
    try:
        content = uploads.fetch(upload["key"])
        plan = bell_files.plan(school, content, number=upload["number"])
        if request.method == "POST" and request.POST.get("step") != "back":
            done = actions.apply_bells(
                school,
                by=request.person,
                at=request.now,
                content=content,
                number=upload["number"],
                is_confirmed=request.POST.get("step") == "confirm",
            )
            uploads.forget(upload["key"])
            del request.session[KEY]
            messages.success(request, _told(done.plan))
            return redirect("scheduling:calendar")
    except actions.NeedsConfirmation as question:
        effect = question.effect
    except (uploads.UploadGone, CannotRead, actions.CannotChangeCalendar) as error:
        messages.error(request, str(error))
        return redirect("scheduling:bell_import")
    return render(
        request,
        "scheduling/bell_preview.html",
        {
            "plan": plan,
            "effect": effect,
            "days": sorted(plan.days.items())[:SHOWN_DAYS],
            "more_days": len(plan.days) - SHOWN_DAYS,
            "terms": sorted(plan.terms),
            "problems": plan.problems[:SHOWN],
            "more_problems": len(plan.problems[SHOWN:]),
        },
    )


def _told(plan):
    if plan.changes_nothing:
        return "Everything was as in this file already. Nothing was changed."
    parts = [
        f"{count} {noun}{'' if count == 1 else 's'}"
        for count, noun in (
            (len(plan.schedules), "bell schedule"),
            (len(plan.days), "day"),
            (len(plan.terms), "term"),
        )
        if count
    ]
    return f"New or changed: {', '.join(parts)}."
