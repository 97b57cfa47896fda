"""The outbox: one row for each mail, decided when it is sent."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from .changes import Change
from .persons import Person

HOLD = timedelta(seconds=60)
ADDRESS_REFUSED = "SMTPRecipientsRefused"  # the mail server takes mail, but none for this address


class Letter(NamedTuple):
    """One of many mails of a kind: its key, who gets it, what it is about, and goes with."""

    key: str
    person: Person
    about: uuid.UUID
    together: uuid.UUID | None = None


class RandomUid(Func):
    """A new uid for each row, of 128 random bits, made by the database."""

    template = "gen_random_uuid()"
    output_field = models.UUIDField()

    def as_sqlite(self, compiler, connection, **context):  # type: ignore[no-untyped-def]
        made = "lower(hex(randomblob(16)))"
        return self.as_sql(compiler, connection, template=made, **context)


class UidText(Func):
    """A UUID as text, in the form in which it stands in an address."""

    template = "CAST(%(expressions)s AS text)"
    output_field = models.CharField()

    def as_sqlite(self, compiler, connection, **context):  # type: ignore[no-untyped-def]
        uid, params = compiler.compile(self.source_expressions[0])
        parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        text = " || '-' || ".join(f"substr({uid}, {first}, {length})" for first, length in parts)
        return f"({text})", [*params] * len(parts)


def is_ripe(at: datetime) -> Q:
    """Whether a mail's time has come: due, and no longer held for Undo."""
    return Q(Q(hold_until__isnull=True) | Q(hold_until__lte=at), due_at__lte=at)


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def open(self) -> "OutgoingMailQuerySet":
        return self.filter(sent_at__isnull=True, dropped_at__isnull=True)

    def due(self, at: datetime) -> "OutgoingMailQuerySet":
        """
        Rows to send now: due, no longer held for Undo, and in no other worker's hands.

        Of those that go together only the first, which takes the others along.
        """
        first = (
            OutgoingMail.objects.open()
            .ripe(at)
            .filter(together=OuterRef("together"), person=OuterRef("person"), pk__lt=OuterRef("pk"))
        )
        free = Q(locked_until__isnull=True) | Q(locked_until__lte=at)
        return self.open().ripe(at).filter(free, Q(together__isnull=True) | ~Exists(first))

    def going_with(self, mail: "OutgoingMail") -> "OutgoingMailQuerySet":
        """Open rows of which one mail is made with this one, in order; not itself."""
        if mail.together is None:
            return self.none()
        others = self.open().filter(together=mail.together, person=mail.person_id)
        return others.exclude(pk=mail.pk).order_by("pk")

    def late(self, since: datetime) -> "OutgoingMailQuerySet":
        """
        Rows that should have been sent by a moment, also those that wait to be tried again: where
        the mail server is away that is all of them. Not those whose address it refuses.
        """
        return self.open().ripe(since).exclude(error=ADDRESS_REFUSED)

    def ripe(self, at: datetime) -> "OutgoingMailQuerySet":
        """Rows whose time has come, whether or not somebody tries to send them just now."""
        return self.filter(is_ripe(at))

    def gave_up(self) -> "OutgoingMailQuerySet":
        """Rows that could not be sent within a day; not those that became pointless."""
        return self.filter(dropped_at__isnull=False).exclude(error="")

    def refused(self, since: datetime) -> "OutgoingMailQuerySet":
        """Rows whose address the mail server refuses, and which took no mail after them."""
        refused = self.filter(
            Q(dropped_at__isnull=True) | Q(dropped_at__gte=since),
            error=ADDRESS_REFUSED,
            sent_at__isnull=True,
        )
        taken = OutgoingMail.objects.filter(
            person=OuterRef("person"),
            sent_at__gt=Coalesce(OuterRef("dropped_at"), OuterRef("due_at")),
        )
        return refused.exclude(Exists(taken))

    def queue(
        self,
        *,
        key: str,
        kind: str,
        person: Person,
        at: datetime,
        by: Person | None = None,
        due_at: datetime | None = None,
        about: uuid.UUID | None = None,
        change: Change | None = None,
        together: uuid.UUID | None = None,
    ) -> "OutgoingMail":
        """
        Put a mail in the outbox, once for its key.

        Mail to other people than the one who acts is held for 60 seconds, so that Undo reaches it.
        Those to somebody that share `together` go as one mail, and are held whoever acts.
        """
        mail, _ = self.get_or_create(
            key=key,
            defaults={
                "kind": kind,
                "person": person,
                "due_at": due_at or at,
                "hold_until": _hold(None if together else person, by=by, at=at),
                "subject_uid": about,
                "change": change,
                "together": together,
            },
        )
        return mail

    def queue_all(
        self,
        letters: Iterable[Letter],
        *,
        kind: str,
        at: datetime,
        by: Person | None = None,
        change: Change | None = None,
    ) -> None:
        """Put many mails of a kind in the outbox, as `queue` does with one."""
        OutgoingMail.objects.bulk_create(
            [
                OutgoingMail(
                    key=each.key,
                    kind=kind,
                    person=each.person,
                    due_at=at,
                    hold_until=_hold(None if each.together else each.person, by=by, at=at),
                    subject_uid=each.about,
                    together=each.together,
                    change=change,
                )
                for each in letters
            ],
            ignore_conflicts=True,
        )

    def queue_each(
        self,
        rows: models.QuerySet,
        *,
        key: Combinable,
        kind: str,
        due_at: datetime,
        person: str = "person",
        about: str | None = None,
    ) -> int:
        """
        Put a mail in the outbox for each row of a query, in one statement; how many.

        `person` and `about` name the rows' fields with who gets the mail and the uid that it is
        about. Keys that are there already stay as they are. For the clock: no mail is held.
        """
        fields = {
            "uid": RandomUid(),
            "key": key,
            "kind": Value(kind),
            "person_id": F(person),
            "subject_uid": F(about) if about else Value(None, models.UUIDField()),
            "due_at": Value(due_at, models.DateTimeField()),
            "attempts": Value(0),
            "had_file": Value(False),  # noqa: FBT003 -- a constant of the statement
            "error": Value(""),
        }
        new = {f"new_{name}": value for name, value in fields.items()}
        select, params = rows.order_by().annotate(**new).values_list(*new).query.sql_with_params()
        table, columns = self.model._meta.db_table, ", ".join(fields)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({columns}) {select} ON CONFLICT DO NOTHING", params
            )
            return cursor.rowcount


