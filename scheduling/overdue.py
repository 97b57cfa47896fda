"""When it has been too long, as SQL over school weeks, and for how many school days already."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from people.cadence import WEEKS
from people.models import Leave, School
from people.models.pairings import PairingQuerySet

from .models import Closure, OverdueFlag, SchoolDay

# Due in the cadence's number of school weeks after the week in which they last met (or the pairing
# began); overdue once that week and the school's grace have passed. Ordinals count only weeks in
# which the clock runs, so closures and breaks count for nothing. Nor does a week count for two
# people of whom one is on leave on each of its days that count. Paused pairings have no clock.
# In a rotation a cadence is a number of passes: the school weeks in which as many days go by, begun
# ones included (ADR 0014).
# Each school has its own date. Per school and cadence there is one day before which the last
# meeting is too long ago: pairings are compared with that day, and weeks are counted only for
# those that are to be flagged.
_GAPS = " UNION ALL ".join(
    f"SELECT '{cadence.value}' AS cadence, {weeks} AS gap" for cadence, weeks in WEEKS.items()
)
_PATIENCE = f"""
    SELECT s.id AS school_id, c.cadence, s.grace_weeks + CASE s.rotation_days
        WHEN 0 THEN c.gap
        ELSE (c.gap * s.rotation_days + LENGTH(s.weekdays) - 1) / LENGTH(s.weekdays)
    END AS gap
    FROM people_school s CROSS JOIN ({_GAPS}) c
"""  # noqa: S608
_TOO_LATE = f"""
    SELECT n.school_id, n.today, n.ordinal, c.cadence, c.gap, MIN(w.starts_on) AS since
    FROM (
        SELECT s.id AS school_id, here.today, MAX(w.ordinal) AS ordinal
        FROM people_school s
        JOIN ({{todays}}) here ON here.zone = s.time_zone
        JOIN scheduling_schoolweek w ON w.school_id = s.id AND w.starts_on <= here.today
        GROUP BY s.id, here.today
    ) n
    JOIN ({_PATIENCE}) c ON c.school_id = n.school_id AND c.gap < n.ordinal
    JOIN scheduling_schoolweek w ON w.school_id = n.school_id AND w.ordinal + c.gap >= n.ordinal
    GROUP BY n.school_id, n.today, n.ordinal, c.cadence, c.gap
"""  # noqa: S608 -- only numbers and cadences of ours
_SINCE = "COALESCE(p.last_met_on, p.starts_on)"
_LAST = f"""COALESCE((
    SELECT MAX(w.ordinal) FROM scheduling_schoolweek w
    WHERE w.school_id = p.school_id AND w.starts_on <= {_SINCE}
), 0)"""  # noqa: S608
# Few are ever on leave: who they are is asked once, and their days only then
_ON_LEAVE = f"""(
    (
        p.host_id IN (SELECT person_id FROM people_leave)
        OR p.attendee_id IN (SELECT person_id FROM people_leave)
    ) AND EXISTS (
        SELECT 1 FROM people_leave l WHERE l.person_id IN (p.host_id, p.attendee_id)
        AND l.ends_on > {_SINCE} AND l.starts_on <= late.today
    )
)"""  # noqa: S608
_COUNTS = """d.is_open AND NOT EXISTS (
    SELECT 1 FROM scheduling_closure c WHERE c.school_id = d.school_id AND c.stops_clock
    AND d.date BETWEEN c.starts_on AND c.ends_on
)"""
_AWAY = """EXISTS (
    SELECT 1 FROM people_leave l WHERE l.person_id IN (p.host_id, p.attendee_id)
    AND d.date BETWEEN l.starts_on AND l.ends_on
)"""


def _rested(until: str) -> str:
    """SQL: how many weeks did not count for the two of `p` because of leave, up to a first day."""
    days = f"SELECT 1 FROM scheduling_schoolday d WHERE d.week_id = r.id AND {_COUNTS}"  # noqa: S608
    return f"""(
        SELECT COUNT(DISTINCT r.ordinal) FROM scheduling_schoolweek r
        WHERE r.school_id = p.school_id AND r.ordinal > {_LAST} AND r.starts_on <= {until}
        AND EXISTS ({days}) AND NOT EXISTS ({days} AND NOT {_AWAY})
    )"""  # noqa: S608


_IS_OVERDUE = f"""
    NOT p.is_paused AND h.is_active AND a.is_active AND {_SINCE} < late.since
    AND p.starts_on <= late.today AND (p.ends_on IS NULL OR p.ends_on >= late.today)
    AND (NOT {_ON_LEAVE} OR late.ordinal - {_LAST} - {_rested("late.today")} > late.gap)
