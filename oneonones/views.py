"""What machines ask of the site, and what people see when it cannot answer."""

import sys
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.keyring import KeyRingError
from people import limits

from . import health

AWAY = (OperationalError, InterfaceError, KeyRingError)
RETRY_AFTER = "30"  # seconds


@login_not_required
@require_safe
def healthz(request):
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request):
    ready, checks = health.examine(at=timezone.now())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def too_many_requests(request):
    """Somebody tried too often: nothing is wrong, and it says when to try again."""
    seconds = limits.seconds(
        request, "reset_password", key=request.POST.get("email", "").strip().lower()
    )
    page = render_to_string("429.html", {"wait": limits.in_words(seconds)})
    response = HttpResponse(page, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(seconds)
    return response


def server_error(request):
    """
    An error of ours. When the database or the key ring is away that is said, with 503: nothing is
    broken, and nothing that was saved is lost.
    """
    if isinstance(sys.exc_info()[1], AWAY):
        response = HttpResponse(render_to_string("503.html"), status=503)
        response["Retry-After"] = RETRY_AFTER
        return response
    return HttpResponse(render_to_string("500.html"), status=500)
