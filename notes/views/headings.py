"""What a line manager may read of others' talks: the headings and action points they agreed on."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from people.models import Pairing

from .. import vault
from ..headings import pairings_shown_to, shown_to, talks_of
from ..models import Part
from .who import viewer_of

ON_A_PAGE = 25  # talks


@require_safe
def heading_list(request):
    viewer = viewer_of(request)
    return render(
        request,
        "notes/heading_list.html",
        {"told": pairings_shown_to(viewer, at=request.now)},
    )


@require_safe
@sensitive_variables()
def heading_detail(request, uid):
    viewer = viewer_of(request)
    visible = Part.objects.visible_to(viewer, at=request.now)
    parts = shown_to(viewer, visible).filter(pairing__uid=uid)
    talks = parts.order_by("-meeting__starts_at", "-meeting").values("meeting").distinct()
    page = Paginator(talks, ON_A_PAGE).get_page(request.GET.get("page"))
    if not page.object_list:
        raise Http404
    here = (
        parts.filter(meeting__in=[row["meeting"] for row in page.object_list])
        .select_related("author", "party", "line", "meeting", "agreement__line_manager")
        .order_by("-meeting__starts_at", "-meeting", "written_at", "pk")
    )
    pairing = Pairing.objects.with_people().get(uid=uid)
    for part in here:
        part.pairing = pairing
    trouble = ""
    try:
        shown = talks_of(list(here), viewer, at=request.now)
    except vault.Away:
        shown, trouble = [], vault.AWAY
    return render(
        request,
        "notes/heading_detail.html",
        {"pairing": pairing, "talks": shown, "page": page, "trouble": trouble},
    )
