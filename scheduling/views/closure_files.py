"""The pages on which days without school come in from the school's own calendar."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from people import fetching, undo_bar, uploads
from people.fetching import CannotFetch
from people.permissions import administered_school
from people.sheets import CannotRead

from .. import actions, closure_files, looking
from ..closure_files import What
from ..forms.closure_files import ClosureFileForm, ClosuresForm
from ..models import CalendarSource
from .calendar import tell

SHOWN = 100  # refused events, and events at a time of the day


@sensitive_post_parameters("address")
@sensitive_variables("address")
@require_http_methods(["GET", "POST"])
def closure_import(request):
    school = administered_school(request.roles)
    if request.method == "POST":
        form = ClosureFileForm(request.POST, request.FILES)
        if form.is_valid():
            address, content = form.cleaned_data["address"], form.cleaned_data["file"]
            try:
                content = fetching.fetch(address) if address else content
                closure_files.plan(school, content, on=request.today)
            except (CannotFetch, CannotRead) as error:
                form.add_error("address" if address else "file", str(error))
            else:
                if address:
                    actions.keep_address(school, by=request.person, at=request.now, address=address)
                return _keep(request, school, content, is_from_source=bool(address))
    else:
        form = ClosureFileForm()
    return render(
        request,
        "scheduling/closure_import.html",
        {
            "form": form,
            "has_term": school.terms.filter(ends_on__gte=request.today).exists(),
            "source": CalendarSource.objects.filter(school=school).first(),
        },
    )


@require_POST
def closure_look(request):
    school = administered_school(request.roles)
    source = get_object_or_404(CalendarSource, school=school)
    source.school = school
    try:
        content = looking.look(source, by=request.person, at=request.now)
    except (CannotFetch, CannotRead) as error:
        messages.error(request, str(error))
        return redirect("scheduling:calendar")
    return _keep(request, school, content, is_from_source=True)


@require_POST
def closure_forget(request):
    school = administered_school(request.roles)
    get_object_or_404(CalendarSource, school=school)
    actions.forget_address(school, by=request.person, at=request.now)
    messages.success(request, "The address is forgotten. Days that came from there stay closed.")
    return redirect("scheduling:calendar")


def _key(school):
    return f"closures:{school.pk}"


def _keep(request, school, content, *, is_from_source):
    uploads.forget(request.session.get(_key(school), {}).get("key", ""))
    kept = {"key": uploads.keep(content), "is_from_source": is_from_source}
    request.session[_key(school)] = kept
    return redirect("scheduling:closure_preview")


@require_http_methods(["GET", "POST"])
def closure_preview(request):
    school = administered_school(request.roles)
    upload = request.session.get(_key(school), {"key": "", "is_from_source": False})
    effect = None
    try:
        content = uploads.fetch(upload["key"])
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
                is_from_source=upload["is_from_source"],
                is_confirmed=request.POST.get("step") == "confirm",
            )
            uploads.forget(upload["key"])
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
