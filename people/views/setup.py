"""The administrator's home: what the school still needs; and the school itself."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import actions, steps
from ..forms.school import SchoolForm
from ..fresh import ask_again
from ..models import Person
from ..permissions import administered_school


@require_safe
def setup(request):
    school = administered_school(request.roles)
    found = steps.steps(steps.Survey(school, request.person, request.now))
    needed = [step for step in found if step.is_needed]
    return render(
        request,
        "people/setup.html",
        {
            "administered": school,
            "needed": needed,
            "others": [step for step in found if not step.is_needed],
            "upcoming": steps.upcoming(found),
            "left": sum(not step.is_done for step in needed),
        },
    )


@require_POST
def test_mail(request):
    administered_school(request.roles)
    try:
        actions.send_test_mail(by=request.person, at=request.now)
    except actions.CannotSend as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "A test mail is on its way to you.")
    return redirect("people:setup")


@require_POST
def keys_confirm(request):
    school = administered_school(request.roles)
    actions.confirm_keys_on_paper(school, by=request.person, at=request.now)
    messages.success(request, "Noted. Print the ring again when a key is added to it.")
    return redirect("people:setup")


@require_http_methods(["GET", "POST"])
def school_edit(request):
    school = administered_school(request.roles)
    staff = Person.objects.staff_of(school, on=request.today).by_name()
    if request.method == "POST":
        form = SchoolForm(request.POST, staff=staff)
        if form.is_valid():
            asked = form.cleaned_data["second_step_for"]
            if asked != school.second_step_for and (again := ask_again(request)):
                return again
            try:
                actions.change_school(
                    school, by=request.person, at=request.now, **form.cleaned_data
                )
            except actions.CannotChangeSchool as error:
                form.add_error(error.field, str(error))
            else:
                messages.success(request, "Saved.")
                return redirect("people:setup")
    else:
        initial = {name: getattr(school, name) for name in SchoolForm.base_fields}
        form = SchoolForm(initial=initial, staff=staff)
    return render(request, "people/school_edit.html", {"form": form})
