"""Who has opened the notes of a meeting."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..ledger import ledger_of
from .who import meeting_for


@require_safe
def meeting_ledger(request, uid):
    meeting = meeting_for(request, uid)
    pairing = meeting.pairing
    other = pairing.other(request.person)
    return render(
        request,
        "notes/meeting_ledger.html",
        {
            "meeting": meeting,
            "other": other,
            "other_name": pairing.shown_name(other),
            "ledger": ledger_of(meeting, request.person, at=request.now),
        },
    )
