"""Pages about one's own account, and the two of allauth's that need a word or a guard from us."""

from urllib.parse import urlencode

from allauth.account import views as allauth_views
from allauth.mfa.webauthn.views import reauthenticate_webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from .. import actions, names
from ..forms.accounts import ReminderForm, SettingsForm
from ..models import LoginMove


@require_http_methods(["GET", "POST"])
def account(request):
    person = request.person
    if request.method == "POST":
        form = SettingsForm(request.POST)
        if form.is_valid():
            actions.change_settings(person, by=person, at=request.now, **form.cleaned_data)
            names.forget(request.session)
            messages.success(request, "Saved.")
            return redirect("people:account")
    else:
        form = SettingsForm(
            initial={
                "uses_shortcuts": person.uses_shortcuts,
                "hides_names": person.hides_names,
                "is_nudged": person.is_nudged,
            }
        )
    move = LoginMove.objects.waiting(request.now).filter(person=person).first()
    return render(
        request, "people/account.html", {"form": form, "roles": request.roles, "move": move}
    )


@require_http_methods(["GET", "POST"])
def reminders(request):
    person = request.person
    if request.method == "POST":
        form = ReminderForm(request.POST)
        if form.is_valid():
            actions.change_reminders(person, by=person, at=request.now, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("people:reminders")
    else:
        form = ReminderForm(
            initial={
                "reminder": person.reminder,
                "quiet_from": person.quiet_from,
                "quiet_until": person.quiet_until,
                "calendar_by_mail": person.calendar_by_mail,
            }
        )
    return render(request, "people/reminders.html", {"form": form})


@require_safe
def account_email(request):
    """Addresses come from the roster: allauth's page would let one claim somebody else's."""
    return render(request, "account/email.html")


def reauthenticate_by_passkey(request):
    """allauth sends people to the start when a passkey was not accepted; here they try again."""
    response = reauthenticate_webauthn(request)
    if request.method == "POST" and response.headers.get("Location") == reverse("account_login"):
        query = urlencode({"next": request.POST["next"]}) if "next" in request.POST else ""
        return redirect(f"{request.path}?{query}")
    return response


@login_not_required
def confirm_login_code(request):
    """allauth sends people back to the start without a word when a code has expired."""
    response = allauth_views.confirm_login_code(request)
    is_sent_back = response.headers.get("Location") == reverse("account_request_login_code")
    if is_sent_back and not len(messages.get_messages(request)):
        messages.warning(request, "This code no longer works. Ask for a new one.")
    return response
