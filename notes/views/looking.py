"""Looking at a talk's notes as somebody else would find them."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from ..looking import look_as
from ..vault import AWAY
from .who import meeting_for


@require_safe
@sensitive_variables()
def meeting_look(request, uid, key):
    meeting = meeting_for(request, uid)
    look = look_as(meeting, request.person, key, at=request.now)
    if look is None:
        raise Http404
    pairing = meeting.pairing
    other = pairing.other(request.person)
    return render(
        request,
        "notes/meeting_look.html",
        {
            "meeting": meeting,
            "look": look,
            "other": other,
            "other_name": pairing.shown_name(other),
            "away": AWAY,
        },
    )
