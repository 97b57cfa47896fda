"""What puts a mail about signing in into the outbox; other mail is queued by what it tells of."""

import uuid
from datetime import datetime

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from .. import tasks
from ..emails import WORKS_FOR, secret_of
from ..models import OutgoingMail, Person
from ..sealed import seal_text


@sensitive_variables("secret")
@transaction.atomic
def queue_sign_in_mail(
    person: Person, *, by: Person | None, kind: str, at: datetime, secret: str = ""
) -> OutgoingMail:
    """
    Send a mail about signing in at once; its code or key is sealed, and erased when it is sent.

    A new code or key makes the earlier ones void, so their mails are dropped.
    """
    if kind in WORKS_FOR:
        earlier = OutgoingMail.objects.open().filter(person=person, kind=kind)
        earlier.update(dropped_at=at, sealed=None)
    mail = OutgoingMail.objects.queue(
        key=f"{kind}:{person.uid}:{uuid.uuid4()}", kind=kind, person=person, at=at
    )
    if secret:
        mail.sealed = seal_text("tokens", secret, bound=secret_of(mail)).encode()
        mail.save(update_fields=["sealed"])
    tasks.deliver_soon()
    return mail
