"""
The database's own refusal to widen, change or delete what was finished, for both databases.

What was opened stays as it was sealed, but for `keys reseal`: the same words under another key.
Only what has a tombstone goes, and tombstones are the keeper's: on PostgreSQL a role's, on SQLite,
which knows no roles, whoever has the file. What is on hold (holding.py) goes not even so.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from . import holding

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
    "notes_tombstone": ("id", "uid"),
    holding.HOLDS: ("id", "uid"),
}
# Since migration 0007
_FIXED_ON_HOLDS = (
    "id", "uid", "school_id", "person_id", "other_id", "written_from", "written_until", "ground",
    "reference", "asked_by_id", "asked_at", "until",
)  # fmt: skip
_ONCE_ON_HOLDS = ("agreed_by_id", "agreed_at", "ended_by_id", "ended_at")
TOMBSTONES = "notes_tombstone"  # since migration 0005; until then nothing goes
_BURIED = f"EXISTS (SELECT 1 FROM {TOMBSTONES} WHERE uid = OLD.uid)"  # noqa: S608
_BURIED_VERSION = f"""EXISTS (
    SELECT 1 FROM {TOMBSTONES} JOIN notes_agreementversion AS version USING (uid)
    WHERE version.id = OLD.version_id
)"""  # noqa: S608 -- all words are this module's
_GOES = {  # what lets a row of a table go
    "notes_part": f"(OLD.is_draft OR {_BURIED})",
    "notes_agreementversion": _BURIED,
    "notes_acknowledgement": _BURIED_VERSION,
}
# The same words under another key, since migration 0009; where there are roles, the keeper's to do
_RESEALED = """
    NOT OLD.is_draft AND NEW.box <> OLD.box
    AND NEW.key_id <> OLD.key_id AND NEW.written_at = OLD.written_at"""
_ONCE_ON_VERSIONS = ("in_force_at", "declined_at", "withdrawn_at", "superseded_at")


def _changed(columns: tuple[str, ...], *, differs: str) -> str:
    return "(" + " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in columns) + ")"


def _once(columns: tuple[str, ...], *, differs: str) -> str:
    """A moment is set once and never taken back."""
    return "(" + " OR ".join(
        f"(OLD.{name} IS NOT NULL AND NEW.{name} {differs} OLD.{name})" for name in columns
    ) + ")"  # fmt: skip


def _refused(differs: str, known: frozenset[str]) -> dict[str, dict[str, str]]:
    """Conditions under which an UPDATE or a DELETE is refused, by table."""
    refused = {
        "notes_part": {
            "update": f"""
                {_changed(_FIXED_ON_PARTS, differs=differs)}
                OR (NOT OLD.is_draft AND (
                    {_changed(_FIXED_WHEN_FINISHED, differs=differs)}
                    OR (NEW.aud & ~OLD.aud) <> 0
                    OR (NEW.line_id IS NOT NULL AND NEW.line_id {differs} OLD.line_id)
                    OR {_once(("opened_at",), differs=differs)}
                    OR (OLD.opened_at IS NOT NULL AND (
                        (NEW.box {differs} OLD.box AND NEW.key_id = OLD.key_id)
                        OR NEW.written_at {differs} OLD.written_at
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
    if TOMBSTONES in known:
        refused[TOMBSTONES] = {"update": "", "delete": ""}
        for table, goes in _GOES.items():
            refused[table]["delete"] = f"NOT {goes}"
    if holding.HOLDS in known:
        refused[holding.HOLDS] = {
            "update": f"""
                {_changed(_FIXED_ON_HOLDS, differs=differs)}
                OR {_once(_ONCE_ON_HOLDS, differs=differs)}""",
            "delete": "",
        }
    return refused


# Class 23 makes Django raise IntegrityError, as it does for SQLite's RAISE.
_RAISE = """
    RAISE EXCEPTION '% on % is refused: notes are never widened or taken back',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';"""
FUNCTIONS = {
    "notes_refuse": f"BEGIN {_RAISE} END",
    # A trigger's WHEN asks no other table there
    **{
        f"{table}_goes": f"BEGIN IF {goes} THEN RETURN OLD; END IF; {_RAISE} END"
        for table, goes in _GOES.items()
    },
    **{
        f"notes_held_{act}": f"BEGIN IF {condition} THEN {_RAISE} END IF; "
        f"RETURN {'OLD' if act == 'delete' else 'NEW'}; END"
        for act, condition in holding.refused().items()
    },
    # Or the owner, where one role does everything
    "notes_keeper_only": f"""
        BEGIN
            IF EXISTS (
                SELECT 1 FROM pg_roles AS me, pg_class AS here
                WHERE me.rolname = current_user AND here.oid = TG_RELID
                    AND (me.rolbypassrls OR pg_has_role(here.relowner, 'USAGE'))
            ) THEN RETURN NEW; END IF;
            {_RAISE}
        END""",  # noqa: S608
}


def _same_row(table: str) -> str:
    return " OR ".join(
        "(" + " AND ".join(f"{name} = NEW.{name}" for name in names.split(", ")) + ")"
        for names in _NAMES[table]
    )


def _postgresql(known: frozenset[str]) -> dict[tuple[str, str], str]:
    triggers = {}
    for table, acts in _refused("IS DISTINCT FROM", known).items():
        for act, condition in acts.items():
            name = f"{table}_refuse_{act}"
            asks = TOMBSTONES in known and act == "delete" and table in _GOES
            when = f"WHEN ({condition})" if condition and not asks else ""
            function = f"{table}_goes" if asks else "notes_refuse"
            triggers[table, name] = f"""
                CREATE TRIGGER {name} BEFORE {act.upper()} ON {table}
                FOR EACH ROW {when} EXECUTE FUNCTION {function}()"""
        name = f"{table}_refuse_truncate"
        triggers[table, name] = f"""
            CREATE TRIGGER {name} BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION notes_refuse()"""
    triggers["notes_part", "notes_part_keeper_reseals"] = f"""
        CREATE TRIGGER notes_part_keeper_reseals BEFORE UPDATE ON notes_part
        FOR EACH ROW WHEN ({_RESEALED}) EXECUTE FUNCTION notes_keeper_only()"""
    if TOMBSTONES in known:
        name = f"{TOMBSTONES}_keeper_only"
        triggers[TOMBSTONES, name] = f"""
            CREATE TRIGGER {name} BEFORE INSERT ON {TOMBSTONES}
            FOR EACH ROW EXECUTE FUNCTION notes_keeper_only()"""
    if holding.HOLDS in known:
        for act in holding.refused():
            name = f"notes_part_held_{act}"
            triggers["notes_part", name] = f"""
                CREATE TRIGGER {name} BEFORE {act.upper()} ON notes_part
                FOR EACH ROW EXECUTE FUNCTION notes_held_{act}()"""
    return triggers


def _sqlite(known: frozenset[str]) -> dict[tuple[str, str], str]:
    triggers = {}
    for table, acts in _refused("IS NOT", known).items():
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
    if holding.HOLDS in known:
        for act, condition in holding.refused().items():
            name = f"notes_part_held_{act}"
            triggers["notes_part", name] = f"""
                CREATE TRIGGER {name} BEFORE {act.upper()} ON notes_part WHEN {condition}
                BEGIN SELECT RAISE(ABORT, 'notes_part is on hold'); END"""
    return triggers


def _triggers(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], str]:
    """Those for the tables that there are: a migration may call this before all of them are."""
    make = {"postgresql": _postgresql, "sqlite": _sqlite}[connection.vendor]
    return make(frozenset(connection.introspection.table_names()))


def restore(connection: BaseDatabaseWrapper) -> None:
    """Put every trigger in place, as the tables' owner; safe to repeat."""
    drop(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name, body in FUNCTIONS.items():
                cursor.execute(
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
                    f"AS $$ {body} $$"
                )
        for statement in _triggers(connection).values():
            cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take every trigger away, as the tables' owner: only to undo the migration and in tests."""
    with connection.cursor() as cursor:
        for table, name in _triggers(connection):
            place = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{place}")
