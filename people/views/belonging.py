"""Where somebody belongs and when they are away: groups and leave, by an administrator."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from .. import actions
from ..ending import lasting
from ..forms.persons import JoinGroupForm, LeaveForm
from ..undo_bar import offer
from .record import fetch


@require_http_methods(["GET", "POST"])
def leave_give(request, uid):
    school, person = fetch(request, uid)
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            change = actions.give_leave(
                person, school, by=request.person, at=request.now, **form.cleaned_data
            )
        except actions.CannotGiveLeave as error:
            form.add_error(error.field, str(error))
        else:
            offer(request, change)
            return redirect("people:person_edit", uid=person.uid)
    return render(
        request,
        "people/leave_give.html",
        {
            "person": person,
            "form": form,
            "leaves": list(person.leaves.lasting(request.today).order_by("starts_on")),
        },
    )


@require_POST
def leave_take_back(request, uid, leave_uid):
    school, person = fetch(request, uid)
    leave = get_object_or_404(person.leaves, uid=leave_uid)
    try:
        change = actions.take_back_leave(leave, school, by=request.person, at=request.now)
    except actions.CannotGiveLeave as error:
        messages.error(request, str(error))
    else:
        offer(request, change)
    return redirect("people:person_edit", uid=person.uid)


@require_http_methods(["GET", "POST"])
def group_join(request, uid):
    school, person = fetch(request, uid)
    held = person.memberships.lasting(request.today).values("group")
    groups = (
        school.groups.filter(lasting(request.today)).exclude(pk__in=held).order_by("name", "pk")
    )
    form = JoinGroupForm(request.POST if request.method == "POST" else None, groups=groups)
    if form.is_valid():
        try:
            change = actions.join_group(
                person, form.cleaned_data["group"], by=request.person, at=request.now
            )
        except actions.CannotChangePerson as error:
            form.add_error(error.field, str(error))
        else:
            offer(request, change)
            return redirect("people:person_edit", uid=person.uid)
    return render(
        request,
        "people/group_join.html",
        {"person": person, "form": form, "has_groups": school.groups.exists()},
    )


@require_POST
def group_leave(request, uid, group_uid):
    school, person = fetch(request, uid)
    rows = person.memberships.lasting(request.today).filter(group__school=school)
    row = get_object_or_404(rows, group__uid=group_uid)
    try:
        change = actions.leave_group(row, by=request.person, at=request.now)
    except actions.CannotChangePerson as error:
        messages.error(request, str(error))
    else:
        offer(request, change)
    return redirect("people:person_edit", uid=person.uid)
