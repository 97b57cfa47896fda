"""`manage.py database_roles`: make the roles that serve and keep, before `migrate`."""

import environ
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from psycopg2 import sql

# The keeper verifies, purges and re-seals: it must see every row, whatever row-level rules say
RIGHTS = {"app": "NOBYPASSRLS", "keeper": "BYPASSRLS"}


class Command(BaseCommand):
    help = (
        "Makes the roles named in DATABASE_URL and KEEPER_DATABASE_URL, and lets them use the "
        "tables that the role of DATABASE_OWNER_URL will make. Run it with DATABASE_ROLE=owner "
        "before migrate; safe to run again."
    )
    requires_system_checks: list[str] = []  # what they ask for is not there before the first start

    def handle(self, *args, **options):
        if connection.vendor != "postgresql":
            self.stdout.write("SQLite has no roles: nothing to do.")
            return
        if settings.DATABASE_ROLE != "owner" or not all(settings.DATABASE_URLS.values()):
            raise CommandError(
                "Set DATABASE_ROLE=owner, DATABASE_URL, DATABASE_OWNER_URL and KEEPER_DATABASE_URL."
            )
        owner = connection.settings_dict["USER"]
        logins = {role: environ.Env.db_url_config(settings.DATABASE_URLS[role]) for role in RIGHTS}
        if len({owner, *(login["USER"] for login in logins.values())}) < 3:
            raise CommandError("The three addresses name fewer than three roles.")
        with connection.cursor() as cursor:
            for role, login in logins.items():
                make_role(cursor, login["USER"], login["PASSWORD"], RIGHTS[role], owner=owner)
                self.stdout.write(f"Role for {role} is ready.")


def make_role(cursor, name: str, password: str, rights: str, *, owner: str) -> None:
    """Make or mend a role that may use, but not change, the tables `owner` makes from now on."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
    cursor.execute(
        sql.SQL(
            "ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE " + rights + " PASSWORD {}"
        ).format(sql.Identifier(name), sql.Literal(password or None))
    )
    to_come = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
    for statement in (
        "GRANT USAGE ON SCHEMA public TO {role}",
        to_come + "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        to_come + "GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    ):
        cursor.execute(
            sql.SQL(statement).format(role=sql.Identifier(name), owner=sql.Identifier(owner))
        )
