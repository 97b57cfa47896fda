"""How django-allauth is bent to a school: by invitation, mails through the outbox, all logged."""

import time

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.account.utils import url_str_to_user_pk
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from . import actions
from .models import Person, User
from .sealed import MFA_BOUND, open_text, seal_text

# What allauth wants to mail, the kind of our mail, and what of its context the mail needs.
MAILS = {
    "account/email/login_code": ("signin_code", lambda context: context["code"]),
    "account/email/password_reset_key": (
        "signin_reset",
        lambda context: f"{context['uid']}-{context['key']}",
    ),
    "account/email/password_changed": ("signin_password", lambda context: ""),
    "account/email/password_set": ("signin_password", lambda context: ""),
    "account/email/password_reset": ("signin_password", lambda context: ""),
    "mfa/email/totp_activated": ("signin_factor_on", lambda context: ""),
    "mfa/email/totp_deactivated": ("signin_factor_off", lambda context: ""),
    "mfa/email/recovery_codes_generated": ("signin_recovery_codes", lambda context: ""),
}


class SignInBackend(AuthenticationBackend):
    """Loads a login anew for each request, and in the same query the person whose it is."""

    def get_user(self, user_id):
        user = User.objects.select_related("person").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):
    """Logins belong to people of a school: nobody makes one, and every attempt leaves a trace."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "Your school has ended this account.",
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "enter_current_password": "Enter your present password.",
        "incorrect_code": "This code is not right. Look in the newest mail.",
        "incorrect_password": "The password is not right.",
        "too_many_login_attempts": "That was tried too often. Wait five minutes and try again.",
        "rate_limited": "That was asked for too often. Wait a few minutes and try again.",
    }

    def is_open_for_signup(self, request):
        return False

    def send_mail(self, template_prefix, email, context):
        person = Person.objects.filter(user__email=email.lower(), is_active=True).first()
        if person is None or template_prefix not in MAILS:
            actions.feign_sign_in_mail(by=None, at=timezone.now())
            return
        kind, secret_in = MAILS[template_prefix]
        actions.queue_sign_in_mail(
            person, by=person, kind=kind, secret=secret_in(context), at=timezone.now()
        )

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        """Signing in and out is seen without words, and none shall name an address."""
        if message_template not in {
            "account/messages/logged_in.txt",
            "account/messages/logged_out.txt",
            "account/messages/login_code_sent.txt",
        }:
            super().add_message(request, level, message_template, *args, **kwargs)

    def pre_login(self, request, user, **kwargs):
        """A login without a person of a school opens nothing."""
        if not Person.objects.filter(user=user, is_active=True).exists():
            user.is_active = False
        return super().pre_login(request, user, **kwargs)

    def login(self, request, user):
        methods = [record["method"] for record in get_authentication_records(request, user)]
        actions.record_sign_in(
            user, by=user.person, at=timezone.now(), method="-".join(dict.fromkeys(methods))
        )
        super().login(request, user)

    def authentication_failed(self, request, **credentials):
        user = User.objects.filter(email=credentials.get("email", "").lower()).first()
        _record_failure(user, method="password")

    def validation_error(self, code, *args):
        """Also where allauth says that a code from a mail was wrong."""
        if code == "incorrect_code":
            _record_failure(_pending_user(self.request), method="code")
        return super().validation_error(code, *args)

    def is_reauthentication_required(self, *, app, **kwargs):
        """Who signed in within these minutes is not asked for the same password again."""
        records = get_authentication_records(self.request, self.request.user)
        fresh = bool(records) and (
            time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
        )
        return not fresh and super().is_reauthentication_required(app=app, **kwargs)


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of the second factor are sealed by the key ring; allauth would keep them in clear."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right. Look at the app again: it changes every "
        "30 seconds.",
    }

    def get_totp_issuer(self):
        return "One-on-Ones"

    def encrypt(self, text):
        return seal_text("mfa", text, bound=MFA_BOUND)

    def decrypt(self, encrypted_text):
        return open_text("mfa", encrypted_text, bound=MFA_BOUND)

    def validation_error(self, code, *args):
        """Also where allauth says that a code from the app was wrong."""
        if code == "incorrect_code":
            _record_failure(_pending_user(self.request), method="mfa")
        return super().validation_error(code, *args)


def _pending_user(request):
    """Who is signed in, or is about to be."""
    if not isinstance(request.user, AnonymousUser):
        return request.user
    key = (request.session.get("account_login") or {}).get("user_pk")
    return User.objects.filter(pk=url_str_to_user_pk(key)).first() if key else None


def _record_failure(user, *, method):
    actions.record_failed_sign_in(user, by=None, at=timezone.now(), method=method)
