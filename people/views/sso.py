"""The pages on the way to Google or Microsoft and back, where they are turned on."""

import logging

import requests
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ..openid import SignedAdapter

log = logging.getLogger(__name__)


@login_not_required
@require_http_methods(["GET", "POST"])
def single_sign_on(request, provider_id):
    return _through(request, OAuth2LoginView, provider_id)


@login_not_required
@require_safe
def single_sign_on_back(request, provider_id):
    return _through(request, OAuth2CallbackView, provider_id)


@login_not_required
@require_safe
def single_sign_on_cancelled(request):
    if not settings.SINGLE_SIGN_ON:
        raise Http404
    messages.info(request, "You did not sign in there. Nothing has changed.")
    return redirect("account_login")


@login_not_required
def not_here(request, rest=""):
    """What allauth would offer besides: nobody makes a login here, or ties one to another."""
    raise Http404


def _through(request, view, provider_id):
    """Where the other side is not reached, or says what cannot be read, people are told so."""
    try:
        return view.adapter_view(SignedAdapter(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        log.warning("No answer from %s: %s", provider_id, type(error).__name__)
        [app] = [each for each in settings.SINGLE_SIGN_ON if each["provider_id"] == provider_id]
        words = {"auth_error": {"provider": app}}
        return render(request, "socialaccount/authentication_error.html", words, status=502)
