"""Somebody's one-on-ones in their own calendar program: the secret address, and what is there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from .. import actions
from ..calendar_files import feed_file
from ..forms.feeds import FeedForm
from ..models import CalendarFeed


@require_safe
def feed_edit(request):
    return _page(request)


@require_POST
@sensitive_variables("token", "address")
def feed_make(request):
    form = FeedForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    token = actions.make_feed(by=request.person, at=request.now, **form.cleaned_data)
    # Shown here and never again, so there is no page to go on to
    address = request.build_absolute_uri(reverse("scheduling:feed", args=[token]))
    return _page(request, address=address)


@require_POST
def feed_end(request):
    if actions.end_feed(by=request.person, at=request.now):
        messages.success(request, "The address is ended. Calendars that read it get nothing more.")
    return redirect("scheduling:feed_edit")


@login_not_required
@require_safe
@sensitive_variables("token")
def feed(request, token):
    found = CalendarFeed.objects.opened_by(token).select_related("person").first()
    if found is None:
        raise Http404
    now = timezone.now()
    actions.mark_read(found, by=found.person, at=now)
    response = HttpResponse(
        feed_file(found, found.meetings(now), at=now),
        content_type="text/calendar; charset=utf-8",
    )
    response["Content-Disposition"] = 'inline; filename="one-on-ones.ics"'
    return response


def _page(request, *, address="", form=None):
    mine = CalendarFeed.objects.visible_to(request.person).first()
    return render(
        request,
        "scheduling/feed_edit.html",
        {
            "feed": mine,
            "address": address,
            "subscribe": address.replace("https:", "webcal:").replace("http:", "webcal:"),
            "form": form or FeedForm(initial={"shows_names": bool(mine and mine.shows_names)}),
        },
    )
