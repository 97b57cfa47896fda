"""Nobody is in two places: an exclusion constraint on PostgreSQL, triggers on SQLite."""

from django.db import migrations

POSTGRESQL = [
    # int8range of one number stands in for "person_id WITH =", which would need btree_gist.
    """
    ALTER TABLE scheduling_attendance ADD CONSTRAINT scheduling_attendance_one_place
    EXCLUDE USING gist (
        int8range(person_id, person_id, '[]') WITH &&,
        tstzrange(starts_at, ends_at, '[)') WITH &&
    ) WHERE (blocks) DEFERRABLE INITIALLY IMMEDIATE
    """,
]
POSTGRESQL_BACK = [
    "ALTER TABLE scheduling_attendance DROP CONSTRAINT scheduling_attendance_one_place",
]

SQLITE_TRIGGER = """
    CREATE TRIGGER scheduling_attendance_one_place_{name} BEFORE {event}
    ON scheduling_attendance FOR EACH ROW WHEN NEW.blocks
    BEGIN
        SELECT RAISE(ABORT, 'scheduling_attendance_one_place')
        WHERE EXISTS (
            SELECT 1 FROM scheduling_attendance
            WHERE person_id = NEW.person_id AND blocks AND id IS NOT NEW.id
            AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at
        );
    END
"""
SQLITE = [
    SQLITE_TRIGGER.format(name="insert", event="INSERT"),
    SQLITE_TRIGGER.format(name="update", event="UPDATE OF person_id, starts_at, ends_at, blocks"),
]
SQLITE_BACK = [
    "DROP TRIGGER scheduling_attendance_one_place_insert",
    "DROP TRIGGER scheduling_attendance_one_place_update",
]


def run(postgresql, sqlite):
    def apply(apps, schema_editor):
        statements = postgresql if schema_editor.connection.vendor == "postgresql" else sqlite
        for statement in statements:
            schema_editor.execute(statement)

    return apply


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial")]

    operations = [
        migrations.RunPython(run(POSTGRESQL, SQLITE), run(POSTGRESQL_BACK, SQLITE_BACK)),
    ]
