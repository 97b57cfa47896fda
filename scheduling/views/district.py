"""The district: its schools in totals, and a school that begins. No page here names a person."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from people import actions, uploads
from people.models import Role, School
from people.permissions import require
from people.sheets import CannotRead

from ..district import schools_of, totals_of
from ..forms.district import AdministratorForm, NewSchoolForm, SchoolListForm

UPLOAD = "school_list"  # in the session: the key of the file, nothing that is in it
SHOWN = 100  # schools, and refused rows


@require_safe
def district(request):
    require_office(request)
    schools = totals_of(schools_of(request.roles), at=request.now)
    return render(request, "scheduling/district.html", {"schools": schools})


@require_http_methods(["GET", "POST"])
def district_school_add(request):
    require_office(request)
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
def district_schools_import(request):
    require_office(request)
    form = SchoolListForm(*(request.POST, request.FILES) if request.method == "POST" else ())
    if form.is_valid():
        content = form.cleaned_data["file"]
        try:
            actions.plan_schools(content, by=request.person, at=request.now)
        except CannotRead as error:
            form.add_error("file", str(error))
        else:
            uploads.forget(request.session.get(UPLOAD, ""))
            request.session[UPLOAD] = uploads.keep(content)
            return redirect("scheduling:district_schools_preview")
    return render(request, "scheduling/district_schools_import.html", {"form": form})


@require_http_methods(["GET", "POST"])
def district_schools_preview(request):
    require_office(request)
    key = request.session.get(UPLOAD, "")
    act = actions.add_schools if request.method == "POST" else actions.plan_schools
    try:
        plan = act(uploads.fetch(key), by=request.person, at=request.now)
    except (uploads.UploadGone, CannotRead) as error:
        messages.error(request, str(error))
        return redirect("scheduling:district_schools_import")
    if request.method == "POST":
        uploads.forget(request.session.pop(UPLOAD))
        count = len(plan.new)
        messages.success(
            request,
            f"{count} school{'' if count == 1 else 's'} added. Name an administrator for each."
            if count
            else "Every school of the list was here already.",
        )
        return redirect("scheduling:district")
    return render(
        request,
        "scheduling/district_schools_preview.html",
        {
            "plan": plan,
            "new": plan.new[:SHOWN],
            "more_new": len(plan.new[SHOWN:]),
            "problems": plan.problems[:SHOWN],
            "more_problems": len(plan.problems[SHOWN:]),
        },
    )


@require_http_methods(["GET", "POST"])
def district_administrator(request, uid):
    """Who is to administer a school that nobody administers."""
    require_office(request)
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


def require_office(request):
    require(any(role.kind == Role.Kind.DISTRICT_ADMIN for role in request.roles))
