"""How long a school keeps notes: to look at, to propose, and to say yes to."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from people.fresh import ask_again
from people.permissions import administered_school

from .. import actions
from ..forms import ConfirmForm, RetentionForm
from ..models import Hold, RetentionRule
from ..retention import HELD, TITLES, Periods


@require_http_methods(["GET", "POST"])
def retention(request):
    school = administered_school(request.roles)
    form = None
    if request.method == "POST":
        if again := ask_again(request):
            return again
        form = RetentionForm(request.POST)
        if form.is_valid():
            try:
                rule = actions.propose_retention(
                    school, form.periods(), by=request.person, at=request.now
                )
            except actions.CannotDecide as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _said(rule))
                return redirect("notes:retention")
    return _page(request, school, form)


@require_POST
def retention_confirm(request):
    school = administered_school(request.roles)
    if again := ask_again(request):
        return again
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        messages.warning(request, form.errors["number"][0])
        return redirect("notes:retention")
    try:
        actions.confirm_retention(
            school, number=form.cleaned_data["number"], by=request.person, at=request.now
        )
    except actions.CannotDecide as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "It is in force. The coming night deletes for the first time.")
    return redirect("notes:retention")


@require_POST
def retention_drop(request):
    school = administered_school(request.roles)
    try:
        actions.drop_retention(school, by=request.person, at=request.now)
    except actions.CannotDecide as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "It stays as it was.")
    return redirect("notes:retention")


def _said(rule):
    if rule.in_force_at:
        return "Saved. Nothing goes sooner than before, so it is in force."
    return "Saved. It is tried in the coming night: nothing is deleted by it before you say yes."


def _page(request, school, form):
    periods, _, waiting = RetentionRule.objects.decided(school)
    held = [waiting.would_go[HELD]] if waiting and HELD in waiting.would_go else []
    shown = waiting.periods if waiting else periods or Periods()
    return render(
        request,
        "notes/retention.html",
        {
            "form": form or RetentionForm(initial=shown._asdict()),
            "kept": _in_words(periods) if periods else [],
            "waiting": waiting,
            "wanted": _in_words(waiting.periods) if waiting else [],
            "would_go": _counted(waiting.would_go) if waiting else [],
            "would_stay": _number(held[0]) if held else "",
            "held_since": Hold.objects.since(school),
            "is_first": periods is None,
        },
    )


def _in_words(periods):
    return [(TITLES[name], f"Kept {words}.") for name, words in periods.words.items()]


def _counted(counts):
    """Numbers by what they count."""
    return [(TITLES[name], _number(counts[name])) for name in TITLES if name in counts]


def _number(count):
    """There is none where it would tell of a few people."""
    if count is None:
        return "Some, of fewer than five people"
    return "One note" if count == 1 else f"{count:,} notes"
