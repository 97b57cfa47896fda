"""What somebody is at a school: giving a role, its days, ending it."""

from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from .. import actions
from ..forms.persons import RoleDatesForm, RoleForm
from ..fresh import ask_again
from ..models import Role
from ..undo_bar import offer
from .persons import invite
from .record import fetch

SIGNS_IN = (Role.Kind.SCHOOL_ADMIN, Role.Kind.COUNSELOR)  # giving these makes a login


@require_http_methods(["GET", "POST"])
def role_give(request, uid):
    school, person = fetch(request, uid)
    if again := ask_again(request):
        return again
    form = RoleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            change = actions.give_role(
                person, school, by=request.person, at=request.now, **form.cleaned_data
            )
        except actions.CannotChangePerson as error:
            form.add_error(error.field, str(error))
        else:
            offer(request, change)
            if form.cleaned_data["kind"] in SIGNS_IN:
                invite(request, person)
            return redirect("people:person_edit", uid=person.uid)
    return render(request, "people/role_give.html", {"person": person, "form": form})


@require_http_methods(["GET", "POST"])
def role_edit(request, uid, kind, starts_on):
    _, person = fetch(request, uid)
    role = _role(request, person, kind, starts_on)
    if again := ask_again(request):
        return again
    if request.method == "POST":
        form = RoleDatesForm(request.POST)
        if form.is_valid():
            try:
                change = actions.change_role(
                    role, by=request.person, at=request.now, **form.cleaned_data
                )
            except actions.CannotChangePerson as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            else:
                offer(request, change)
                return redirect("people:person_edit", uid=person.uid)
    else:
        form = RoleDatesForm(
            initial={name: getattr(role, name) for name in RoleDatesForm.base_fields}
        )
    return render(
        request,
        "people/role_edit.html",
        {
            "person": person,
            "role": role,
            "form": form,
            "has_begun": role.starts_on <= request.today,
        },
    )


@require_POST
def role_end(request, uid, kind, starts_on):
    _, person = fetch(request, uid)
    role = _role(request, person, kind, starts_on)
    if again := ask_again(request):
        return again
    try:
        change = actions.end_role(role, by=request.person, at=request.now)
    except actions.CannotChangePerson as error:
        messages.error(request, str(error))
    else:
        offer(request, change)
        if person.pk == request.person.pk and kind == Role.Kind.SCHOOL_ADMIN:
            return redirect("home")
    return redirect("people:person_edit", uid=person.uid)


def _role(request, person, kind, starts_on):
    """One of somebody's roles that are not over, by what it is and its first day."""
    try:
        first_day = date.fromisoformat(starts_on)
    except ValueError as error:
        raise Http404 from error
    for role in person.roles_ever:
        if (role.kind, role.starts_on) == (kind, first_day) and not role.is_over(request.today):
            return role
    raise Http404
