"""The pages on which days without school come in from the school's own calendar."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from people import undo_bar, uploads
from people.permissions import administered_school
from people.sheets import CannotRead

from .. import actions, closure_files
from ..closure_files import What
from ..forms.closure_files import ClosureFileForm, ClosuresForm
from .calendar import tell

SHOWN = 100  # refused events, and events at a time of the day


@require_http_methods(["GET", "POST"])
def closure_import(request):
    school = administered_school(request.roles)
    if request.method == "POST":
        form = ClosureFileForm(request.POST, request.FILES)
        if form.is_valid():
            content = form.cleaned_data["file"]
            try:
                closure_files.plan(school, content, on=request.today)
            except CannotRead as error:
                form.add_error("file", str(error))
            else:
                return _keep(request, school, content)
    else:
        form = ClosureFileForm()
    return render(
        request,
        "scheduling/closure_import.html",
        {"form": form, "has_term": school.terms.filter(ends_on__gte=request.today).exists()},
    )


def _key(school):
    return f"closures:{school.pk}"


def _keep(request, school, content):
    uploads.forget(request.session.get(_key(school), ""))
    request.session[_key(school)] = uploads.keep(content)
    return redirect("scheduling:closure_preview")


@require_http_methods(["GET", "POST"])
def closure_preview(request):
    school = administered_school(request.roles)
    key = request.session.get(_key(school), "")
    effect = None
    try:
        content = uploads.fetch(key)
        plan = closure_files.plan(school, content, on=request.today)
        sent = request.POST if request.method == "POST" else None
        form = ClosuresForm(sent, plan=plan)
        if form.is_valid() and request.POST.get("step") != "back":
            done = actions.apply_closures(
                school,
                by=request.person,
                at=request.now,
                content=content,
                choices=form.choices(),
                digest=form.cleaned_data["digest"],
                is_confirmed=request.POST.get("step") == "confirm",
            )
            uploads.forget(key)
            del request.session[_key(school)]
            return _done(request, done)
    except actions.NeedsConfirmation as question:
        effect = question.effect
    except actions.CannotChangeCalendar as error:
        form.add_error(None, str(error))
    except (uploads.UploadGone, CannotRead) as error:
        messages.error(request, str(error))
        return redirect("scheduling:closure_import")
    return render(
        request,
        "scheduling/closure_preview.html",
        {
            "plan": plan,
            "form": form,
            "effect": effect,
            "same": plan.of(What.SAME),
            "timed": plan.timed[:SHOWN],
            "more_timed": len(plan.timed[SHOWN:]),
            "refused": plan.refused[:SHOWN],
            "more_refused": len(plan.refused[SHOWN:]),
        },
    )


def _done(request, done):
    if done.effect.change:
        undo_bar.offer(request, done.effect.change)
    else:
        messages.success(request, closure_files.told(done.made, done.changed, done.reopened))
    tell(request, done.effect)
    return redirect("scheduling:calendar")
