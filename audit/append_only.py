"""The database's own refusal to change or delete what was recorded, for both databases."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

# Migration 0002 runs this: name no column here that 0001 does not have. A later migration that
# alters audit_event or audit_head on SQLite rebuilds the table and must restore the triggers.
TRIGGERS = {
    "postgresql": {
        "audit_event_refuse_change": """
            CREATE TRIGGER audit_event_refuse_change BEFORE UPDATE OR DELETE ON audit_event
            FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
        "audit_event_refuse_truncate": """
            CREATE TRIGGER audit_event_refuse_truncate BEFORE TRUNCATE ON audit_event
            FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
        "audit_head_refuse_delete": """
            CREATE TRIGGER audit_head_refuse_delete BEFORE DELETE ON audit_head
            FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
        "audit_head_refuse_truncate": """
            CREATE TRIGGER audit_head_refuse_truncate BEFORE TRUNCATE ON audit_head
            FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
        "audit_head_one_step": """
            CREATE TRIGGER audit_head_one_step BEFORE UPDATE ON audit_head
            FOR EACH ROW WHEN (NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq + 1)
            EXECUTE FUNCTION audit_refuse()""",
    },
    "sqlite": {
        "audit_event_refuse_update": """
            CREATE TRIGGER audit_event_refuse_update BEFORE UPDATE ON audit_event
            BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
        "audit_event_refuse_delete": """
            CREATE TRIGGER audit_event_refuse_delete BEFORE DELETE ON audit_event
            BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
        # INSERT OR REPLACE deletes without asking the trigger above.
        "audit_event_refuse_replace": """
            CREATE TRIGGER audit_event_refuse_replace BEFORE INSERT ON audit_event
            WHEN EXISTS (
                SELECT 1 FROM audit_event
                WHERE id = NEW.id OR uid = NEW.uid OR (chain = NEW.chain AND seq = NEW.seq)
            )
            BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
        "audit_head_refuse_delete": """
            CREATE TRIGGER audit_head_refuse_delete BEFORE DELETE ON audit_head
            BEGIN SELECT RAISE(ABORT, 'audit_head is never deleted'); END""",
        "audit_head_refuse_replace": """
            CREATE TRIGGER audit_head_refuse_replace BEFORE INSERT ON audit_head
            WHEN EXISTS (SELECT 1 FROM audit_head WHERE chain = NEW.chain)
            BEGIN SELECT RAISE(ABORT, 'audit_head is never replaced'); END""",
        "audit_head_one_step": """
            CREATE TRIGGER audit_head_one_step BEFORE UPDATE ON audit_head
            WHEN NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq + 1
            BEGIN SELECT RAISE(ABORT, 'audit_head moves one step at a time'); END""",
    },
}

# Class 23 makes Django raise IntegrityError, as it does for SQLite's RAISE.
FUNCTION = """
    CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% on % is refused: it is append-only', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END $$"""

OTHER_ROLES = """
    SELECT DISTINCT acl.grantee::regrole::text
    FROM pg_class, aclexplode(relacl) AS acl
    WHERE oid = 'audit_event'::regclass AND acl.grantee NOT IN (0, relowner)"""


def restore_append_only(connection: BaseDatabaseWrapper) -> None:
    """Put every trigger in place, as the tables' owner; safe to repeat."""
    drop_append_only(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for statement in TRIGGERS[connection.vendor].values():
            cursor.execute(statement)


def drop_append_only(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger away, as the tables' owner: only to undo the migration and in tests."""
    with connection.cursor() as cursor:
        for name in TRIGGERS[connection.vendor]:
            table = "_".join(name.split("_")[:2])
            place = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")


@contextmanager
def append_only_lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let a test tamper, or empty the tables, and close up behind it."""
    drop_append_only(connection)
    try:
        yield
    finally:
        restore_append_only(connection)


def narrow_privileges(connection: BaseDatabaseWrapper) -> None:
    """
    Leave to every role but the owner what appending and verifying need, and no more.

    To be run as the owner after granting; the migration does it for the roles that default
    privileges gave something. SQLite has no roles.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(OTHER_ROLES)
        for role in ["PUBLIC", *(name for (name,) in cursor.fetchall())]:
            _narrow(cursor, role)


def _narrow(cursor: CursorWrapper, role: str) -> None:
    # The name comes from regrole, which quotes where a name needs it.
    cursor.execute(
        f"REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON audit_event FROM {role}"
    )
    cursor.execute(f"REVOKE DELETE, TRUNCATE, REFERENCES, TRIGGER ON audit_head FROM {role}")