def _hold(person: Person | None, *, by: Person | None, at: datetime) -> datetime | None:
    """Until when a mail is held: one to this person is not, if it is their own doing."""
    return at + HOLD if by is not None and by != person else None


class OutgoingMail(models.Model):
    """A mail that is to be sent: to whom, of which kind, about what; never its words."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=40)
    subject_uid = models.UUIDField(null=True, blank=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="outgoing_mails")
    change = models.ForeignKey(
        Change, models.PROTECT, null=True, blank=True, related_name="outgoing_mails"
    )
    # What all of a person's open mails that share it are about: they go as one
    together = models.UUIDField(null=True, blank=True)
    due_at = models.DateTimeField()
    hold_until = models.DateTimeField(null=True, blank=True)
    locked_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    had_file = models.BooleanField(default=False)  # whether an invitation went with it
    error = models.CharField(max_length=80, blank=True)  # the class of the last failure
    sealed = models.BinaryField(null=True, blank=True)  # a code or old address; erased when sent

    others: Sequence["OutgoingMail"] = ()  # that go as one with this, while it is rendered

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at__isnull=True, dropped_at__isnull=True),
                name="people_outgoingmail_open_due",
            ),
            models.Index(fields=["subject_uid", "person"], name="people_outgoingmail_about"),
            models.Index(
                fields=["together", "person"],
                condition=Q(together__isnull=False),
                name="people_outgoingmail_together",
            ),
        ]

    def __str__(self) -> str:
        return f"OutgoingMail {self.pk}"
