"""Where one is signed in, and how that ends elsewhere."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from .. import actions
from ..fresh import ask_again
from ..models import Session


@require_safe
def session_list(request):
    return render(
        request,
        "people/session_list.html",
        {"sessions": _sessions(request), "here": request.session.session_key},
    )


@require_POST
def session_end(request, uid):
    session = next((each for each in _sessions(request) if each.uid == uid), None)
    if session is None:
        raise Http404
    if session.session_key == request.session.session_key:
        messages.warning(request, "That is this browser: use Sign out, in your menu.")
    elif again := ask_again(request):
        return again
    else:
        actions.end_session(session, by=request.person, at=request.now)
        messages.success(request, "You are signed out there.")
    return redirect("people:session_list")


@require_POST
def session_end_others(request):
    if again := ask_again(request):
        return again
    here = request.session.session_key
    if actions.end_other_sessions(by=request.person, at=request.now, here=here):
        messages.success(request, "You are signed out everywhere but here.")
    else:
        messages.info(request, "You are signed in nowhere else.")
    return redirect("people:session_list")


def _sessions(request):
    return Session.objects.visible_to(request.user).running(request.now).newest_first()
