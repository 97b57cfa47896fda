"""Notes on hold: to look at, to ask for, and to answer; of no note is anything shown or counted."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.fresh import ask_again
from people.models import Person, Role
from people.permissions import require

from .. import actions
from ..actions.holds import others_who_decide
from ..forms import HoldAnswerForm, HoldForm
from ..models import Hold
from ..permissions import can_hold, is_apart_from
from .who import viewer_of

FOUND = 25  # people in one answer
ENDED = 20  # holds that are over, in the list

ANSWERS = {
    "agree": (actions.agree_to_hold, "It is in force."),
    "refuse": (actions.refuse_hold, "It has ended. The coming night goes by the school's rule."),
    "ask_release": (actions.ask_release, "A second person is asked. Until then it goes on."),
    "keep": (actions.keep_hold, "It goes on."),
    "release": (actions.release_hold, "It has ended. The coming night goes by the school's rule."),
}


@require_safe
def hold_list(request):
    school = _school(request)
    holds = Hold.objects.visible_to(request.person, school, on=request.today).select_related(
        "person", "other", "school", "asked_by"
    )
    standing = list(holds.open().order_by("asked_at", "pk"))
    return render(
        request,
        "notes/hold_list.html",
        {
            "waiting": [each for each in standing if each.waits],
            "standing": [each for each in standing if not each.waits],
            "ended": holds.filter(ended_at__isnull=False).order_by("-ended_at", "-pk")[:ENDED],
        },
    )


@require_safe
def hold_add(request):
    school = _school(request)
    find = request.GET.get("find", "").replace("\0", "")[:80].strip()
    found = list(_people(request, school).named(find)[: FOUND + 1]) if find else []
    return render(
        request,
        "notes/hold_add.html",
        {"find": find, "found": found[:FOUND], "is_cut": len(found) > FOUND},
    )


@require_http_methods(["GET", "POST"])
def hold_place(request, uid=None):
    """A hold on what one person wrote, or, without one, on what everybody did."""
    school = _school(request)
    people = _people(request, school)
    person = get_object_or_404(people, uid=uid) if uid else None
    others = people.exclude(pk=person.pk) if person else None
    find = request.GET.get("find", "").replace("\0", "")[:80]
    form = HoldForm(people=others, find=find)
    if request.method == "POST":
        if again := ask_again(request):
            return again
        form = HoldForm(request.POST, people=others, find=find)
        if form.is_valid():
            try:
                hold = _placed(request, school, person, form.cleaned_data)
            except actions.CannotHold as error:
                field = error.field if error.field in form.fields else None
                form.add_error(field, str(error))
            else:
                messages.success(request, "From now on nothing of it is deleted.")
                return redirect("notes:hold", hold.uid)
    return render(request, "notes/hold_place.html", {"form": form, "held": person, "find": find})


@require_safe
def hold(request, uid):
    school = _school(request)
    found = _hold(request, school, uid)
    viewer = request.person
    is_apart = is_apart_from(viewer, found)
    return render(
        request,
        "notes/hold.html",
        {
            "hold": found,
            "is_mine": viewer.pk in (found.asked_by_id, found.release_by_id),
            "can_agree": found.is_asked and found.asked_by_id != viewer.pk,
            "can_refuse": found.is_asked and (is_apart or found.asked_by_id == viewer.pk),
            "can_release": found.is_to_be_released
            and is_apart
            and found.release_by_id != viewer.pk,
            "is_apart": is_apart,
            "others": [
                each for each in others_who_decide(found, on=request.today) if each != viewer
            ],
        },
    )


@require_POST
def hold_answer(request, uid):
    school = _school(request)
    found = _hold(request, school, uid)
    if again := ask_again(request):
        return again
    form = HoldAnswerForm(request.POST)
    if not form.is_valid():
        messages.warning(request, form.errors["answer"][0])
        return redirect("notes:hold", uid)
    act, said = ANSWERS[form.cleaned_data["answer"]]
    try:
        act(found, by=request.person, at=request.now)
    except actions.CannotHold as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, said)
    return redirect("notes:hold", uid)


def _school(request):
    """The school at which somebody works, if they may put notes on hold there; 403 otherwise."""
    viewer = viewer_of(request)
    school = request.school
    require(school is not None and can_hold(viewer, school, on=request.today))
    return school


def _hold(request, school, uid):
    visible = Hold.objects.visible_to(request.person, school, on=request.today)
    related = ("school", "person", "other", "asked_by", "agreed_by", "release_by", "ended_by")
    return get_object_or_404(visible.select_related(*related), uid=uid)


def _people(request, school):
    """Who could have written something there, also those who have left, but oneself."""
    roles = Role.objects.filter(school=school, kind__in=(*Role.STAFF, Role.Kind.STUDENT))
    on_record = Person.objects.on_record_at(school).filter(pk__in=roles.values("person"))
    return on_record.exclude(pk=request.person.pk).by_name()


def _placed(request, school, person, typed):
    return actions.place_hold(
        school,
        actions.Scope(person, typed.get("other"), typed["first"], typed["last"]),
        ground=typed["ground"],
        reference=typed["reference"],
        until=typed["until"],
        by=request.person,
        at=request.now,
    )
