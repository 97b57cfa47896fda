"""The day: what is on, what is next, and what waits for a word."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db.models import F
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people.departures import leaves_on
from people.models import Leave, Pairing, Role
from people.permissions import holds_here

from ..models import Invitation, Meeting, SchoolDay, SchoolWeek, Slot
from ..models.calendar import column_name
from ..overdue import with_days_past
from .clashes import clashing

DAY = timedelta(days=1)
LOOK_BACK = timedelta(days=14)
SHOWN_AWAY = 12
SHOWN_UNDECIDED = 6  # people; the rest come up when these are settled
SOON = timedelta(days=60)  # from when on a last day is said


@require_safe
def today(request):
    shown = (
        Meeting.objects.visible_to(request.person)
        .shown()
        .select_related("school", "pairing__host", "pairing__attendee")
        .in_order()
    )
    near = shown.filter(starts_at__gt=request.now - DAY, starts_at__lt=request.now + DAY)
    talks = [
        each
        for each in near
        if each.school.today(each.starts_at) == each.school.today(request.now)
        and each.status not in (Meeting.Status.CANCELLED, Meeting.Status.CLOSED)
    ]
    for each in talks:
        each.other = each.pairing.other(request.person)
    following = next((each for each in talks if each.is_upcoming(request.now)), None)
    coming = [] if talks else _next_day(shown, request)
    is_host = any(role.kind in Role.HOSTS for role in request.roles)
    open_ones = list(invitations(request.person, at=request.now, on=request.today))
    request.is_invited = bool(open_ones)  # the navigation need not ask again
    asked = [each for each in open_ones if each.booking_uid is None]
    at_odds = list(clashing(request.person, at=request.now, on=request.today))
    undecided = [
        (each, each.other(request.person)) for each in at_odds if each.undecided_at is not None
    ]
    return render(
        request,
        "scheduling/today.html",
        {
            "talks": talks,
            "met": sum(each.status == Meeting.Status.HELD for each in talks),
            "following": following,
            "is_on": following is not None and following.starts_at <= request.now,
            "minutes_to_go": following and _minutes(following.starts_at - request.now),
            "coming": coming,
            "day_is": _day_is(request),
            "is_host": is_host,
            "past_due": list(past_due(request.person, on=request.today)[:6]) if is_host else [],
            "unsaid": [
                (each, each.pairing.other(request.person))
                for each in shown.filter(
                    status=Meeting.Status.PLANNED,
                    ends_at__lte=request.now,
                    starts_at__gte=request.now - LOOK_BACK,
                )[:8]
            ],
            "away": _while_away(request),
            "last_day": _last_day(request),
            "invitations": asked,
            "has_aside": bool(asked and (talks or coming)),
            "can_log": holds_here(request.roles, Role.Kind.COUNSELOR),
            "has_painted": bool(talks or coming)
            or not holds_here(request.roles, *Role.HOSTS)
            or Slot.objects.standing().filter(host=request.person, school=request.school).exists(),
            "may_clash": any(each.may_clash for each in at_odds),
            "undecided": undecided[:SHOWN_UNDECIDED],
            "more_undecided": len(undecided) - SHOWN_UNDECIDED,
        },
    )


def _day_is(request):
    """
    "week A"; "Day 3" in a rotation; empty where there is no school, and for somebody of several
    schools: it may be another day there.
    """
    school, on = request.school, request.today
    if school is None or len(request.schools) > 1:
        return ""
    if school.rotates:
        day = SchoolDay.objects.open().filter(school=school, date=on).first()
        return column_name(school, day.column) if day and day.column else ""
    week = SchoolWeek.objects.filter(
        school=school, starts_on__lte=on, starts_on__gt=on - timedelta(days=7), is_open=True
    ).first()
    return f"week {week.letter}" if week else ""


def _next_day(shown, request):
    """The talks of the next day that has any, on a day that has none."""
    upcoming = shown.upcoming(request.now)
    first = upcoming.values_list("starts_at", "school__time_zone").first()
    if first is None:
        return []
    begins, zone = first[0], ZoneInfo(first[1])
    day = begins.astimezone(zone).date()
    talks = [
        each
        for each in upcoming.filter(starts_at__lt=begins + DAY)
        if each.school.today(each.starts_at) == day
    ]
    for each in talks:
        each.other = each.pairing.other(request.person)
    return talks


def _minutes(delta):
    return max(0, int(delta.total_seconds() // 60))


def _last_day(request):
    """One's own last day at a school, from some weeks before on."""
    on = leaves_on(request.roles)
    return on if on is not None and on - request.today <= SOON else None


def _while_away(request):
    """Talks on days on which one of the two is away; nothing moves them by itself."""
    talks = Meeting.objects.visible_to(request.person).while_away(request.now)
    talks = talks.select_related("school", "pairing__host", "pairing__attendee")
    found = list(talks.in_order()[:SHOWN_AWAY])
    for each in found:
        each.other = each.pairing.other(request.person)
        each.is_mine = each.away_id == request.person.pk
    return found


def past_due(host, *, on):
    """A host's pairings that have waited too long, those never met first; not who is away."""
    away = Leave.objects.covering(on).values("person")
    mine = Pairing.objects.hosted_by(host).exclude(attendee__in=away)
    mine = with_days_past(mine.with_people(), on=on)
    return mine.filter(days_past__isnull=False).order_by(
        F("last_met_on").asc(nulls_first=True), "since_week", "pk"
    )


def invitations(person, *, at, on):
    """The open invitations of a person, with the time that was picked, if one was."""
    mine = Invitation.objects.of(person).open(at, on).with_booking()
    return mine.with_people().order_by("-invited_at", "pk")
