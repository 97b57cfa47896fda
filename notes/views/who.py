"""Who reads, what they may reach, and where to go next: what the pages of this app share."""

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from people.addresses import own_page
from people.models import Pairing
from scheduling.models import Meeting

NOT_KEPT = "This cannot be kept right now. Nothing was lost."


def viewer_of(request):
    """Who reads; somebody with a login and no person, such as a superuser, reads nothing."""
    if request.person is None or not request.person.is_active:
        raise Http404
    return request.person


def meeting_for(request, uid):
    """A meeting of the viewer's own pairing, as host or attendee; a guest has no note in it."""
    viewer = viewer_of(request)
    meetings = Meeting.objects.visible_to(viewer).filter(
        Q(pairing__host=viewer) | Q(pairing__attendee=viewer)
    )
    return get_object_or_404(
        meetings.select_related(
            "pairing__host", "pairing__attendee", "pairing__school__safeguarding_lead"
        ),
        uid=uid,
    )


def pairing_for(request, uid):
    return get_object_or_404(
        Pairing.objects.visible_to(viewer_of(request)).select_related(
            "host", "attendee", "school__safeguarding_lead"
        ),
        uid=uid,
    )


def next_page(request):
    """Where to go afterwards, if that is a page of ours."""
    return own_page(request, request.POST.get("next") or request.GET.get("next") or "")
