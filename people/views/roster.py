"""Bringing a roster in: a file, what it would do, and doing it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .. import actions, roster, sheets, uploads
from ..demo import demo_school
from ..forms.roster import ApplyRosterForm, RosterForm
from ..permissions import administered_school

UPLOAD = "roster"  # the session holds the key of a school's file and what everybody in it is
NOTHING = {"file": "", "everyone": ""}
SHOWN = 100  # people of each part of a preview


@require_http_methods(["GET", "POST"])
def roster_import(request):
    school = administered_school(request.roles)
    if request.method == "POST":
        form = RosterForm(request.POST, request.FILES, is_kept="is_kept" in request.POST)
        if form.is_valid():
            everyone, file = form.cleaned_data["everyone"], form.cleaned_data["file"]
            try:
                content = file.read() if file else _kept(request, school)[0]
                actions.preview_roster(
                    school, content, by=request.person, at=request.now, everyone=everyone
                )
            except roster.NoRoles as error:
                _keep(request, school, content)
                form = RosterForm(request.POST.dict() | {"is_kept": "on"}, is_kept=True)
                form.add_error("everyone", str(error))
            except uploads.UploadGone as error:
                form = RosterForm(request.POST)
                form.fields["file"].error_messages["required"] = str(error)
            except sheets.CannotRead as error:
                form.add_error("file", str(error))
            else:
                _keep(request, school, content, everyone)
                return redirect("people:roster_preview")
    else:
        form = RosterForm()
    return render(
        request,
        "people/roster_import.html",
        {"form": form, "columns": roster.COLUMNS, "administered": school},
    )


@require_http_methods(["GET", "POST"])
def roster_preview(request):
    school = administered_school(request.roles)
    try:
        content, everyone = _kept(request, school)
        diff = actions.preview_roster(
            school, content, by=request.person, at=request.now, everyone=everyone
        )
    except (uploads.UploadGone, sheets.CannotRead) as error:
        messages.error(request, str(error))
        return redirect("people:roster_import")
    demo = None if school.is_demo else demo_school()
    about = {"diff": diff, "has_demo": demo is not None}

    form = ApplyRosterForm(initial={"digest": diff.digest}, **about)
    if request.method == "POST":
        posted = ApplyRosterForm(request.POST, **about)
        if posted.is_valid():
            try:
                done = actions.apply_roster(
                    school,
                    content,
                    by=request.person,
                    at=request.now,
                    digest=posted.cleaned_data["digest"],
                    ends_many=posted.cleaned_data.get("ends_many", False),
                    everyone=everyone,
                )
            except actions.CannotImport as error:
                # The form that is shown speaks of the school as it is now
                messages.error(request, str(error))
                return redirect("people:roster_preview")
            if posted.cleaned_data.get("close_demo"):
                actions.close_demo(demo, by=request.person, at=request.now)
            uploads.forget(request.session.pop(_key(school))["file"])
            messages.success(
                request,
                f"Done: {len(done.new)} new, {len(done.changed)} changed, "
                f"{len(done.ended)} ended. Nobody was told, and nobody can sign in who could not.",
            )
            return redirect("people:setup")
        form = posted
    return render(
        request,
        "people/roster_preview.html",
        {
            "administered": school,
            "diff": diff,
            "form": form,
            "parts": _parts(diff),
            "demo_words": _demo_words(diff),
        },
    )


def _key(school):
    """Where the session keeps the file of one school: it is never shown at another."""
    return f"{UPLOAD}:{school.uid}"


def _keep(request, school, content, everyone=""):
    """Keep a file for the next step, in place of the one before, and what everybody in it is."""
    uploads.forget(request.session.get(_key(school), NOTHING)["file"])
    request.session[_key(school)] = {"file": uploads.keep(content), "everyone": everyone}


def _kept(request, school):
    """The file of the last step, and what everybody in it is. Raises uploads.UploadGone."""
    kept = request.session.get(_key(school), NOTHING)
    return uploads.fetch(kept["file"]), kept["everyone"]


def _demo_words(diff):
    """What applying does to the invented people."""
    if diff.ended:
        words = "The file's people come in, and whoever is listed under Ended here leaves it."
    else:
        words = "The file's people come in beside the invented ones, and nobody leaves."
    return f"{words} For your own school, start without the demo."


def _parts(diff):
    """What the preview lists, each part cut where it grows too long to read."""
    parts = [
        ("New", [(step.name, _facts(step)) for step in diff.new[:SHOWN]], len(diff.new)),
        (
            "Changed",
            [(step.name, step.changes) for step in diff.changed[:SHOWN]],
            len(diff.changed),
        ),
        ("Ended", [(person.name, []) for person in diff.ended[:SHOWN]], len(diff.ended)),
    ]
    return [
        {"title": title, "rows": rows, "count": count, "more": count - len(rows)}
        for title, rows, count in parts
        if count
    ]


def _facts(step):
    """Of somebody new: what tells them apart."""
    told = ("Roles", "Job", "Grade", "Groups", "Line manager", "Students")
    return [change for change in step.changes if change.label in told]
