"""The parts of notes: sealed text with the people who may read it frozen beside it."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from people.models import Pairing, Person, School
from scheduling.models import Meeting

from .. import visibility
from ..acting import Acting, acting_as
from ..protocols import AUTHOR, BOTH, CEILINGS, KINDS, LINE, UP, WITH_LINE
from .agreements import AgreementVersion

# What is finished, and nobody but its author may open
ALONE = Q(is_draft=False, aud=AUTHOR)


class ShutError(Exception):
    """Somebody asked for parts without saying who wants to read them."""


class Why(StrEnum):
    """The only reasons for which the system touches parts of its own accord."""

    NARROW = "narrow"  # the two agreed less, or ended their agreement
    MARK_OPENED = "mark_opened"  # somebody has just opened them
    ERASE = "erase"  # drafts of somebody who has left; nobody else could open one
    PURGE = "purge"  # their time is over; for the keeper
    REWRAP = "rewrap"  # the ring has a new key; for the keeper, who has no name here
    CHECK = "check"  # the night holds them against the log; for the keeper
    DRILL = "drill"  # a restored copy is proven to open; for the owner of the copy


def _only_opened(name: str) -> Callable[..., Any]:
    def method(self: "PartQuerySet", *args: Any, **kwargs: Any) -> Any:
        acting = self._require_opened()
        with acting_as(acting.person_id, at=acting.at, why=acting.why):
            return getattr(models.QuerySet, name)(self, *args, **kwargs)

    method.__name__ = name
    return method


class PartQuerySet(models.QuerySet["Part"]):
    """Shut: nothing can be read, counted or changed until `visible_to` or `system` opens it."""

    _acting: Acting | None = None  # who opened it; the database is told so too

    def visible_to(self, viewer: Person, *, at: datetime) -> Self:
        """The parts a person may read at a moment; decided in `notes/visibility.py` alone."""
        opened = self.all()
        opened._acting = Acting(viewer.pk, at)
        return opened.filter(visibility.q(viewer, at))

    def system(self, why: Why, *, by: Person | None, at: datetime) -> Self:
        """
        Parts to be changed for one of the listed reasons; never to show anything to anybody.

        On PostgreSQL these are the parts that the reason lets `by` change, on SQLite all. None is
        the keeper, whom no rule binds there: for everybody else it opens nothing.
        """
        opened = self.all()
        opened._acting = Acting(by.pk if by else 0, at, Why(why).value)
        return opened

    def on_pages(self) -> Self:
        """Without drafts that are kept only because they are on hold."""
        return self.filter(put_aside_at__isnull=True)

    def _require_opened(self) -> Acting:
        if self._acting is None:
            raise ShutError("Say who reads: Part.objects.visible_to(person, at=...).")
        return self._acting

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone._acting = self._acting
        return clone

    def _combined(self, other: Iterable[Any]) -> None:
        self._require_opened()
        if isinstance(other, PartQuerySet):
            other._require_opened()

    def __or__(self, other: Any) -> Any:
        self._combined(other)
        return super().__or__(other)

    def __and__(self, other: Any) -> Any:
        self._combined(other)
        return super().__and__(other)

    def __xor__(self, other: Any) -> Any:
        self._combined(other)
        return super().__xor__(other)

    def union(self, *others: Any, all: bool = False) -> Any:  # noqa: A002 -- Django's signature
        for other in others:
            self._combined(other)
        return super().union(*others, all=all)

    def iterator(self, chunk_size: int | None = None) -> Iterator[Any]:
        """All at once: whoever asks for them may be somebody else before the last is taken."""
        self._require_opened()
        return iter(list(self.all()))

    def _fetch_all(self) -> None:
        acting = self._require_opened()
        if self._result_cache is None:
            with acting_as(acting.person_id, at=acting.at, why=acting.why):
                super()._fetch_all()

    # Everything else of Django's that asks the database
    count = _only_opened("count")
    exists = _only_opened("exists")
    aggregate = _only_opened("aggregate")
    explain = _only_opened("explain")
    update = _only_opened("update")
    delete = _only_opened("delete")
    _raw_delete = _only_opened("_raw_delete")
    resolve_expression = _only_opened("resolve_expression")

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]
    update.alters_data = True  # type: ignore[attr-defined]
    _raw_delete.alters_data = True  # type: ignore[attr-defined]


# A manager made by hand: `as_manager` would not offer what starts with an underscore anyway
PartManager = models.Manager.from_queryset(PartQuerySet)


class Part(models.Model):
    """One field of one author's note, sealed, with the people who may read it."""

    Kind = models.TextChoices("Kind", [(kind.upper(), kind) for kind in KINDS])  # type: ignore[call-overload]

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="+")
    circle_sha256 = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 -- bound
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="+")
    author = models.ForeignKey(Person, models.PROTECT, related_name="+")
    party = models.ForeignKey(Person, models.PROTECT, related_name="+")  # the other of the two
    line = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    field = models.CharField(max_length=20)
    # Finished: the version it was finished under. Draft: the one shown when typing began.
    agreement = models.ForeignKey(
        AgreementVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    written_aud = models.PositiveSmallIntegerField(default=AUTHOR)
    aud = models.PositiveSmallIntegerField(default=AUTHOR)  # only ever loses bits
    key_id = models.CharField(max_length=40)
    dek = models.BinaryField()
    box = models.BinaryField()
    is_draft = models.BooleanField(default=True)
    chosen_aud = models.PositiveSmallIntegerField(default=AUTHOR)  # what a draft is to become
    revision = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)  # first, by anyone but the author
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    # A draft that its writer has changed or thrown away while it was on hold; on no page any more
    put_aside_at = models.DateTimeField(null=True, blank=True)

    objects = PartManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(written_aud=UP, aud__in=(1, 3, 5, 7))
                | Q(written_aud=AUTHOR | LINE, aud__in=(1, 5))
                | Q(written_aud=BOTH, aud__in=(1, 3))
                | Q(written_aud=AUTHOR, aud=AUTHOR),
                name="notes_part_never_wider_than_written",
            ),
            models.CheckConstraint(
                condition=Q(is_draft=False) | Q(written_aud=AUTHOR),
                name="notes_part_draft_is_its_authors",
            ),
            models.CheckConstraint(
                condition=Q(put_aside_at__isnull=True) | Q(is_draft=True),
                name="notes_part_only_drafts_are_put_aside",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind for kind in KINDS if CEILINGS[kind] == UP])
                | Q(
                    kind__in=[kind for kind in KINDS if CEILINGS[kind] == BOTH],
                    written_aud__in=(AUTHOR, BOTH),
                )
                | Q(kind="private", written_aud=AUTHOR),
                name="notes_part_below_its_ceiling",
            ),
            models.CheckConstraint(
                condition=Q(written_aud=AUTHOR) | Q(agreement__isnull=False) | Q(kind="agenda"),
                name="notes_part_shared_by_agreement",
            ),
            models.CheckConstraint(
                condition=Q(aud__in=WITH_LINE, line__isnull=False)
                | (~Q(aud__in=WITH_LINE) & Q(line__isnull=True)),
                name="notes_part_manager_is_named",
            ),
            models.CheckConstraint(
                condition=~Q(author=F("party")) & ~Q(line=F("author")) & ~Q(line=F("party")),
                name="notes_part_different_people",
            ),
        ]
        indexes = [
            models.Index(fields=["author", "meeting"], name="notes_part_of_author"),
            models.Index(fields=["party", "meeting"], name="notes_part_of_party"),
            models.Index(fields=["pairing", "author"], name="notes_part_of_pairing"),
        ]

    def __str__(self) -> str:
        return f"Part {self.pk}"
