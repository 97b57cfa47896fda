"""What the clock's work costs beside one statement: making reminders, sweeping for the overdue."""

import random
import statistics
from collections.abc import Callable
from datetime import date, datetime, timedelta

from .figures import Checks
from .machine import Site

# A uid of SQLite as it stands in addresses
DASHED = (
    "substr({0}, 1, 8) || '-' || substr({0}, 9, 4) || '-' || substr({0}, 13, 4) || '-' || "
    "substr({0}, 17, 4) || '-' || substr({0}, 21)"
)


def many_people(school, count: int) -> list[int]:
    from people.models import Person, Role  # noqa: PLC0415

    people = Person.objects.bulk_create(
        [
            Person(
                given_name="Pat", family_name=f"Many{number}", email=f"many{number}@bench.example"
            )
            for number in range(count)
        ],
        batch_size=2000,
    )
    Role.objects.bulk_create(
        [
            Role(person=each, school=school, kind="teacher", starts_on=date(2020, 1, 1))
            for each in people
        ],
        batch_size=2000,
    )
    return [each.pk for each in people]


def reminders(site: Site, count: int, rounds: int, checks: Checks) -> list[tuple]:
    """Rows of the outbox for one day's talks, made by the product and by INSERT ... SELECT."""
    from django.db import connection, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from people.models import OutgoingMail, Pairing, School  # noqa: PLC0415
    from scheduling import actions  # noqa: PLC0415
    from scheduling.models import Attendance, Meeting  # noqa: PLC0415

    school = School.objects.get()
    hosts = many_people(school, max(1, count // 200))
    guests = many_people(school, count)
    # A day without school, so that only these talks are on it
    on = school.today(timezone.now()) + timedelta(days=30)
    while str(on.isoweekday()) in school.weekdays:
        on += timedelta(days=1)
    at = datetime.combine(on - timedelta(days=1), datetime.min.time(), tzinfo=school.zone)
    at += timedelta(hours=16)
    pairings = Pairing.objects.bulk_create(
        [
            Pairing(school=school, host_id=hosts[i % len(hosts)], attendee_id=guest, starts_on=on)
            for i, guest in enumerate(guests)
        ],
        batch_size=2000,
    )
    begins = datetime.combine(on, datetime.min.time(), tzinfo=school.zone) + timedelta(hours=1)
    meetings = [
        Meeting(
            school=school,
            pairing=pairing,
            starts_at=begins + timedelta(minutes=5 * (i // len(hosts))),
            ends_at=begins + timedelta(minutes=5 * (i // len(hosts)) + 5),
            original_starts_at=begins,
            agreed_at=at - timedelta(days=9),
        )
        for i, pairing in enumerate(pairings)
    ]
    meetings = Meeting.objects.bulk_create(meetings, batch_size=2000)
    Attendance.objects.bulk_create(
        [
            Attendance(
                meeting=meeting,
                person_id=person_id,
                role=role,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
            )
            for meeting, pairing in zip(meetings, pairings, strict=True)
            for person_id, role in ((pairing.host_id, "host"), (pairing.attendee_id, "attendee"))
        ],
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    adapt = connection.ops.adapt_datetimefield_value
    statement = """
        INSERT INTO people_outgoingmail
            (uid, key, kind, subject_uid, person_id, due_at, attempts, error)
        SELECT {uid}, 'reminder:' || {text} || ':' || a.person_id || ':day:' || m.sequence,
            'reminder', m.uid, a.person_id, %s, 0, ''
        FROM scheduling_attendance a JOIN scheduling_meeting m ON m.id = a.meeting_id
        JOIN people_person p ON p.id = a.person_id
        WHERE m.status = 'planned' AND m.agreed_at <= %s AND a.starts_at > %s AND a.starts_at < %s
            AND a.role = 'attendee' AND p.reminder = 'day' AND p.is_active AND p.email <> ''
        ON CONFLICT DO NOTHING
    """.format(
        **{
            "postgresql": {"uid": "gen_random_uuid()", "text": "m.uid"},
            "sqlite": {"uid": "lower(hex(randomblob(16)))", "text": DASHED.format("m.uid")},
        }[connection.vendor]
    )
    tomorrow = begins + timedelta(days=1)
    due_at = at - timedelta(hours=1)

    def raw() -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, [adapt(each) for each in (due_at, due_at, at, tomorrow)])
            return cursor.rowcount

    def product() -> int:
        return actions.queue_reminders(school, by=None, at=at) - len(hosts)

    def undone(work: Callable[[], int]) -> tuple[float, int]:
        """CPU seconds of a piece of work that is rolled back afterwards."""
        with transaction.atomic():
            began = site.spent()
            made = work()
            seconds = site.spent() - began
            transaction.set_rollback(True)
        return seconds, made

    taken: dict[str, list[float]] = {"product": [], "raw": []}
    counts = set()
    for _ in range(max(5, rounds)):
        for name, work in (("product", product), ("raw", raw)):
            seconds, made = undone(work)
            taken[name].append(seconds)
            counts.add(made)
    product()
    again, _ = undone(lambda: actions.queue_reminders(school, by=None, at=at))
    checks.expect(
        "each talk has one reminder, by the product and by its floor alike",
        [] if counts == {count} else sorted(counts),
    )
    checks.expect(
        "asking again makes none",
        [made] if (made := actions.queue_reminders(school, by=None, at=at)) else [],
    )
    OutgoingMail.objects.all().delete()
    best = statistics.median(taken["product"]), statistics.median(taken["raw"])
    return [
        (
            "rows of reminders made",
            f"{count:,}",
            f"{best[0]:.2f}",
            f"{best[1]:.2f}",
            f"{best[0] / best[1]:.1f}",
        ),
        ("asked once more, none made", f"{count:,}", f"{again:.2f}", "", ""),
    ]


def sweeps(site: Site, count: int, rounds: int, checks: Checks) -> list[tuple]:
    """
    The overdue sweep beside one statement that knows the dates already: the first run beside an
    INSERT of the same flags, the nightly one, with nothing new, beside the bare count.
    """
    from django.db import connection, transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from people.models import Pairing, School  # noqa: PLC0415
    from scheduling import actions  # noqa: PLC0415
    from scheduling.models import OverdueFlag, SchoolWeek  # noqa: PLC0415

    school = School.objects.get()
    at = timezone.now()
    on = school.today(at)
    chance = random.Random(7)
    hosts = many_people(school, max(1, count // 500))
    guests = many_people(school, 500)
    cadences = ("weekly", "biweekly", "monthly")
    starts_on = school.terms.get().starts_on
    pairings = (
        Pairing(
            school=school,
            host_id=hosts[i // 500 % len(hosts)],
            attendee_id=guests[i % 500],
            cadence=cadences[i % 3],
            starts_on=starts_on,
            last_met_on=on - timedelta(days=chance.randint(0, 21)),
        )
        for i in range(count)
    )
    Pairing.objects.bulk_create(pairings, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    # The floor knows the week beyond which each cadence is too late, and counts by date alone
    weeks = list(SchoolWeek.objects.order_by("starts_on").values_list("starts_on", "ordinal"))
    now = max(ordinal for first, ordinal in weeks if first <= on)
    too_late = {}
    for cadence, gap in (("weekly", 1), ("biweekly", 2), ("monthly", 4)):
        if gap >= now:
            continue  # too few weeks have passed
        kept = [first for first, ordinal in weeks if ordinal + gap >= now]
        too_late[cadence] = min(kept)
    wanted = " OR ".join(
        "(p.cadence = %s AND COALESCE(p.last_met_on, p.starts_on) < %s)" for _ in too_late
    )
    late = (
        "FROM people_pairing p JOIN people_person h ON h.id = p.host_id AND h.is_active "
        "JOIN people_person a ON a.id = p.attendee_id AND a.is_active "
        "WHERE NOT p.is_paused AND p.starts_on <= %s "
        f"AND (p.ends_on IS NULL OR p.ends_on >= %s) AND ({wanted})"
    )
    adapt = connection.ops.adapt_datefield_value
    values = [adapt(on), adapt(on)]
    for cadence, first in too_late.items():
        values += [cadence, adapt(first)]

    def raw() -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) {late}", values)
            return cursor.fetchone()[0]

    def raw_flags() -> int:
        columns = "pairing_id, since_week, due_on, raised_at, cleared_at"
        known = [now, adapt(on), connection.ops.adapt_datetimefield_value(at)]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO scheduling_overdueflag ({columns}) "
                f"SELECT p.id, %s, %s, %s, NULL {late} ON CONFLICT DO NOTHING",
                known + values,
            )
            return cursor.rowcount

    first, first_floor, nightly, floor = [], [], [], []
    for _ in range(max(5, rounds)):
        with transaction.atomic():
            began = site.spent()
            raised, _ = actions.sweep_overdue(by=None, at=at)
            first.append(site.spent() - began)
            transaction.set_rollback(True)
        with transaction.atomic():
            began = site.spent()
            counted = raw_flags()
            first_floor.append(site.spent() - began)
            transaction.set_rollback(True)
    actions.sweep_overdue(by=None, at=at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    changed = set()
    for _ in range(max(5, rounds)):
        began = site.spent()
        changed.add(actions.sweep_overdue(by=None, at=at))
        nightly.append(site.spent() - began)
        began = site.spent()
        raw()
        floor.append(site.spent() - began)
    flags = OverdueFlag.objects.filter(cleared_at=None).count()
    checks.expect(
        "the sweep flags exactly whom one statement counts, and no one twice",
        []
        if raised == counted == flags and changed == {(0, 0)}
        else [f"raised {raised}, counted {counted}, flags {flags}, again {changed}"],
    )
    return [
        (
            name,
            f"{count:,}",
            f"{statistics.median(spent):.3f}",
            f"{statistics.median(beneath):.3f}",
            f"{statistics.median(spent) / statistics.median(beneath):.1f}",
        )
        for name, spent, beneath in (
            (f"overdue sweep, first, {raised:,} flags", first, first_floor),
            ("overdue sweep, nightly, nothing new", nightly, floor),
        )
    ]
