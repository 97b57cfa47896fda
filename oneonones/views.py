"""What machines ask of the site; people's pages are in the apps."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from . import health


@login_not_required
@require_safe
def healthz(request):
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request):
    ready, checks = health.examine(at=timezone.now())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)
