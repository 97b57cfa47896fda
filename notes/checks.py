"""What `manage.py check --deploy` says about PostgreSQL's own rule of who reads a part."""

from django.core import checks
from django.db import connection
from django.db.utils import OperationalError

BOUND = """
    SELECT
        part.relrowsecurity,
        pg_has_role(current_user, part.relowner, 'USAGE'),
        me.rolbypassrls OR me.rolsuper
    FROM pg_class AS part, pg_roles AS me
    WHERE part.oid = to_regclass('notes_part') AND me.rolname = current_user"""
HINT = (
    "DATABASE_URL names a role that owns nothing and has no BYPASSRLS: "
    "`manage.py database_roles` makes it."
)


def check_row_rules(**_: object) -> list[checks.CheckMessage]:
    """Whether the role that serves pages is bound by the rules; nothing to say on SQLite."""
    if connection.vendor != "postgresql":
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(BOUND)
            found = cursor.fetchone()
    except OperationalError:
        return []  # without a database there is nothing to protect yet
    if found is None:
        return []  # not migrated yet
    return warnings(*found)


def warnings(has_rules: bool, is_owner: bool, is_exempt: bool) -> list[checks.CheckMessage]:  # noqa: FBT001
    """The three ways in which the rules bind nobody, in words."""
    said = []
    if not has_rules:
        said.append("The table of notes has no row-level rules.")
    if is_owner:
        said.append("The database role of this process owns the table of notes.")
    elif is_exempt:
        said.append("The database role of this process is exempt from row-level rules.")
    return [checks.Warning(words, hint=HINT, id="notes.W001") for words in said]