"""
_PAIRINGS = f"""
    people_pairing p
    {{join}} ({_TOO_LATE}) late ON late.school_id = p.school_id AND late.cadence = p.cadence
    JOIN people_person h ON h.id = p.host_id
    JOIN people_person a ON a.id = p.attendee_id
"""

_RAISE = f"""
    INSERT INTO scheduling_overdueflag (pairing_id, since_week, due_on, raised_at, cleared_at)
    SELECT o.pairing_id, o.due, COALESCE((
        SELECT MIN(w.starts_on) FROM scheduling_schoolweek w
        WHERE w.school_id = o.school_id AND w.ordinal = o.due
    ), o.starts_on), %(at)s, NULL
    FROM (
        SELECT p.id AS pairing_id, p.school_id, p.starts_on,
        CASE WHEN {_ON_LEAVE} THEN (
            SELECT MIN(v.ordinal) FROM scheduling_schoolweek v
            WHERE v.school_id = p.school_id AND v.starts_on <= late.today
            AND v.ordinal - {_LAST} - {_rested("v.starts_on")} >= late.gap
        ) ELSE late.gap + {_LAST} END AS due
        FROM {_PAIRINGS.replace("{join}", "JOIN")} WHERE {_IS_OVERDUE}
        AND NOT EXISTS (
            SELECT 1 FROM scheduling_overdueflag f
            WHERE f.pairing_id = p.id AND f.cleared_at IS NULL
        )
    ) o WHERE o.due IS NOT NULL
    ON CONFLICT DO NOTHING
"""  # noqa: S608

# From the flags that are up, not from all pairings
_CLEAR = f"""
    UPDATE scheduling_overdueflag SET cleared_at = %(at)s
    WHERE id IN (
        SELECT f.id FROM {_PAIRINGS.replace("{join}", "LEFT JOIN")}
        JOIN scheduling_overdueflag f ON f.pairing_id = p.id
        WHERE f.cleared_at IS NULL AND ({_IS_OVERDUE}) IS NOT TRUE
    )
"""  # noqa: S608


def with_days_past(pairings: PairingQuerySet, *, on: date) -> PairingQuerySet:
    """
    With `days_past`: school days since the agreed week ended, or None if it is not past due.

    Holidays, other days on which the clock stands, and days on which one of the two is away are
    not counted.
    """
    flag = OverdueFlag.objects.filter(pairing=OuterRef("pk"), cleared_at__isnull=True)
    standstill = Closure.objects.filter(
        school=OuterRef("school"),
        stops_clock=True,
        starts_on__lte=OuterRef("date"),
        ends_on__gte=OuterRef("date"),
    )
    away = Leave.objects.filter(
        Q(person=OuterRef(OuterRef("host"))) | Q(person=OuterRef(OuterRef("attendee"))),
        starts_on__lte=OuterRef("date"),
        ends_on__gte=OuterRef("date"),
    )
    days = SchoolDay.objects.open().filter(
        ~Exists(standstill),
        ~Exists(away),
        school=OuterRef("school"),
        date__lte=on,
        week__ordinal__gt=OuterRef("since_week"),
    )
    counted = days.order_by().values("school").annotate(count=Count("pk")).values("count")
    return pairings.annotate(since_week=Subquery(flag.values("since_week")[:1])).annotate(
        days_past=Subquery(counted)
    )


def in_words(days_past: int) -> str:
    """ "1 day past", "5 days past". For the host only."""
    return "1 day past" if days_past == 1 else f"{days_past} days past"


def sweep(*, at: datetime) -> tuple[int, int]:
    """
    Flag every pairing of the installation that is overdue, by the date of its school, and clear the
    flags of those that are not any more; how many of each. Two statements, whatever there is.
    """
    # SQLite compares dates as text, in the form in which Django writes them.
    adapt = connection.ops
    values: dict[str, str | date | None] = {"at": adapt.adapt_datetimefield_value(at)}
    todays = []
    zones = School.objects.values_list("time_zone", flat=True).distinct()
    for number, zone in enumerate(zones):
        todays.append(f"SELECT %(zone{number})s AS zone, %(today{number})s AS today")
        values[f"zone{number}"] = zone
        values[f"today{number}"] = adapt.adapt_datefield_value(at.astimezone(ZoneInfo(zone)).date())
    if not todays:
        return 0, 0
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR.format(todays=" UNION ALL ".join(todays)), values)
        cleared = cursor.rowcount
        cursor.execute(_RAISE.format(todays=" UNION ALL ".join(todays)), values)
        return cursor.rowcount, cleared
