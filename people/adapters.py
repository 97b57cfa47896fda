"""How django-allauth is bent to a school: by invitation, mails through the outbox, all logged."""

from contextlib import contextmanager
from contextvars import ContextVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.account.utils import url_str_to_user_pk
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.utils import timezone

from . import actions, limits
from .devices import describe
from .fresh import is_fresh
from .models import Person, User
from .sealed import factor_of, open_text, seal_text

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
    "mfa/email/webauthn_added": ("signin_passkey_on", lambda context: ""),
    "mfa/email/webauthn_removed": ("signin_passkey_off", lambda context: ""),
    "mfa/email/recovery_codes_generated": ("signin_recovery_codes", lambda context: ""),
}

# How one says again who one is, once there is a second factor
WAYS = ("mfa_reauthenticate", "mfa_reauthenticate:webauthn")
IN_OUR_WORDS = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use your passkey",
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
        """Also at the end of a sign-in that began while they were still here."""
        if not User.objects.filter(pk=user.pk, is_active=True, person__is_active=True).exists():
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        records, now = get_authentication_records(request, user), timezone.now()
        for record in records:
            if "provider" in record:
                account = {"provider": record["provider"], "number": record["uid"]}
                actions.tie_account(user, by=user.person, at=now, **account)
        methods = dict.fromkeys(_name_of(record) for record in records)
        actions.record_sign_in(user, by=user.person, at=now, method="-".join(methods))
        super().login(request, user)
        request.session.begin(device=_device(request))

    def set_password(self, user, password):
        """Who gets hold of a password has not kept it: wherever else it signed in ends."""
        super().set_password(user, password)
        here = self.request.session.session_key
        actions.end_other_sessions(by=user.person, at=timezone.now(), here=here)

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            key = self._get_login_attempts_cache_key(request, **credentials)
            wait = limits.in_words(limits.seconds(request, "login_failed", key=key))
            words = f"That was tried too often. Try again in {wait}, or use a code from your mail."
            raise ValidationError(words, code=error.code) from None

    def authentication_failed(self, request, **credentials):
        user = User.objects.filter(email=credentials.get("email", "").lower()).first()
        _record_failure(user, method="password")

    def validation_error(self, code, *args):
        """Also where allauth says that a code from a mail was wrong."""
        if code == "incorrect_code":
            _record_failure(_pending_user(self.request), method="code")
        return super().validation_error(code, *args)

    def reauthenticate(self, user, password):
        """As at sign-in: the address stands on the login, and guesses are counted by it."""
        return self.authenticate(self.request, email=user.email, password=password) == user

    def is_reauthentication_required(self, *, app, **kwargs):
        return not is_fresh(self.request)

    def get_reauthentication_methods(self, user):
        """Who has a second factor shows that: a password alone does not change it."""
        methods = super().get_reauthentication_methods(user)
        methods = [method for method in methods if method["id"] in WAYS] or methods
        return [method | {"description": IN_OUR_WORDS[method["id"]]} for method in methods]


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of the second factor are sealed by the key ring; allauth would keep them in clear."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right. Look at the app again: it changes every "
        "30 seconds.",
    }

    def get_totp_issuer(self):
        return "One-on-Ones"

    def generate_authenticator_name(self, user, type):  # noqa: A002 -- allauth's
        """Named for where it is made, which is mostly where it is."""
        return _device(context.request)

    def get_public_key_credential_rp_entity(self):
        """The site's own name: a stranger may have chosen the one in the request."""
        return {"id": settings.SITE_HOST, "name": "One-on-Ones"}

    def encrypt(self, text):
        return seal_text("mfa", text, bound=factor_of(_whose()))

    def decrypt(self, encrypted_text):
        return open_text("mfa", encrypted_text, bound=factor_of(_whose()))

    def validation_error(self, code, *args):
        """Also where allauth says that a code from the app, or a passkey, was wrong."""
        if code == "incorrect_code":
            is_passkey = "credential" in context.request.POST
            method = "passkey" if is_passkey else "mfa"
            _record_failure(_pending_user(context.request), method=method)
        return super().validation_error(code, *args)


@contextmanager
def factors_of(user):
    """Seal and open the second factors of a login where no request says whose they are."""
    token = _OWNER.set(user.pk)
    try:
        yield
    finally:
        _OWNER.reset(token)


_OWNER = ContextVar("whose second factors are sealed and opened", default=None)


def _whose():
    """allauth does not say whose secret it seals or opens: theirs who signs in, or has."""
    owner = _OWNER.get()
    return _pending_user(context.request).pk if owner is None else owner


def _name_of(record):
    """What the log calls a step of signing in."""
    if record.get("type") == Authenticator.Type.WEBAUTHN:
        return "passkey"
    return record.get("provider", record["method"])


def _device(request):
    return describe(request.headers.get("User-Agent", ""))


def _pending_user(request):
    """Who is signed in, or is about to be."""
    if not isinstance(request.user, AnonymousUser):
        return request.user
    key = (request.session.get("account_login") or {}).get("user_pk")
    return User.objects.filter(pk=url_str_to_user_pk(key)).first() if key else None


def _record_failure(user, *, method):
    actions.record_failed_sign_in(user, by=None, at=timezone.now(), method=method)
