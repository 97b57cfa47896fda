"""What we write to people about signing in: a code, a link to a page, or what was changed."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from . import outbox
from .home import home_school
from .models import LoginMove, OutgoingMail, Role
from .sealed import open_text

# The kinds: subject and template
SIGN_IN = {
    "signin_code": ("Your code to sign in", "people/emails/signin_code.txt"),
    "signin_reset": ("Choose a new password", "people/emails/signin_reset.txt"),
    "signin_invited": ("You can sign in now", "people/emails/signin_invited.txt"),
    "signin_address": (
        "The address you sign in with was changed",
        "people/emails/signin_address.txt",
    ),
    "signin_password": ("Your password was changed", "people/emails/signin_password.txt"),
    "signin_factor_on": ("Two-step sign-in is on", "people/emails/signin_factor_on.txt"),
    "signin_factor_off": ("Two-step sign-in is off", "people/emails/signin_factor_off.txt"),
    "signin_factor_lost": (
        "Your second step was taken off",
        "people/emails/signin_factor_lost.txt",
    ),
    "signin_passkey_on": ("You have a new passkey", "people/emails/signin_passkey_on.txt"),
    "signin_passkey_off": ("A passkey was removed", "people/emails/signin_passkey_off.txt"),
    "signin_tried": ("Somebody tried to sign in as you", "people/emails/signin_tried.txt"),
    "signin_got_in": (
        "Signed in as you after several wrong tries",
        "people/emails/signin_got_in.txt",
    ),
    "signin_untied": (
        "Another account can sign in as you",
        "people/emails/signin_untied.txt",
    ),
    "signin_recovery_codes": (
        "You have new recovery codes",
        "people/emails/signin_recovery_codes.txt",
    ),
}
# About a login that is to move: subject and template
MOVES = {
    "signin_move_asked": (
        "Your sign-in is to move to another address",
        "people/emails/signin_move_asked.txt",
    ),
    "signin_move_waits": (
        "Moving somebody's sign-in needs your yes",
        "people/emails/signin_move_waits.txt",
    ),
    "signin_move_refused": (
        "Somebody said no to moving their sign-in",
        "people/emails/signin_move_refused.txt",
    ),
}
# What holds a secret is worth nothing, and worse, when it comes late.
WORKS_FOR = {
    "signin_code": timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT),
    "signin_reset": timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
}


def secret_of(mail: OutgoingMail) -> bytes:
    """What a mail's secret is bound to: it opens in no other row and for no other kind."""
    return f"people/outgoing-mail/{mail.uid}/{mail.kind}/{mail.person_id}".encode()


@sensitive_variables()
def render_sign_in(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """A mail about signing in, to the address that signs in; None once it would come too late."""
    user = mail.person.user
    if user is None or not user.is_active:
        return None
    if mail.kind in WORKS_FOR and at - mail.due_at >= WORKS_FOR[mail.kind]:
        return None
    secret = ""
    if mail.sealed:
        secret = open_text("tokens", bytes(mail.sealed).decode(), bound=secret_of(mail))
    school = home_school(mail.person)
    words = {
        "person": mail.person,
        "school": school,
        "secret": secret,
        "reset_url": _reset_url(secret) if mail.kind == "signin_reset" else "",
        "sign_in_url": settings.SITE_URL + reverse("account_request_login_code"),
        "password_url": settings.SITE_URL + reverse("account_reset_password"),
        "browsers_url": settings.SITE_URL + reverse("people:session_list"),
        "changed_at": mail.due_at,
    }
    subject, template = SIGN_IN[mail.kind]
    with timezone.override(school.zone if school else None):
        body = render_to_string(template, words)
    # Who may have lost a login is told where they had it
    address = secret if mail.kind == "signin_address" else user.email
    return EmailMessage(subject, body, to=[address])


def render_move(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """About a login that is to move: to its old address, also where that no longer signs in, and
    to administrators. None once it is no longer so."""
    move = (
        LoginMove.objects.filter(uid=mail.subject_uid or uuid.UUID(int=0))
        .select_related("person")
        .first()
    )
    user = mail.person.user
    if move is None or user is None:
        return None
    if mail.kind == "signin_move_refused":
        is_so = move.ending == LoginMove.Ending.REFUSED
    else:
        is_so = LoginMove.objects.waiting(at).filter(pk=move.pk).exists()
    if not is_so:
        return None
    school = home_school(move.person)
    words = {
        "person": mail.person,
        "move": move,
        "school": school,
        "account_url": settings.SITE_URL + reverse("people:account"),
        "person_url": settings.SITE_URL + reverse("people:person_edit", args=[move.person.uid]),
    }
    subject, template = MOVES[mail.kind]
    with timezone.override(school.zone if school else None):
        body = render_to_string(template, words)
    return EmailMessage(subject, body, to=[user.email])


def render_school_given(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To somebody who signs in already: a new school is theirs to set up; None once it is not."""
    role = (
        Role.objects.filter(person=mail.person, kind=Role.Kind.SCHOOL_ADMIN)
        .filter(school__uid=mail.subject_uid or uuid.UUID(int=0))
        .select_related("school")
        .first()
    )
    user = mail.person.user
    if role is None or not role.is_in_force(role.school.today(at)) or user is None:
        return None
    words = {
        "person": mail.person,
        "school": role.school,
        "url": settings.SITE_URL.rstrip("/") + reverse("people:workplace_list"),
    }
    body = render_to_string("people/emails/school_given.txt", words)
    return EmailMessage("A school to set up", body, to=[user.email])


def render_test(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """A mail to oneself, to see whether any leave this server."""
    body = render_to_string(
        "people/emails/test_mail.txt",
        {"person": mail.person, "url": settings.SITE_URL + reverse("people:setup")},
    )
    return EmailMessage("Mail leaves your school's server", body, to=[mail.person.email])


def register_renderers() -> None:
    outbox.register("school_given", render_school_given)
    for kind in SIGN_IN:
        outbox.register(kind, render_sign_in)
    for kind in MOVES:
        outbox.register(kind, render_move)
    outbox.register("test_mail", render_test)


def _reset_url(key: str) -> str:
    # From SITE_URL, never from the request: a stranger may have chosen its host.
    uidb36, _, token = key.partition("-")
    path = reverse("account_reset_password_from_key", args=[uidb36, token])
    return settings.SITE_URL + path
