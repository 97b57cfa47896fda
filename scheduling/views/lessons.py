"""The pages on which an administrator brings the school's timetables in, and out again."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_http_methods

from people import uploads
from people.permissions import administered_school
from people.sheets import CannotRead

from .. import actions, lessons
from ..clashes import new_clashes
from ..forms.lessons import ApplyLessonsForm, ChoiceForm, LessonsForm, TeachersForm
from ..models import Commitment, Term

# By school in the session: an upload's key, a term's uid and what was chosen of the file
UPLOAD = "lessons"
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
            except lessons.Question:
                return _keep(request, school, term, content)
            else:
                return _keep(request, school, term, content)
    else:
        form = LessonsForm(terms=terms, initial={"term": current and current.uid})
    return render(
        request,
        "scheduling/lesson_import.html",
        {
            "form": form,
            "has_terms": bool(terms),
            "has_bells": school.periods.exists(),
            "sources": lessons.sources_of(school),
        },
    )


def _keep(request, school, term, content):
    uploads.forget(request.session.get(_key(school), {}).get("key", ""))
    kept = {"key": uploads.keep(content), "term": str(term.uid), "choice": {}}
    request.session[_key(school)] = kept
    return redirect("scheduling:lesson_preview")


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
    term.school = school
    choice = lessons.Choice(**upload.get("choice", {}))
    try:
        plan = lessons.plan(school, term, content, choice)
        staff = lessons.Staff(school, term, plan.kind)
        step = request.POST.get("step", "")
        names = TeachersForm(request.POST if step == "teachers" else None, plan=plan, staff=staff)
        form = ApplyLessonsForm(
            request.POST if request.method == "POST" and not step else None, plan=plan
        )
        if names.is_valid():
            actions.name_teachers(
                school, by=request.person, at=request.now, kind=plan.kind, people=names.people()
            )
            return redirect("scheduling:lesson_preview")
        if form.is_valid():
            done = actions.apply_lessons(
                school,
                by=request.person,
                at=request.now,
                term=term,
                content=content,
                choice=choice,
            )
            uploads.forget(upload["key"])
            del request.session[_key(school)]
            messages.success(request, _told(done))
            return redirect("scheduling:calendar")
    except lessons.Question as question:
        return _ask(request, school, term, question)
    except CannotRead as error:
        messages.error(request, str(error))
        return redirect("scheduling:lesson_import")
    return render(
        request,
        "scheduling/lesson_preview.html",
        {
            "plan": plan,
            "form": form,
            "names": names,
            "people": [(staff.word_for(each), each.job) for each in staff.people.values()]
            if names.codes
            else [],
            "term": term,
            "clashes": _clashes(request, term, plan),
            "problems": plan.problems[:SHOWN],
            "more_problems": len(plan.problems[SHOWN:]),
        },
    )


def _key(school):
    """Where the session keeps the file of one school: it is never shown at another."""
    return f"{UPLOAD}:{school.uid}"


def _clashes(request, term, plan):
    """
    How many one-on-ones would meet a lesson, and with whom those of the one who asks.

    That others meet is theirs to know, and counseling is not even counted (DECISIONS 15).
    """
    found = new_clashes(
        term,
        [Commitment(term=term, **lesson._asdict()) for lesson in plan.new],
        plan.ended,
        at=request.now,
    )
    mine = [each.pairing for each in found if each.pairing.is_party(request.person)]
    return {
        "count": len(found),
        "mine": [each.shown_name(each.other(request.person)) for each in mine],
    }


def _ask(request, school, term, question):
    """What the file cannot say by itself; the answer is kept with it."""
    staff = lessons.Staff(school, term, lessons.Kind.CALENDAR)
    form = ChoiceForm(
        request.POST if request.POST.get("step") == "choose" else None,
        question=question,
        staff=staff,
    )
    if form.is_valid():
        upload = request.session[_key(school)]
        request.session[_key(school)] = upload | {
            "choice": upload.get("choice", {}) | form.cleaned_data
        }
        return redirect("scheduling:lesson_preview")
    return render(
        request,
        "scheduling/lesson_choose.html",
        {
            "form": form,
            "term": term,
            "people": [(staff.word_for(each), each.job) for each in question.people],
        },
    )


def _told(done):
    if done.changes_nothing:
        return "The lessons were as in this file already. Nothing was changed."
    return f"Lessons are in: {len(done.new)} new, {len(done.ended)} ended."


@require_http_methods(["GET", "POST"])
def lesson_remove(request, uid, source):
    school = administered_school(request.roles)
    term = get_object_or_404(school.terms, uid=uid)
    found = next((each for each in lessons.sources_of(school, term) if each.source == source), None)
    if found is None:
        raise Http404
    if request.method == "POST":
        count = actions.remove_lessons(term, source, by=request.person, at=request.now)
        messages.success(request, f"{count} lesson{pluralize(count)} removed.")
        return redirect("scheduling:lesson_import")
    return render(request, "scheduling/lesson_remove.html", {"found": found, "term": term})
