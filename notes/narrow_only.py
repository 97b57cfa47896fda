"""The database's own refusal to widen, change or delete what was finished, for both databases."""

from django.db.backends.base.base import BaseDatabaseWrapper

# Migration 0002 runs this: name no column here that 0001 does not have. A later migration that
# alters one of these tables on SQLite rebuilds it and must call `restore` again.
#
# For each table: the rows of which a condition holds may never be changed so, or deleted.
_FIXED_ON_PARTS = (
    "id", "uid", "school_id", "pairing_id", "circle_sha256", "meeting_id", "author_id", "party_id",
    "kind", "field",
)  # fmt: skip
_FIXED_WHEN_FINISHED = ("agreement_id", "written_aud", "replaces_id", "is_draft")
_FIXED_ON_VERSIONS = (
    "id", "uid", "school_id", "pairing_id", "number", "protocol", "line_manager_id", "terms",
    "terms_sha256", "key_id", "mac", "proposed_at",
)  # fmt: skip
_NAMES = {  # what makes a row that one row
    "notes_part": ("id", "uid"),
    "notes_agreementversion": ("id", "uid"),
    "notes_acknowledgement": ("id", "version_id, person_id"),
    "notes_standingacceptance": ("id", "host_id, protocol, words_sha256"),
}
_ONCE_ON_VERSIONS = ("in_force_at", "declined_at", "withdrawn_at", "superseded_at")


def _changed(columns: tuple[str, ...], *, differs: str) -> str:
    return "(" + " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in columns) + ")"


def _once(columns: tuple[str, ...], *, differs: str) -> str:
    """A moment is set once and never taken back."""
    return "(" + " OR ".join(
        f"(OLD.{name} IS NOT NULL AND NEW.{name} {differs} OLD.{name})" for name in columns
    ) + ")"  # fmt: skip


def _refused(differs: str) -> dict[str, dict[str, str]]:
    """Conditions under which an UPDATE or a DELETE is refused, by table."""
    return {
        "notes_part": {
            "update": f"""
                {_changed(_FIXED_ON_PARTS, differs=differs)}
                OR (NOT OLD.is_draft AND (
                    {_changed(_FIXED_WHEN_FINISHED, differs=differs)}
                    OR (NEW.aud & ~OLD.aud) <> 0
                    OR (NEW.line_id IS NOT NULL AND NEW.line_id {differs} OLD.line_id)
                    OR {_once(("opened_at",), differs=differs)}
                    OR (OLD.opened_at IS NOT NULL AND (
                        NEW.box {differs} OLD.box OR NEW.written_at {differs} OLD.written_at
                    ))
                ))""",
            "delete": "NOT OLD.is_draft",
        },
        "notes_agreementversion": {
            "update": f"""
                {_changed(_FIXED_ON_VERSIONS, differs=differs)}
                OR {_once(_ONCE_ON_VERSIONS, differs=differs)}""",
            "delete": "",
        },
        "notes_acknowledgement": {"update": "", "delete": ""},
        "notes_standingacceptance": {"update": "", "delete": ""},
    }


# Class 23 makes Django raise IntegrityError, as it does for SQLite's RAISE.
FUNCTION = """
    CREATE OR REPLACE FUNCTION notes_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% on % is refused: notes are never widened or taken back',
            TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$"""


def _same_row(table: str) -> str:
    return " OR ".join(
        "(" + " AND ".join(f"{name} = NEW.{name}" for name in names.split(", ")) + ")"
        for names in _NAMES[table]
    )


def _postgresql() -> dict[tuple[str, str], str]:
    triggers = {}
    for table, acts in _refused("IS DISTINCT FROM").items():
        for act, condition in acts.items():
            when = f"WHEN ({condition})" if condition else ""
            name = f"{table}_refuse_{act}"
            triggers[table, name] = f"""
                CREATE TRIGGER {name} BEFORE {act.upper()} ON {table}
                FOR EACH ROW {when} EXECUTE FUNCTION notes_refuse()"""
        name = f"{table}_refuse_truncate"
        triggers[table, name] = f"""
            CREATE TRIGGER {name} BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION notes_refuse()"""
    return triggers


def _sqlite() -> dict[tuple[str, str], str]:
    triggers = {}
    for table, acts in _refused("IS NOT").items():
        for act, condition in acts.items():
            when = f"WHEN {condition}" if condition else ""
            name = f"{table}_refuse_{act}"
            triggers[table, name] = f"""
                CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} {when}
                BEGIN SELECT RAISE(ABORT, '{table} is never widened or taken back'); END"""
        # INSERT OR REPLACE deletes without asking the triggers above.
        name = f"{table}_refuse_replace"
        triggers[table, name] = f"""
            CREATE TRIGGER {name} BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {_same_row(table)})
            BEGIN SELECT RAISE(ABORT, '{table} is never replaced'); END"""  # noqa: S608
    return triggers


TRIGGERS = {"postgresql": _postgresql(), "sqlite": _sqlite()}


def restore(connection: BaseDatabaseWrapper) -> None:
    """Put every trigger in place, as the tables' owner; safe to repeat."""
    drop(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for statement in TRIGGERS[connection.vendor].values():
            cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger away, as the tables' owner: only to undo the migration and in tests."""
    with connection.cursor() as cursor:
        for table, name in TRIGGERS[connection.vendor]:
            place = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")
