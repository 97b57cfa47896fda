"""What machines ask of the site, and what people see when it cannot answer."""

import logging
import secrets
import sys
from http import HTTPStatus

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from audit.keyring import KeyRingError
from notes.models import LogKeeper
from notes.models.keepers import WANTED
from notes.setting_up import keepers_words
from people import limits
from people.models import Person, Role
from people.permissions import administers_district, holds_here, require

from . import health, reports, running
from .metrics import CONTENT_TYPE, exposition

AWAY = (OperationalError, InterfaceError, KeyRingError)
RETRY_AFTER = "30"  # seconds
SAFE = ("GET", "HEAD", "OPTIONS")
REPORT_RATES = {"csp_report": "120/m/ip"}  # a school is one address

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def healthz(request):
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def readyz(request):
    """For monitors; a balancer asks `healthz`, for a late worker must close no page."""
    ready, findings = health.examine(at=timezone.now())
    checks = {name: finding.word for name, finding in findings.items()}
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


@login_not_required
@require_safe
def metrics(request):
    """For Prometheus; without the token of the settings there is no such page."""
    said = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    expected = settings.METRICS_TOKEN.encode()
    if not (secrets.compare_digest(said, expected) and expected):
        raise Http404
    found = running.look(at=timezone.now())
    return HttpResponse(exposition(found), content_type=CONTENT_TYPE)


@require_safe
def status(request):
    """How the installation runs, for administrators; addresses of their own staff and no other."""
    is_here = holds_here(request.roles, Role.Kind.SCHOOL_ADMIN)
    require(is_here or administers_district(request.person, at=request.now))
    refused = running.refused(at=request.now)
    shown = []
    if is_here:
        staff = Person.objects.staff_of(request.school, on=request.today)
        known = running.refused_staff(at=request.now).filter(pk__in=staff.values("pk"))
        shown = list(known.by_name())
    found = running.look(at=request.now)
    return render(
        request,
        "status.html",
        {
            "running": found,
            "is_here": is_here,
            "keepers": _keepers(request) if is_here else "",
            "failures": [
                (count, running.words_for(error)) for error, count in found.outbox.failures.items()
            ],
            "refused": shown,
            "refused_elsewhere": refused.count() - len(shown),
        },
    )


def _keepers(request):
    """How many get the daily line of the log, in a sentence; empty where it is enough."""
    standing = LogKeeper.objects.standing(request.school, on=request.today).count()
    return keepers_words(standing) if standing < WANTED else ""


@login_not_required
@csrf_exempt  # browsers send these by themselves
@require_POST
def csp_report(request):
    """Write down that a page broke our content security policy: the rule and the page's name."""
    if not ratelimit.consume(request, app="oneonones", action="csp_report", config=REPORT_RATES):
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        body = request.read(reports.LONGEST + 1)
        if len(body) > reports.LONGEST:
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        violations = reports.violations(body)
    except (OSError, reports.UnreadableReport):
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    for directive, view in violations:
        logger.warning("Content security policy: %s broken on %s", directive, view)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def too_many_requests(request):
    """Somebody tried too often: nothing is wrong, and it says when to try again."""
    seconds = limits.seconds(
        request, "reset_password", key=request.POST.get("email", "").strip().lower()
    )
    page = render_to_string("429.html", {"wait": limits.in_words(seconds)})
    response = HttpResponse(page, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(seconds)
    return response


def bad_request(request, exception):
    """
    What cannot be read, with 400; but 503 when only the session could not be saved, after the rest
    was: the database went away meanwhile, or somebody signed out elsewhere.
    """
    if isinstance(exception, SessionInterrupted):
        return _away(request)
    return HttpResponse(render_to_string("400.html"), status=HTTPStatus.BAD_REQUEST)


def server_error(request):
    """
    An error of ours. When the database or the key ring is away that is said, with 503: nothing is
    broken, and nothing that was saved is lost.
    """
    if isinstance(sys.exc_info()[1], AWAY):
        return _away(request)
    page = render_to_string("500.html", {"pressed": _pressed(request)})
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _away(request):
    page = render_to_string("503.html", {"pressed": _pressed(request)})
    response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = RETRY_AFTER
    return response


def _pressed(request):
    """Whether it was to change something: nobody can say then whether that was before the error."""
    return request.method not in SAFE
