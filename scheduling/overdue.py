"""When it has been too long: the one definition of overdue, as SQL over school weeks."""

from datetime import date, datetime

from django.db import connection

from people.cadence import WEEKS

# Due in the cadence's number of school weeks after the week in which they last met (or the pairing
# began); overdue once that week and the school's grace have passed. Ordinals count only weeks in
# which the clock runs, so closures and breaks count for nothing. Paused pairings have no clock.
_WEEKS = " ".join(f"WHEN '{cadence.value}' THEN {weeks}" for cadence, weeks in WEEKS.items())
_OVERDUE = f"""
    SELECT pairing_id, due FROM (
        SELECT p.id AS pairing_id, p.school_id AS school_id,
            CASE p.cadence {_WEEKS} END + s.grace_weeks + COALESCE((
                SELECT MAX(w.ordinal) FROM scheduling_schoolweek w
                WHERE w.school_id = p.school_id
                AND w.starts_on <= COALESCE(p.last_met_on, p.starts_on)
            ), 0) AS due
        FROM people_pairing p JOIN people_school s ON s.id = p.school_id
        JOIN people_person h ON h.id = p.host_id AND h.is_active
        JOIN people_person a ON a.id = p.attendee_id AND a.is_active
        WHERE NOT p.is_paused AND p.cadence IN ({", ".join(f"'{each.value}'" for each in WEEKS)})
        AND p.starts_on <= %(on)s AND (p.ends_on IS NULL OR p.ends_on >= %(on)s)
    ) clock
    WHERE due < (
        SELECT MAX(w.ordinal) FROM scheduling_schoolweek w
        WHERE w.school_id = clock.school_id AND w.starts_on <= %(on)s
    )
"""  # noqa: S608 -- only numbers and cadences of ours

_RAISE = f"""
    INSERT INTO scheduling_overdueflag (pairing_id, since_week, due_on, raised_at, cleared_at)
    SELECT o.pairing_id, o.due, COALESCE((
        SELECT MIN(w.starts_on) FROM scheduling_schoolweek w
        WHERE w.school_id = p.school_id AND w.ordinal = o.due
    ), p.starts_on), %(at)s, NULL
    FROM ({_OVERDUE}) o JOIN people_pairing p ON p.id = o.pairing_id
    WHERE NOT EXISTS (
        SELECT 1 FROM scheduling_overdueflag f
        WHERE f.pairing_id = o.pairing_id AND f.cleared_at IS NULL
    )
    ON CONFLICT DO NOTHING
"""  # noqa: S608

_CLEAR = f"""
    UPDATE scheduling_overdueflag SET cleared_at = %(at)s
    WHERE cleared_at IS NULL AND pairing_id NOT IN (SELECT pairing_id FROM ({_OVERDUE}) o)
"""  # noqa: S608


def raise_flags(*, on: date, at: datetime) -> int:
    """Flag every pairing of the installation that is overdue and not flagged; how many."""
    return _execute(_RAISE, on, at)


def clear_flags(*, on: date, at: datetime) -> int:
    """Clear the flags of those that are not overdue any more; how many."""
    return _execute(_CLEAR, on, at)


def _execute(statement: str, on: date, at: datetime) -> int:
    with connection.cursor() as cursor:
        # SQLite compares dates as text, in the form in which Django writes them.
        adapt = connection.ops
        cursor.execute(
            statement,
            {
                "on": adapt.adapt_datefield_value(on),
                "at": adapt.adapt_datetimefield_value(at),
            },
        )
        return cursor.rowcount
