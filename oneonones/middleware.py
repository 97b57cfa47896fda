"""What happens around every request: who is acting, where, and what browsers may keep."""

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from people import limits, names, workplace
from people import pace as people_pace
from people.factors import has_factor
from people.fresh import waiting
from people.models import Role
from people.permissions import needs_factor

SAFE = ("GET", "HEAD", "OPTIONS")
WAY_OUT = "account_logout"
# What one needs on the way to a second factor
WITHOUT_FACTOR = {
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}


def reporting(get_response):
    """Tell browsers where the `report-to` of the content security policy leads."""

    def middleware(request):
        response = get_response(request)
        response["Reporting-Endpoints"] = f'csp="{settings.CSP_REPORT_PATH}"'
        return response

    return middleware


def no_store(get_response):
    """Keep every page out of caches and out of other sites: any may hold a person's words."""

    def middleware(request):
        response = get_response(request)
        if "Cache-Control" not in response:
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store, private"
        patch_vary_headers(response, ["HX-Request"])
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    return middleware


def person(get_response):
    """
    Say who is acting, as what, where and when: the clock is read here, once for each request.

    `request.person` (or None), `request.roles` (in force today, those of `request.school` first),
    `request.roles_ever` (past and to come as well),
    `request.schools` (those of the roles), `request.workplaces` (those that are worked at one at a
    time), `request.school` (the
    chosen one of these, else where the first role is), `request.now` and `request.today` (the
    school's date). Its time zone is activated, and names are hidden
    where they were asked to be.
    `request.is_invited` is for a view that knows whether there is a time to pick: the navigation
    asks where none has said.
    """

    def middleware(request):
        request.now = timezone.now()
        request.person = None
        request.roles = request.roles_ever = []
        request.schools = []
        request.workplaces = []
        request.school = None
        request.is_invited = None
        request.today = request.now.date()
        if request.user.is_authenticated:
            request.person = getattr(request.user, "person", None)
            request.session.touch(request.now)
        if request.person is not None:
            request.roles_ever = list(_roles_of(request.person))
            request.roles = [
                role
                for role in request.roles_ever
                if role.is_in_force(role.school.today(request.now))
            ]
        if not request.roles:
            return get_response(request)
        request.school, request.workplaces = workplace.of(request, request.roles)
        request.roles.sort(key=lambda role: role.school_id != request.school.pk)
        request.schools = list({role.school_id: role.school for role in request.roles}.values())
        request.today = request.school.today(request.now)
        hides = names.wants_hidden(request.session, at_first=request.person.hides_names)
        viewer = request.person.pk if hides else None
        with timezone.override(request.school.zone), names.hidden_from(viewer):
            return get_response(request)

    def process_view(request, view, args, kwargs):
        if request.roles:
            workplace.keep(request, request.workplaces)

    middleware.process_view = process_view
    return middleware


def _roles_of(person):
    """All roles of a person with their schools, and whether the login has a second factor."""
    roles = Role.objects.filter(person=person).select_related("school").order_by("pk")
    return roles.annotate(has_factor=has_factor("person__user"))


def second_factor(get_response):
    """
    Open no page to a login whose person holds no role today, nor to one whose role asks for a
    second factor before there is one: the pages that set it up, and signing out, are all there is.
    """

    def middleware(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        is_open = not getattr(view, "login_required", True)
        if is_open or not request.user.is_authenticated:
            return None
        name = request.resolver_match.view_name
        if name == WAY_OUT:
            return None
        if request.person is None or not request.person.is_active or not request.roles:
            raise PermissionDenied
        request.lacks_factor = _lacks_factor(request)
        if name in WITHOUT_FACTOR or not request.lacks_factor:
            return None
        if request.htmx:
            return HttpResponseClientRedirect(resolve_url("mfa_index"))
        return redirect("mfa_index")

    middleware.process_view = process_view
    return middleware


def _lacks_factor(request):
    return needs_factor(request.roles) and not any(role.has_factor for role in request.roles)


def pace(get_response):
    """
    Let nobody change things faster than people can; what was sent waits in a page, to send again.

    For our own pages: those of django-allauth have limits of their own.
    """

    def middleware(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        is_change = request.method not in SAFE and request.resolver_match.namespace
        if not is_change or not request.user.is_authenticated:
            return None
        seconds = people_pace.seconds_to_wait(request.user, at=request.now)
        if seconds:
            return _slow_down(request, seconds)
        people_pace.count(request.user, at=request.now)
        return None

    middleware.process_view = process_view
    return middleware


def _slow_down(request, seconds):
    words = {
        "wait": limits.in_words(seconds),
        "waiting": waiting(request),
        "has_files": bool(request.FILES),
    }
    # To a piece of a page its status is enough: the page is still there, and offers it again
    is_piece = bool(request.htmx)
    response = HttpResponse() if is_piece else render(request, "people/slow_down.html", words)
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response["Retry-After"] = str(seconds)
    return response
