"""Bringing OneRoster in: files, what they would do, how far a worker is, and how it ended."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from .. import actions, importing, jobs, uploads
from ..forms.oneroster import TOO_LARGE, ConfirmImportForm, OneRosterForm
from ..models import ImportRun, Role
from ..oneroster import MAX_PACKED
from ..permissions import administered_school

AROUND = 64 * 1024  # bytes of a form around its file
LATEST = 10
FEW = 10  # people of a part that is open to begin with


# Django looks for the token in the body, so that it would read all of it before this view is asked.
# Here the size comes first, and the token after it.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def oneroster_import(request):
    school = _scope(request)
    if request.method == "POST" and int(request.META.get("CONTENT_LENGTH") or 0) > (
        MAX_PACKED + AROUND
    ):
        form = OneRosterForm({}, {})
        form.errors["file"] = form.error_class([TOO_LARGE], renderer=form.renderer)
        return _import_page(request, school, form, status=413)
    return _oneroster_import(request)


@csrf_protect
def _oneroster_import(request):
    school = _scope(request)
    form = OneRosterForm()
    if request.method == "POST":
        form = OneRosterForm(request.POST, request.FILES)
        if form.is_valid():
            run = actions.start_import(
                by=request.person,
                at=request.now,
                school=school,
                upload_key=form.cleaned_data["key"],
            )
            jobs.work_soon(run)
            return redirect("people:import_run", run.uid)
    return _import_page(request, school, form)


def _import_page(request, school, form, status=200):
    runs = ImportRun.objects.visible_to(request.person, on=request.today).select_related(
        "school", "by"
    )
    return render(
        request,
        "people/oneroster_import.html",
        {
            "form": form,
            "administered": school,
            "runs": runs.order_by("-pk")[:LATEST],
            "waiting": runs.filter(by=None, state=ImportRun.State.SHOWN).first(),
        },
        status=status,
    )


def _scope(request):
    """The school whose roster somebody may bring in, or None for those who keep the district's."""
    if any(role.kind == Role.Kind.DISTRICT_ADMIN for role in request.roles):
        return None
    return administered_school(request.roles)


@require_http_methods(["GET", "POST"])
def import_run(request, uid):
    _scope(request)
    run = _run(request, uid)
    if request.method == "GET" and request.htmx:
        if not run.is_under_way:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return render(request, "people/import_run.html#state", _under_way(run))
    outcome = _shown(run)
    form = ConfirmImportForm(outcome=outcome, initial={"digest": run.digest}) if outcome else None
    if request.method == "POST":
        if outcome is None:
            messages.error(request, "This import has gone on meanwhile.")
            return redirect("people:import_run", run.uid)
        form = ConfirmImportForm(request.POST, outcome=outcome)
        if form.is_valid() and _confirm(request, run, form):
            return redirect("people:import_run", run.uid)
    about = _under_way(run) | {"outcome": outcome, "form": form, "can_again": _has_files(run)}
    if outcome is not None:
        about["problems"] = _problems(outcome)
        for school in outcome.schools:
            school.parts = _parts(school)
    return render(request, "people/import_run.html", about)


def _confirm(request, run, form):
    """Say yes to what was shown; whether that was heard, or else the form says why not."""
    try:
        run = actions.confirm_import(
            run,
            by=request.person,
            at=request.now,
            digest=form.cleaned_data["digest"],
            ends_many=form.cleaned_data.get("ends_many", False),
        )
    except actions.CannotImport as error:
        form.add_error(None, str(error))
        return False
    jobs.work_soon(run)
    return True


@require_POST
def import_stop(request, uid):
    _scope(request)
    run = _run(request, uid)
    if run.is_under_way:
        # Beside the files, not in the database: that belongs to the worker at this moment
        uploads.ask_to_stop(run.upload_key)
    else:
        try:
            actions.stop_import(run, by=request.person, at=request.now)
        except actions.CannotImport as error:
            messages.error(request, str(error))
    return redirect("people:import_run", run.uid)


@require_POST
def import_again(request, uid):
    _scope(request)
    run = _run(request, uid)
    try:
        run = actions.read_again(run, by=request.person, at=request.now)
    except actions.CannotImport as error:
        messages.error(request, str(error))
    else:
        jobs.work_soon(run)
    return redirect("people:import_run", run.uid)


def _run(request, uid):
    return get_object_or_404(
        ImportRun.objects.visible_to(request.person, on=request.today).select_related("school"),
        uid=uid,
    )


def _shown(run):
    """What was shown of a run that waits for a yes; None if it does not, or is no longer here."""
    if run.state != ImportRun.State.SHOWN:
        return None
    try:
        return actions.Outcome.of_text(uploads.fetch(run.preview_key).decode())
    except uploads.UploadGone:
        return None


def _has_files(run):
    try:
        uploads.where(run.upload_key)
    except uploads.UploadGone:
        return False
    return not run.is_under_way and run.state != ImportRun.State.DONE


def _problems(outcome):
    parts = [
        (
            "Refused",
            "These rows are left out. Whoever they speak of stays as they are.",
            outcome.refused,
            outcome.refused_count,
        ),
        ("Taken, but not whole", "", outcome.remarks, outcome.remarks_count),
    ]
    return [
        {"title": title, "words": words, "rows": rows, "count": count, "more": count - len(rows)}
        for title, words, rows, count in parts
        if count
    ]


def _parts(school):
    """What a school's part lists; whoever is new by what tells them apart."""
    told = ("Roles", "Grade", "Groups", "Students")
    new = [(name, [each for each in changes if each.label in told]) for name, changes in school.new]
    parts = [("New", new), ("Changed", school.changed), ("Ended", school.ended)]
    return [
        {
            "title": title,
            "rows": rows,
            "count": school.counts[title.lower()],
            "more": school.counts[title.lower()] - len(rows),
            "is_open": title == "Ended" or len(rows) <= FEW,
        }
        for title, rows in parts
        if rows
    ]


def _under_way(run):
    others = ImportRun.objects.under_way().filter(pk__lt=run.pk)
    return {
        "run": run,
        "in_demo_school": run.school is not None and run.school.is_demo,
        "progress": importing.progress(run) if run.is_under_way else None,
        "is_stopping": run.is_under_way and uploads.is_to_stop(run.upload_key),
        "waits_for_another": run.is_under_way and others.exists(),
    }
