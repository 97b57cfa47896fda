"""The people of a school as its administrators keep them: the list, a person, somebody new."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import actions
from ..departures import without_host
from ..directory import (
    Login,
    answering_to,
    counts_of,
    listed,
    login_of,
    other_accounts,
    people_of,
)
from ..forms.persons import FIRST, AddPersonForm, PersonFilterForm, PersonForm, kinds_of
from ..fresh import ask_again
from ..models import Departure, LoginMove, Person, Role
from ..moving import is_to_move, needs_a_second, refusal, seconds
from ..permissions import administered_school, can_move_login
from .record import fetch, staff_besides

PAGE = 50


@require_safe
def person_list(request):
    school = administered_school(request.roles)
    form = PersonFilterForm(request.GET)
    form.is_valid()  # what is wrong with a filter narrows nothing
    asked = {
        "on": request.today,
        "words": form.cleaned_data.get("q", ""),
        "show": form.cleaned_data.get("show", ""),
    }
    people = people_of(school, kinds=form.kinds(), **asked)
    counts = counts_of(school, {role: kinds_of(role) for role in FIRST}, **asked)
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    query = QueryDict(mutable=True)
    query.update({name: word for name, word in form.cleaned_data.items() if word})
    role = query.get("role", "")
    here = Person.objects.on_record_at(school)
    template = "people/person_list.html"
    if request.htmx:
        template += "#results"
    return render(
        request,
        template,
        {
            "form": form,
            "page": page,
            "rows": list(listed(page, on=request.today)),
            "query": query.urlencode(),
            "choices": [
                {
                    "words": words,
                    "count": counts[each],
                    "query": _with_role(query, each),
                    "is_chosen": each == role,
                }
                for each, words in FIRST.items()
            ],
            "administered": school,
            "moving": 0
            if request.htmx
            else LoginMove.objects.waiting(request.now).filter(person__in=here).count(),
            "without_host": 0 if request.htmx else without_host(school, on=request.today).count(),
        },
    )


def _with_role(query, role):
    """What is looked for, among those with another role."""
    other = query.copy()
    other.pop("role", None)
    if role:
        other["role"] = role
    return other.urlencode()


@require_http_methods(["GET", "POST"])
def person_add(request):
    school = administered_school(request.roles)
    alike = []
    if request.method == "POST":
        form = AddPersonForm(request.POST)
        if form.is_valid():
            try:
                person = actions.add_person(
                    school, by=request.person, at=request.now, **form.cleaned_data
                )
            except actions.MaybeKnown as known:
                form.add_error(None, str(known))
                alike = listed(known.people, on=request.today)
            except actions.CannotChangePerson as error:
                form.add_error(error.field, str(error))
            else:
                messages.success(
                    request,
                    "They are on the record now. What another school of yours knew of them stays."
                    if person.roles.exclude(school=school).exists()
                    else "They are on the record now.",
                )
                return redirect("people:person_edit", uid=person.uid)
    else:
        form = AddPersonForm(initial={"starts_on": request.today})
    return render(
        request,
        "people/person_add.html",
        {"form": form, "alike": list(alike), "administered": school},
    )


@require_http_methods(["GET", "POST"])
def person_edit(request, uid):
    school, person = fetch(request, uid)
    staff = staff_besides(person, school, on=request.today)
    is_staff = any(role.kind in Role.STAFF for role in person.roles_ever)
    lines = list(person.lines.select_related("manager").order_by("-starts_on", "-pk"))
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
        line = next((each for each in lines if not each.is_over(request.today)), None)
        initial = {name: getattr(person, name, None) for name in PersonForm.base_fields}
        initial["line_manager"] = line and line.manager_id
        form = PersonForm(initial=initial, staff=staff, is_staff=is_staff)
    return _page(request, school, person, form=form, is_staff=is_staff, lines=lines)


@require_POST
def person_invite(request, uid):
    _, person = fetch(request, uid)
    if person.user and (again := ask_again(request)):  # their login may move to another address
        return again
    if is_to_move(person):
        _ask_to_move(request, person)
    else:
        invite(request, person, moves_login=True)
    return redirect("people:person_edit", uid=person.uid)


@require_POST
def person_sign_out(request, uid):
    school, person = fetch(request, uid)
    if again := ask_again(request):
        return again
    if actions.end_sessions_of(person, school, by=request.person, at=request.now):
        messages.success(request, f"{person.first_name} is signed out everywhere.")
    else:
        messages.info(request, f"{person.first_name} was signed in nowhere.")
    return redirect("people:person_edit", uid=person.uid)


def invite(request, person, *, moves_login=False):
    """Let somebody sign in, and say how that went."""
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


def _ask_to_move(request, person):
    """Ask for what takes two people, or three days, and say how it goes on."""
    try:
        move = actions.ask_to_move(person, by=request.person, at=request.now)
    except actions.CannotMove as error:
        messages.warning(request, f"Nothing was changed. {error}")
    else:
        messages.success(
            request,
            "Asked. It happens by itself in three days, unless somebody says no."
            if move.moves_at
            else "Asked. It happens once another administrator says yes; they are told by mail.",
        )


def _other_accounts(request, person):
    """Those that the viewer may let go."""
    found = other_accounts(person)
    return found if found and can_move_login(request.person, person, at=request.now) else []


def _moving(request, person):
    """What the page says about another address to sign in with."""
    by, at = request.person, request.now
    moves = LoginMove.objects.to_show(at).filter(person=person).select_related("asked_by")
    last = moves.last() if needs_a_second(person) else None
    move = last if last and last.ended_at is None else None
    may = bool(move or is_to_move(person)) and can_move_login(by, person, at=at)
    return {
        "move": move,
        "move_refusal": refusal(move, by=by, at=at) if move else "",
        "can_move": may,
        "is_to_move": is_to_move(person),
        "has_seconds": may and not move and bool(seconds(person, by=by, at=at)),
        "no_to_move": last if last and not move else None,
    }


def _page(request, school, person, *, form, is_staff, lines):
    on = request.today
    roles = person.roles_ever
    login = login_of(person)
    memberships = person.memberships.lasting(on).filter(group__school=school)
    return render(
        request,
        "people/person_edit.html",
        {
            "administered": school,
            "person": person,
            "form": form,
            "is_here": person.is_active and any(not role.is_over(on) for role in roles),
            "is_staff": is_staff,
            "roles": [role for role in roles if role.is_in_force(on)],
            "roles_to_come": [role for role in roles if role.starts_on > on],
            "past_roles": [role for role in roles if role.is_over(on)],
            "past_lines": [line for line in lines if line.is_over(on)],
            "lines": [line for line in lines if not line.is_over(on)],
            "answering": list(answering_to(person, on=on)),
            "leaves": list(person.leaves.lasting(on).order_by("starts_on")),
            "groups": list(memberships.select_related("group").order_by("group__name", "pk")),
            "is_on_roster": person.source_id is not None,
            "departure": Departure.objects.of(person, school),
            "is_me": person.pk == request.person.pk,
            "login": login,
            "other_accounts": _other_accounts(request, person),
            "signs_in_as": "" if login == Login.NONE else person.user.email,
            **_moving(request, person),
        },
    )
