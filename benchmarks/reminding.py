"""An evening of the clock: reminders are queued and sent twice over, and counted in the mails."""

import re
from collections import Counter
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from unittest import mock

from .figures import Checks


def remind(truth, checks: Checks, now: datetime) -> None:
    """Run the clock's jobs twice on the evening before a day with talks; count what was sent."""
    from django.conf import settings  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from people.jobs import sweep_outbox  # noqa: PLC0415
    from people.models import OutgoingMail, Person  # noqa: PLC0415
    from scheduling.jobs import queue_reminders  # noqa: PLC0415

    # A time that was agreed after three is not reminded of that day, so tomorrow at the earliest
    on = now.astimezone(truth.zone).date() + timedelta(days=2)
    while not truth.planned_on(on):
        on += timedelta(days=1)
    talks = truth.planned_on(on)
    evening = datetime(on.year, on.month, on.day, 15, 30, tzinfo=truth.zone) - timedelta(days=1)
    for minutes in (0, 5):
        with mock.patch.object(timezone, "now", return_value=evening + timedelta(minutes=minutes)):
            queue_reminders()
            sweep_outbox()
    came: Counter = Counter()
    for message in mails(Path(settings.EMAIL_FILE_PATH)):
        body = message.get_body(("plain",)).get_content()
        if str(message["Subject"]).startswith("Tomorrow"):
            links = re.findall(r"/meetings/([0-9a-f-]{36})/", body)
            came[(str(message["To"]), links[0] if links else "the day")] += 1
    people = {row["id"]: row["email"] for row in Person.objects.values("id", "email")}
    attendees = {row["id"]: row["pairing__attendee_id"] for row in truth.bookings}
    hosts = {row["id"]: row["pairing__host_id"] for row in truth.bookings}
    wanted = Counter({(people[attendees[row["booking_id"]]], str(row["uid"])): 1 for row in talks})
    wanted.update({(people[hosts[row["booking_id"]]], "the day"): 1 for row in talks[:1]})
    wrong = [
        f"{key}: {came[key]} mails, not {wanted[key]}"
        for key in came.keys() | wanted.keys()
        if came[key] != wanted[key]
    ]
    failed = OutgoingMail.objects.exclude(error="").values_list("kind", "error")
    wrong += [f"{kind} failed with {error}" for kind, error in set(failed)] if wrong else []
    checks.expect(
        f"{len(talks)} talks on {on:%A}: one reminder each, one list for the host, sent once",
        wrong,
    )


def mails(folder: Path):
    for path in folder.glob("*.log"):
        for part in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
            if part.strip():
                yield message_from_bytes(part.strip(), policy=policy.default)
