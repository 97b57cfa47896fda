"""What was done, by whom and when: rows that are only ever added; no text, no names, no keys."""

import uuid
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db import connection, models
from django.db.models.functions import Cast


class EventQuerySet(models.QuerySet["Event"]):
    def naming(self, *things: str) -> "EventQuerySet":
        """Events about one of these, such as "meeting:" and its uid; by an index on PostgreSQL."""
        if not things:
            return self.none()
        if connection.vendor == "postgresql":
            return self.filter(_any(models.Q(about__contains=[each]) for each in things))
        spelt = self.annotate(spelt=Cast("about", models.TextField()))
        # Ids hold nothing that JSON escapes
        return spelt.filter(_any(models.Q(spelt__contains=f'"{each}"') for each in things))


def _any(conditions: Iterable[models.Q]) -> models.Q:
    return reduce(or_, conditions)


class Event(models.Model):
    """One thing that somebody or the clock did, bound to the one before it."""

    class Act(models.TextChoices):
        PART_READ = "part.read", "Opened a note"
        PART_MANY = "part.many", "Opened unusually many notes"
        PART_WRITE = "part.write", "Wrote a note"
        PART_FINISH = "part.finish", "Finished a note"
        PART_PURGE = "part.purge", "Deleted notes whose time was over"
        HOLD_CHANGE = "hold.change", "Placed or ended a hold on notes"
        RETENTION_CHANGE = "retention.change", "Decided how long notes are kept"
        AGREEMENT_PROPOSE = "agreement.propose", "Proposed an agreement"
        AGREEMENT_ACKNOWLEDGE = "agreement.acknowledge", "Said yes to an agreement"
        AGREEMENT_DECLINE = "agreement.decline", "Said no to an agreement"
        AGREEMENT_ACCEPT_STANDING = "agreement.accept_standing", "Accepted the words for everyone"
        AUD_NARROW = "aud.narrow", "Let fewer people read"
        SIGNIN_OK = "signin.ok", "Signed in"
        SIGNIN_FAIL = "signin.fail", "Could not sign in"
        SIGNIN_END = "signin.end", "Signed out in another browser"
        SIGNIN_DEMO = "signin.demo", "Entered the demo school"
        ROLE_CHANGE = "role.change", "Changed a role"
        PERSON_CHANGE = "person.change", "Changed a person"
        PERSON_ERASE = "person.erase", "Erased what was somebody's own"
        SCHOOL_CHANGE = "school.change", "Changed the school"
        ROSTER_APPLY = "roster.apply", "Applied a roster"
        CALENDAR_CHANGE = "calendar.change", "Changed the calendar"
        LESSONS_APPLY = "lessons.apply", "Applied lessons"
        LESSONS_NAME = "lessons.name", "Said whom a timetable means"
        LESSONS_REMOVE = "lessons.remove", "Removed lessons"
        DUTY_CHANGE = "duty.change", "Changed a duty"
        SLOT_PAINT = "slot.paint", "Painted the grid"
        SLOT_PLACE = "slot.place", "Said where talks are"
        SIGNUP_OPEN = "signup.open", "Opened sign-up"
        PAIRING_INVITE = "pairing.invite", "Invited"
        PAIRING_CHANGE = "pairing.change", "Changed who meets whom"
        BOOKING_MAKE = "booking.make", "Booked"
        BOOKING_RELEASE = "booking.release", "Gave a place back"
        BOOKING_MOVE = "booking.move", "Moved a booking"
        BOOKING_KEEP = "booking.keep", "Kept a booking that meets a lesson"
        MEETING_MOVE = "meeting.move", "Moved a meeting"
        MEETING_CANCEL = "meeting.cancel", "Cancelled a meeting"
        MEETING_SKIP = "meeting.skip", "Skipped a meeting"
        MEETING_RESTORE = "meeting.restore", "Put a meeting back"
        MEETING_HOLD = "meeting.hold", "Marked a meeting held"
        MEETING_MISS = "meeting.miss", "Marked a meeting missed"
        MEETING_LOG = "meeting.log", "Logged a talk"
        CHANGE_UNDO = "change.undo", "Undid a change"
        FLAG_RAISE = "flag.raise", "Raised a flag"
        FLAG_CLEAR = "flag.clear", "Cleared a flag"
        MAIL_FAIL = "mail.fail", "Could not send a mail"
        FEED_CHANGE = "feed.change", "Changed a calendar address"
        EXPORT_MAKE = "export.make", "Made an export"
        KEY_CHANGE = "key.change", "Changed the key ring"
        KEEPER_CHANGE = "keeper.change", "Changed who keeps the anchors of the log"
        ACCESS_DENIED = "access.denied", "Was refused"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The school's key; 0 is the installation. A number, not a relation: the log outlives the row.
    chain = models.BigIntegerField()
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    act = models.CharField(max_length=40)  # an Act; not `choices`: a new act needs no migration
    by = models.BigIntegerField(null=True)  # a person's key; null is the clock
    on_behalf_of = models.BigIntegerField(null=True)
    basis = models.CharField(max_length=60, blank=True)
    about = models.JSONField(default=list)
    request_id = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=40)
    mac = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="audit_event_one_per_place"),
        ]
        indexes = [models.Index(fields=["by", "act", "at"], name="audit_event_by_act_at")]

    def __str__(self) -> str:
        return f"Event {self.pk}"


class Head(models.Model):
    """The end of a school's chain: what the next event is bound to."""

    chain = models.BigIntegerField(primary_key=True)
    seq = models.PositiveBigIntegerField()
    mac = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"Head {self.pk}"
