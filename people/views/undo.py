"""The one address where a change is undone."""

import re

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from .. import actions
from ..addresses import page_before
from ..models import Change
from ..undo import inverse_of

# The page of one thing, which may be gone; lists and the grid are there as before
ABOUT_ONE = re.compile(r"/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/")


@require_POST
def undo(request, uid):
    changes = Change.objects.visible_to(request.person).recent(request.now)
    change = get_object_or_404(changes, uid=uid)
    find_instead = inverse_of(change).instead
    instead = find_instead(change) if find_instead else ""
    try:
        actions.undo(change, by=request.person, at=request.now)
    except actions.CannotUndo as error:
        messages.warning(request, str(error))
        instead = ""
    else:
        messages.success(request, "Undone.")
    if request.htmx:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    back = page_before(request)
    return redirect(instead if instead and ABOUT_ONE.search(back) else back)
