"""One's own data: what the file holds, and the file."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from audit.keyring import KeyRingError

from .. import actions
from ..fresh import ask_again
from ..own_data import archive, chapters, left_out


@require_http_methods(["GET", "POST"])
def own_data(request):
    if again := ask_again(request):
        return again
    if request.method == "POST":
        try:
            actions.export_own_data(request.person, by=request.person, at=request.now)
            content = archive(request.person, at=request.now)
        except KeyRingError:
            messages.error(
                request,
                "Your data cannot be put together right now, because notes cannot be opened. "
                "Nothing is lost. Try again later.",
            )
            return redirect("people:own_data")
        response = HttpResponse(content, content_type="application/zip")
        response["Content-Disposition"] = 'attachment; filename="your-data.zip"'
        return response
    return render(
        request,
        "people/own_data.html",
        {"chapters": chapters(), "reasons": sorted(set(left_out().values()))},
    )
