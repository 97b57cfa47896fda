"""How fast somebody changes things: counted on their login, over all of their browsers."""

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, F, Value, When

from .models import User

WINDOW = timedelta(minutes=1)


def seconds_to_wait(user: User, *, at: datetime) -> int:
    """Until a login may change something again, as it was loaded for this request; 0 for now."""
    since = user.changing_since
    if since is None or since + WINDOW <= at or user.changes < settings.CHANGES_PER_MINUTE:
        return 0
    return math.ceil((since + WINDOW - at).total_seconds())


def count(user: User, *, at: datetime) -> None:
    """Note one more change of a login in this minute, or the first of a new one."""
    running = {"changing_since__gt": at - WINDOW}
    User.objects.filter(pk=user.pk).update(
        changes=Case(When(**running, then=F("changes") + 1), default=Value(1)),
        changing_since=Case(When(**running, then=F("changing_since")), default=Value(at)),
    )
