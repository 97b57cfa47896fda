"""What puts a mail about signing in, or a test, into the outbox; other mail is queued elsewhere."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from .. import tasks
from ..emails import WORKS_FOR, secret_of
from ..models import OutgoingMail, Person
from ..sealed import seal_text

BETWEEN_TESTS = timedelta(minutes=1)


@transaction.atomic
def queue_sign_in_mail(
    person: Person,
    *,
    by: Person | None,
    kind: str,
    at: datetime,
    secret: str = "",
    about: uuid.UUID | None = None,
) -> OutgoingMail:
    """
    Send a mail about signing in at once; its code or key is sealed, and erased when it is sent.

    A new code or key makes the earlier ones void, so their mails are dropped.
    """
    _drop_earlier(person, kind, at)
    mail = _queue(person, kind, secret, at, about)
    tasks.deliver_soon()
    return mail


class CannotSend(Exception):
    """Why no mail is sent, in words for the person who asked."""


@transaction.atomic
def send_test_mail(*, by: Person, at: datetime) -> OutgoingMail:
    """Send a mail to oneself, to see whether any leave this server. Raises CannotSend."""
    person = Person.objects.select_for_update().get(pk=by.pk)
    if not person.email:
        raise CannotSend("Your own record has no e-mail address. Add one first.")
    waiting = OutgoingMail.objects.open().filter(person=person, kind="test_mail")
    if waiting.filter(due_at__gt=at - BETWEEN_TESTS).exists():
        raise CannotSend("One is on its way already. Give it a minute.")
    mail = OutgoingMail.objects.queue(
        key=f"test_mail:{person.uid}:{uuid.uuid4()}", kind="test_mail", person=person, at=at
    )
    tasks.deliver_soon()
    return mail


@transaction.atomic
def feign_sign_in_mail(*, by: Person | None, at: datetime) -> None:
    """
    Take the time that a mail takes, and leave nothing.

    For addresses that nobody signs in with: who asks must not learn it from the clock.
    """
    nobody = Person(pk=0)  # whether there is one is asked at the end only, which does not come
    with transaction.atomic():
        _drop_earlier(nobody, "signin_code", at)
        _queue(nobody, "signin_code", "000000", at)
        transaction.set_rollback(True)
    tasks.deliver_soon()


def _drop_earlier(person: Person, kind: str, at: datetime) -> None:
    if kind in WORKS_FOR:
        earlier = OutgoingMail.objects.open().filter(person=person, kind=kind)
        earlier.update(dropped_at=at, sealed=None)


@sensitive_variables("secret")
def _queue(
    person: Person, kind: str, secret: str, at: datetime, about: uuid.UUID | None = None
) -> OutgoingMail:
    mail = OutgoingMail.objects.queue(
        key=f"{kind}:{person.uid}:{uuid.uuid4()}", kind=kind, person=person, at=at, about=about
    )
    if secret:
        mail.sealed = seal_text("tokens", secret, bound=secret_of(mail)).encode()
        mail.save(update_fields=["sealed"])
    return mail
