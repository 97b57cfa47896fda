"""The people of a school as its administrators keep them: the list, a person, roles, leaving."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import actions
from ..forms.persons import EndPersonForm, PersonFilterForm, PersonForm, RoleForm
from ..models import Line, Person, Role
from ..models.persons import in_force
from ..permissions import administered_school

PAGE = 50
SIGNS_IN = (Role.Kind.SCHOOL_ADMIN, Role.Kind.COUNSELOR)  # giving these makes a login


@require_safe
def person_list(request):
    school = administered_school(request.roles)
    form = PersonFilterForm(request.GET)
    form.is_valid()  # what is wrong with a filter narrows nothing
    people = (
        Person.objects.visible_to(request.person, on=request.today)
        .holding(form.kinds(), school, on=request.today)
        .named(form.cleaned_data.get("q", ""))
        .with_roles_at(school, on=request.today)
        .select_related("user")
        .by_name()
    )
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    query = QueryDict(mutable=True)
    query.update({name: word for name, word in form.cleaned_data.items() if word})
    template = "people/person_list.html"
    if request.htmx:
        template += "#results"
    return render(
        request,
        template,
        {"form": form, "page": page, "query": query.urlencode(), "administered": school},
    )


@require_http_methods(["GET", "POST"])
def person_edit(request, uid):
    school, person = _fetch(request, uid)
    staff = _staff(request, school, person)
    is_staff = any(role.kind in Role.STAFF for role in person.roles_here)
    if request.method == "POST":
        form = PersonForm(request.POST, staff=staff, is_staff=is_staff)
        if form.is_valid():
            facts = {"line_manager": None} | form.cleaned_data
            try:
                actions.change_person(person, school, by=request.person, at=request.now, **facts)
            except actions.CannotChangePerson as error:
                form.add_error(error.field, str(error))
            else:
                messages.success(request, "Saved.")
                return redirect("people:person_edit", uid=person.uid)
    else:
        line = next(iter(person.lines_here), None)
        initial = {name: getattr(person, name, None) for name in PersonForm.base_fields}
        initial["line_manager"] = line and line.manager_id
        form = PersonForm(initial=initial, staff=staff, is_staff=is_staff)
    return _page(request, school, person, form=form)


@require_http_methods(["GET", "POST"])
def role_give(request, uid):
    school, person = _fetch(request, uid)
    form = RoleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            role = actions.give_role(
                person, school, by=request.person, at=request.now, **form.cleaned_data
            )
        except actions.CannotChangePerson as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, "The role is given.")
            if role.kind in SIGNS_IN:
                _invite(request, person)
            return redirect("people:person_edit", uid=person.uid)
    return render(request, "people/role_give.html", {"person": person, "form": form})


@require_POST
def role_end(request, uid, kind):
    _, person = _fetch(request, uid)
    role = next((role for role in person.roles_here if role.kind == kind), None)
    if role is None:
        raise Http404
    try:
        actions.end_role(role, by=request.person, at=request.now)
    except actions.CannotChangePerson as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The role has ended.")
        if person.pk == request.person.pk and kind == Role.Kind.SCHOOL_ADMIN:
            return redirect("home")
    return redirect("people:person_edit", uid=person.uid)


@require_http_methods(["GET", "POST"])
def person_end(request, uid):
    school, person = _fetch(request, uid)
    staff = _staff(request, school, person)
    form = EndPersonForm(request.POST if request.method == "POST" else None, staff=staff)
    if form.is_valid():
        try:
            actions.end_person(
                person, school, by=request.person, at=request.now, **form.cleaned_data
            )
        except actions.CannotChangePerson as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, "They have left. What they wrote is kept.")
            return redirect("people:person_list")
    answering = person.managed_lines.filter(in_force(request.today)).count()
    return render(
        request,
        "people/person_end.html",
        {"person": person, "form": form, "answering": answering},
    )


@require_POST
def person_invite(request, uid):
    _, person = _fetch(request, uid)
    _invite(request, person, moves_login=True)
    return redirect("people:person_edit", uid=person.uid)


def _fetch(request, uid):
    """The school one administers, and one of its people."""
    school = administered_school(request.roles)
    lines = Line.objects.filter(in_force(request.today)).order_by("-starts_on", "-pk")
    people = (
        Person.objects.visible_to(request.person, on=request.today)
        .holding(Role.Kind, school, on=request.today)
        .with_roles_at(school, on=request.today)
        .select_related("user", "source")
        .prefetch_related(Prefetch("lines", lines, to_attr="lines_here"))
    )
    return school, get_object_or_404(people, uid=uid)


def _staff(request, school, person):
    """Whom somebody can answer to or hand over to."""
    staff = Person.objects.staff_of(school, on=request.today)
    return staff.exclude(pk=person.pk).by_name()


def _invite(request, person, *, moves_login=False):
    try:
        actions.invite_user(
            person,
            by=request.person,
            at=request.now,
            with_letter=True,
            moves_login=moves_login,
        )
    except actions.CannotInvite as error:
        messages.warning(request, f"They cannot sign in yet. {error}")
    else:
        messages.success(request, "They can sign in now, and are told so by mail.")


def _page(request, school, person, *, form):
    past = person.roles.filter(school=school, ends_on__lt=request.today).order_by("-ends_on", "pk")
    return render(
        request,
        "people/person_edit.html",
        {
            "administered": school,
            "person": person,
            "form": form,
            "past_roles": past,
            "is_on_roster": person.source_id is not None,
            "is_me": person.pk == request.person.pk,
            "signs_in_as": person.user.email if person.user and person.user.is_active else "",
        },
    )
