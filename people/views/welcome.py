"""The first page: on to one's own, to signing in, or into the demo school on this computer."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from .. import actions, demo
from ..devices import describe
from ..models import Role

LOOPBACK = {"127.0.0.1", "::1"}
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


@login_not_required
@require_safe
def home(request):
    if request.user.is_authenticated:
        kinds = {role.kind for role in request.roles}
        only_administers = kinds and kinds <= {Role.Kind.SCHOOL_ADMIN, Role.Kind.DISTRICT_ADMIN}
        if only_administers and Role.Kind.DISTRICT_ADMIN in kinds:
            return redirect("scheduling:district")
        return redirect("people:setup" if only_administers else "scheduling:today")
    return redirect("people:welcome" if is_demo_open(request) else "account_login")


@login_not_required
@require_safe
def welcome(request):
    require_demo(request)
    entrants = {name: demo.entrant(name, on=request.today) for name in demo.ENTRANCES}
    entries = [
        {"role": name, "name": person.name, "url": reverse("people:enter")}
        for name, person in entrants.items()
        if person is not None
    ]
    return render(request, "people/welcome.html", {"entries": entries})


@login_not_required
@require_POST
def enter(request):
    require_demo(request)
    entrance = request.POST.get("role", "")
    person = demo.entrant(entrance, on=request.today) if entrance in demo.ENTRANCES else None
    if person is None:
        raise Http404
    actions.record_demo_entry(person, by=person, at=request.now)
    login(request, person.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.begin(device=describe(request.headers.get("User-Agent", "")))
    return redirect("home")


def is_demo_open(request):
    """A demo school, asked for on the computer on which it runs, by no detour."""
    host, _ = split_domain_port(request.get_host())
    return (
        settings.DEMO
        and request.META.get("REMOTE_ADDR") in LOOPBACK
        and not any(name in request.headers for name in FORWARDED)
        and host in {"localhost", "127.0.0.1", "[::1]"}
        and demo.demo_school() is not None
    )


def require_demo(request):
    if not is_demo_open(request):
        raise Http404
