"""The schools of somebody who works at several: which of them the pages are about."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from .. import workplace
from ..models import Role


@require_safe
def workplace_list(request):
    places = [
        {
            "school": school,
            "roles": [role.label for role in request.roles if role.school_id == school.pk],
            "is_chosen": school.pk == request.school.pk,
        }
        for school in sorted(request.workplaces, key=lambda school: (school.name, school.pk))
    ]
    return render(request, "people/workplace_list.html", {"places": places})


@require_POST
def workplace_choose(request, uid):
    school = next((school for school in request.workplaces if school.uid == uid), None)
    if school is None:
        raise Http404
    workplace.choose(request, uid)
    messages.success(request, f"You work at {school.name} now.")
    administers = any(
        role.school_id == school.pk and role.kind == Role.Kind.SCHOOL_ADMIN
        for role in request.roles
    )
    return redirect("people:setup" if administers else "scheduling:schedule")
