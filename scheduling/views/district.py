"""The district: its schools in totals, and a school that begins. No page here names a person."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from people import actions
from people.models import Role, School
from people.permissions import require

from ..district import schools_of, totals_of
from ..forms.district import AdministratorForm, NewSchoolForm


@require_safe
def district(request):
    _require_office(request)
    schools = totals_of(schools_of(request.roles), at=request.now)
    return render(request, "scheduling/district.html", {"schools": schools})


@require_http_methods(["GET", "POST"])
def district_school_add(request):
    _require_office(request)
    form = NewSchoolForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            with transaction.atomic():
                person = actions.open_school(
                    administrator=actions.Newcomer(*form.newcomer),
                    by=request.person,
                    at=request.now,
                    **form.school,
                )
                actions.invite_user(person, by=request.person, at=request.now, with_letter=True)
        except actions.CannotChangeSchool as error:
            form.add_error(error.field, str(error))
        except actions.CannotInvite as error:
            form.add_error("email", str(error))
        else:
            messages.success(
                request, f"{form.cleaned_data['name']} is added. Its administrator is told by mail."
            )
            return redirect("scheduling:district")
    return render(request, "scheduling/district_school_add.html", {"form": form})


@require_http_methods(["GET", "POST"])
def district_administrator(request, uid):
    """Who is to administer a school that nobody administers."""
    _require_office(request)
    seen = [each.pk for each in schools_of(request.roles)]
    school = get_object_or_404(School, pk__in=seen, uid=uid)
    if request.method == "GET" and totals_of([school], at=request.now)[0].has_administrator:
        messages.info(request, f"{school.name} has an administrator, who names others.")
        return redirect("scheduling:district")
    form = AdministratorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            with transaction.atomic():
                person = actions.name_administrator(
                    school, actions.Newcomer(*form.newcomer), by=request.person, at=request.now
                )
                actions.invite_user(person, by=request.person, at=request.now, with_letter=True)
        except actions.CannotChangeSchool as error:
            form.add_error(error.field, str(error))
        except actions.CannotInvite as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, f"{school.name} has its administrator, who is told by mail.")
            return redirect("scheduling:district")
    return render(
        request, "scheduling/district_administrator.html", {"form": form, "school": school}
    )


def _require_office(request):
    require(any(role.kind == Role.Kind.DISTRICT_ADMIN for role in request.roles))
