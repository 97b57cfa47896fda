"""Where a host meets people, said once for their whole grid."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .. import actions
from ..forms.grid import WhereForm
from ..models import Slot
from .grid import Page


@require_http_methods(["GET", "POST"])
def where_edit(request):
    page = Page.of(request)
    mine = Slot.objects.visible_to(page.host).standing().filter(term=page.term)
    slot = mine.order_by("pk").first() if page.term else None
    if slot is None:
        raise Http404
    if request.method == "POST":
        form = WhereForm(request.POST)
        if form.is_valid():
            actions.say_where(
                page.host, page.school, page.term, by=page.host, at=request.now, **form.cleaned_data
            )
            messages.success(request, "Saved. Your talks to come say so too.")
            return redirect("scheduling:schedule")
    else:
        form = WhereForm(initial={"place": slot.place, "online_link": slot.online_link})
    return render(request, "scheduling/where_edit.html", {"form": form})
