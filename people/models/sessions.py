"""Where somebody is signed in: sessions that know whose they are, and end when they should."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Self, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import OperationalError, models
from django.utils import timezone

from .users import User

SEEN_AGAIN_AFTER = timedelta(minutes=5)  # "last used" is no finer, so that pages need no write
NAMESPACE = uuid.UUID("5be1f9f5-3f3c-4f0e-a9a1-4f7d8a4d5b8e")


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions, in the words of who asks where they are signed in."""

    def visible_to(self, user: User) -> Self:
        """One's own sessions and nobody else's."""
        return self.filter(user=user)

    def running(self, at: datetime) -> Self:
        return self.filter(expire_date__gt=at)

    def newest_first(self) -> Self:
        return self.order_by("-last_seen_at", "session_key")


class Session(AbstractBaseSession):
    """A browser in which somebody is signed in, or about to be; no network address is kept."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    device = models.CharField(max_length=60, blank=True)  # "Chrome on Windows"
    signed_in_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField()

    objects = SessionQuerySet.as_manager()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return f"Session {self.pk}"

    @property
    def uid(self) -> uuid.UUID:
        """What addresses call it: whoever reads this cannot use the session."""
        return uuid.uuid5(NAMESPACE, self.session_key)

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore


class SessionStore(DatabaseStore):
    """Django's sessions in the database, with columns that say whose they are and since when."""

    last_seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]
        self.last_seen_at = row.last_seen_at if row else None
        return row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        row.device = data.get("device", "")
        began = data.get("signed_in_at")
        row.signed_in_at = datetime.fromtimestamp(began, UTC) if began else None
        row.last_seen_at = timezone.now()
        return row

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 -- Django's signature
        """Django takes any error of the database for a session that was ended elsewhere."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None  # it is away: 503, and no word about the press
            raise

    def begin(self, *, device: str) -> None:
        """Note that somebody has signed in just now, and with what."""
        self["device"] = device
        self["signed_in_at"] = timezone.now().timestamp()

    def touch(self, at: datetime) -> None:
        """Note that the session is used; every few minutes, not for each page."""
        if self.last_seen_at is not None and at - self.last_seen_at >= SEEN_AGAIN_AFTER:
            self.modified = True

    def get_session_cookie_age(self) -> int:
        """
        Seconds for which the session goes on: until it was not used for SESSION_COOKIE_AGE, and
        never longer than SESSION_LONGEST after signing in.
        """
        began = self.get("signed_in_at")
        if began is None:
            return settings.SESSION_COOKIE_AGE
        left = began + settings.SESSION_LONGEST - timezone.now().timestamp()
        return max(0, min(settings.SESSION_COOKIE_AGE, int(left)))
