"""The switch for a screen that others can see."""

from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from .. import names
from ..addresses import page_before


@require_POST
def names_switch(request):
    names.choose(request.session, request.POST.get("names", ""))
    return redirect(page_before(request))
