"""The pages on which an administrator brings the school's lessons in."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from people import uploads
from people.permissions import administered_school
from people.sheets import CannotRead

from .. import actions, lessons
from ..forms.calendar import ApplyLessonsForm, LessonsForm
from ..models import Term

UPLOAD = "lessons"  # by school in the session: an upload's key and a term's uid, nothing of a file
SHOWN = 100  # refused rows


@require_http_methods(["GET", "POST"])
def lesson_import(request):
    school = administered_school(request.roles)
    terms = Term.objects.of(school).order_by("-starts_on")
    current = Term.objects.of(school).current_or_next(school, on=request.today)
    if request.method == "POST":
        form = LessonsForm(request.POST, request.FILES, terms=terms)
        if form.is_valid():
            term, content = form.cleaned_data["term"], form.cleaned_data["file"]
            try:
                lessons.plan(school, term, content)
            except CannotRead as error:
                form.add_error("file", str(error))
            else:
                uploads.forget(request.session.get(_key(school), {}).get("key", ""))
                kept = {"key": uploads.keep(content), "term": str(term.uid)}
                request.session[_key(school)] = kept
                return redirect("scheduling:lesson_preview")
    else:
        form = LessonsForm(terms=terms, initial={"term": current and current.uid})
    return render(
        request,
        "scheduling/lesson_import.html",
        {"form": form, "has_terms": bool(terms), "has_bells": school.periods.exists()},
    )


@require_http_methods(["GET", "POST"])
def lesson_preview(request):
    school = administered_school(request.roles)
    upload = request.session.get(_key(school), {"key": "", "term": None})
    try:
        content = uploads.fetch(upload["key"])
    except uploads.UploadGone as error:
        messages.error(request, str(error))
        return redirect("scheduling:lesson_import")
    term = get_object_or_404(school.terms, uid=upload["term"])
    try:
        plan = lessons.plan(school, term, content)
        form = ApplyLessonsForm(request.POST if request.method == "POST" else None, plan=plan)
        if form.is_valid():
            done = actions.apply_lessons(
                school, by=request.person, at=request.now, term=term, content=content
            )
            uploads.forget(upload["key"])
            del request.session[_key(school)]
            messages.success(request, _told(done))
            return redirect("scheduling:calendar")
    except CannotRead as error:
        messages.error(request, str(error))
        return redirect("scheduling:lesson_import")
    return render(
        request,
        "scheduling/lesson_preview.html",
        {
            "plan": plan,
            "form": form,
            "term": term,
            "problems": plan.problems[:SHOWN],
            "more_problems": len(plan.problems[SHOWN:]),
        },
    )


def _key(school):
    """Where the session keeps the file of one school: it is never shown at another."""
    return f"{UPLOAD}:{school.uid}"


def _told(done):
    if done.changes_nothing:
        return "The lessons were as in this file already. Nothing was changed."
    return f"Lessons are in: {len(done.new)} new, {len(done.ended)} ended."
