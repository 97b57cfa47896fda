"""
The rule of who reads a part, once more inside PostgreSQL: for whatever does not ask the code.

Raw SQL, a base manager, an injection: without somebody on whose behalf (acting.py) they meet an
empty table, with somebody they meet what that person may read. The twin of visibility.py, in whose
words it is written; the tests hold the two against each other. SQLite has no such rules.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

# Migration 0003 runs this: name no column here that it does not find.
STAFF = (
    "leader",
    "teacher",
    "counselor",
    "support_staff",
    "safeguarding_lead",
    "school_admin",
)  # as in people.models.Role; a test holds them together

FUNCTIONS = (
    # Somebody who has left is nobody
    """
    CREATE OR REPLACE FUNCTION notes_viewer() RETURNS bigint LANGUAGE sql STABLE AS $$
        SELECT id FROM people_person
        WHERE id = NULLIF(current_setting('one.person', true), '')::bigint AND is_active
    $$""",
    """
    CREATE OR REPLACE FUNCTION notes_gone() RETURNS bigint LANGUAGE sql STABLE AS $$
        SELECT id FROM people_person
        WHERE id = NULLIF(current_setting('one.person', true), '')::bigint AND NOT is_active
    $$""",
    """
    CREATE OR REPLACE FUNCTION notes_moment() RETURNS timestamptz LANGUAGE sql STABLE AS $$
        SELECT COALESCE(
            NULLIF(current_setting('one.at', true), '')::timestamptz, clock_timestamp()
        )
    $$""",
    """
    CREATE OR REPLACE FUNCTION notes_why() RETURNS text LANGUAGE sql STABLE AS $$
        SELECT COALESCE(current_setting('one.why', true), '')
    $$""",
)

# In a subquery of its own each is asked once for a statement, not once for a row
_ME, _MOMENT, _WHY = "(SELECT notes_viewer())", "(SELECT notes_moment())", "(SELECT notes_why())"
_GONE = "(SELECT notes_gone())"

_STILL_LINE_MANAGER = f"""
    EXISTS (
        SELECT 1
        FROM notes_agreementversion AS version
        JOIN people_pairing AS pairing ON pairing.id = notes_part.pairing_id
        JOIN people_school AS school ON school.id = notes_part.school_id
        CROSS JOIN LATERAL (
            SELECT ({_MOMENT} AT TIME ZONE school.time_zone)::date AS today
        ) AS there
        WHERE version.id = notes_part.agreement_id
            AND version.line_manager_id = notes_part.line_id
            AND version.in_force_at IS NOT NULL
            AND version.withdrawn_at IS NULL
            AND pairing.starts_on <= there.today
            AND (pairing.ends_on IS NULL OR there.today <= pairing.ends_on)
            AND EXISTS (
                SELECT 1 FROM people_role AS role
                WHERE role.person_id = notes_part.line_id
                    AND role.school_id = school.id
                    AND role.kind IN {STAFF}
                    AND role.starts_on <= there.today
                    AND (role.ends_on IS NULL OR there.today <= role.ends_on)
            )
    )"""  # noqa: S608 -- all words are this module's

READS = f"""
    author_id = {_ME}
    OR (party_id = {_ME} AND NOT is_draft AND aud & 2 <> 0)
    OR (line_id = {_ME} AND NOT is_draft AND aud & 4 <> 0 AND {_STILL_LINE_MANAGER})"""

# When the two agree less, either of them takes the manager from the other's parts too
NARROWS = f"{_WHY} = 'narrow' AND (author_id = {_ME} OR party_id = {_ME})"

# Drafts of somebody who has left, to be erased: whoever is still here opens none of another's so
ERASES = f"{_WHY} = 'erase' AND author_id = {_GONE} AND is_draft"

POLICIES = {
    "notes_part_reads": f"FOR SELECT USING (({READS}) OR ({NARROWS}) OR ({ERASES}))",
    "notes_part_writes": f"FOR INSERT WITH CHECK (author_id = {_ME})",
    "notes_part_changes": (
        f"FOR UPDATE USING (({READS}) OR ({NARROWS})) WITH CHECK (({READS}) OR ({NARROWS}))"
    ),
    # What is finished the trigger refuses, aloud
    "notes_part_discards": f"FOR DELETE USING (author_id = {_ME} OR ({ERASES}))",
}


def restore(connection: BaseDatabaseWrapper) -> None:
    """
    Put the rules in place, as the table's owner; safe to repeat.

    They bind every role but the owner, who migrates, and those with BYPASSRLS, who keep.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for statement in FUNCTIONS:
            cursor.execute(statement)
        _drop_policies(cursor)
        for name, rule in POLICIES.items():
            cursor.execute(f"CREATE POLICY {name} ON notes_part {rule}")
        cursor.execute("ALTER TABLE notes_part ENABLE ROW LEVEL SECURITY")


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the rules away, as the table's owner: only to undo the migration."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notes_part DISABLE ROW LEVEL SECURITY")
        _drop_policies(cursor)
        for name in ("notes_viewer", "notes_gone", "notes_moment", "notes_why"):
            cursor.execute(f"DROP FUNCTION IF EXISTS {name}()")


def _drop_policies(cursor) -> None:
    for name in POLICIES:
        cursor.execute(f"DROP POLICY IF EXISTS {name} ON notes_part")
