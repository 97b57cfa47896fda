"""Finding words in one's notes; what is looked for stands in no address."""

from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from .. import vault
from ..finding import find
from ..forms import FindForm
from .who import viewer_of


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@sensitive_variables()
def note_find(request):
    viewer = viewer_of(request)
    form = FindForm(request.POST if request.method == "POST" else None)
    found, is_cut, is_away = None, False, False
    if form.is_valid():
        try:
            found, is_cut = find(form.cleaned_data["words"], viewer, at=request.now)
        except vault.Away:
            is_away = True
    return render(
        request,
        "notes/note_find.html",
        {"form": form, "found": found, "is_cut": is_cut, "is_away": is_away, "away": vault.AWAY},
    )
