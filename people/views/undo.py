"""The one address where a change is undone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from .. import actions
from ..models import Change


@require_POST
def undo(request, uid):
    changes = Change.objects.visible_to(request.person).recent(request.now)
    change = get_object_or_404(changes, uid=uid)
    try:
        actions.undo(change, by=request.person, at=request.now)
    except actions.CannotUndo as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "Undone.")
    if request.htmx:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return redirect(_back(request))


def _back(request):
    """Where the person came from, if that is a page of ours."""
    for address in (request.POST.get("next"), request.headers.get("Referer")):
        if address and url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return "home"
