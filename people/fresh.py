"""Asking once more who somebody is, before what cannot be taken back lightly."""

import time

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.forms import ReauthenticateForm
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import ratelimit
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.base.forms import ReauthenticateForm as CodeForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.shortcuts import render

from .factors import FACTORS
from .forms.passkeys import ReauthenticatePasskeyForm

PREFIX = "again"  # before the names of our fields, so that none is one of the page's


def is_fresh(request):
    """
    Whether somebody showed within five minutes that it is they: with their second factor where
    they have one, else with whatever they signed in with. A demo school never asks.
    """
    if request.roles and all(role.school.is_demo for role in request.roles):
        return True
    records = get_authentication_records(request, request.user)
    factors = _factors_of(request.user)
    if factors:
        # What was shown before there was any counts too: one is setting them up
        since = min(created_at for _, created_at in factors).timestamp()
        records = [each for each in records if each["method"] == "mfa" or each["at"] <= since]
    elif not request.user.has_usable_password():
        return True  # there is nothing to show but the mailbox, at sign-in
    age = time.time() - records[-1]["at"] if records else None
    return age is not None and age < app_settings.REAUTHENTICATION_TIMEOUT


def ask_again(request):
    """
    The page that asks for a password, code or passkey first, or None where that was just shown.

    What a form sent waits in the page and is sent again with the answer: nothing of it is kept
    here, and nothing that was typed is lost.
    """
    if is_fresh(request):
        return None
    if request.method != "POST":
        raise ReauthenticationRequired
    form, trouble = _answered(request)
    if form is not None and form.is_valid():
        _record(request, form)
        return None
    return _page(request, form, trouble)


def _answered(request):
    """The form that was filled in here, and why it is not looked at."""
    forms = _forms(request, request.POST)
    form = next((each for name, each in forms.items() if f"{PREFIX}-{name}" in request.POST), None)
    if form is None:
        return None, ""
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        return None, "That was tried too often. Wait a minute and try again."
    return form, ""


def _record(request, form):
    if isinstance(form, ReauthenticateForm):
        reauthenticate_by_password(request)
    else:
        form.save()


def _page(request, answered, trouble):
    forms = _forms(request)
    if answered is not None:
        forms[next(iter(answered.fields))] = answered
    js_data = {}
    if "credential" in forms:
        js_data = {"request_options": begin_authentication(request.user)}
    return render(
        request,
        "people/ask_again.html",
        {
            "forms": forms,
            "answered": answered,
            "js_data": js_data,
            "waiting": waiting(request),
            "trouble": trouble,
        },
    )


def waiting(request):
    """What a form sent, name by name, to be sent again from a page in between."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not name.startswith(f"{PREFIX}-") and name != "csrfmiddlewaretoken"
    ]


def _forms(request, data=None):
    """A form for each way somebody has: by their second factor, or else their password."""
    types = {kind for kind, _ in _factors_of(request.user)}
    kinds = {"code": CodeForm} if types else {"password": ReauthenticateForm}
    if Authenticator.Type.WEBAUTHN in types:
        kinds["credential"] = ReauthenticatePasskeyForm
    return {name: kind(user=request.user, data=data, prefix=PREFIX) for name, kind in kinds.items()}


def _factors_of(user):
    """The kind of each second factor of a login, and since when there is one."""
    factors = Authenticator.objects.filter(user=user, type__in=FACTORS)
    return list(factors.values_list("type", "created_at"))
