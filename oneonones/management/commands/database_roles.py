"""`manage.py database_roles`: make the roles that serve and keep, and change their passwords."""

import secrets
from urllib.parse import urlsplit, urlunsplit

import environ
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg2 import sql
from psycopg2.extensions import encrypt_password

# The keeper verifies, purges and re-seals: it must see every row, whatever row-level rules say
RIGHTS = {"app": "NOBYPASSRLS", "keeper": "BYPASSRLS"}


class Command(BaseCommand):
    help = (
        "Makes the roles named in DATABASE_URL and KEEPER_DATABASE_URL, and lets them use the "
        "tables that the role of DATABASE_OWNER_URL will make. Run it with DATABASE_ROLE=owner "
        "before migrate; safe to run again."
    )
    requires_system_checks: list[str] = []  # what they ask for is not there before the first start

    def add_arguments(self, parser):
        parser.add_argument(
            "--new-passwords",
            action="store_true",
            help="give the owner, the app and the keeper new ones, and print the lines to set",
        )

    def handle(self, *args, new_passwords, **options):
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
        if new_passwords:
            self.change_passwords({"owner": owner} | {r: logins[r]["USER"] for r in RIGHTS})
            return
        with connection.cursor() as cursor:
            for role, login in logins.items():
                make_role(cursor, login["USER"], login["PASSWORD"], RIGHTS[role], owner=owner)
                self.stdout.write(f"Role for {role} is ready.")

    def change_passwords(self, names):
        """Print the new lines before anything holds, so that nobody is left without them."""
        new = {role: secrets.token_urlsafe(32) for role in names}
        urls = {role: with_password(settings.DATABASE_URLS[role], new[role]) for role in new}
        with transaction.atomic(), connection.cursor() as cursor:
            for role, name in names.items():
                cursor.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                        sql.Identifier(name), verifier(cursor, name, new[role])
                    )
                )
            for line in (
                "# in .env",
                f"DATABASE_URL={urls['app']}",
                "# in .env.owner",
                f"POSTGRES_PASSWORD={new['owner']}",
                f"DATABASE_OWNER_URL={urls['owner']}",
                f"KEEPER_DATABASE_URL={urls['keeper']}",
            ):
                self.stdout.write(line)
            self.stdout.flush()
        self.stderr.write(
            "These hold from now on: put them in place of the old lines, then start everything "
            "again. Until then nobody new gets into the database."
        )


def with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    login, _, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{login.partition(':')[0]}:{password}@{place}"))


def verifier(cursor, name: str, password: str) -> sql.Literal:
    """What stands for a password: a server that writes down its statements learns none."""
    made = encrypt_password(password, name, scope=cursor.connection, algorithm="scram-sha-256")
    return sql.Literal(made)


def make_role(cursor, name: str, password: str, rights: str, *, owner: str) -> None:
    """Make or mend a role that may use, but not change, the tables `owner` makes from now on."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
    cursor.execute(
        sql.SQL(
            "ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE " + rights + " PASSWORD {}"
        ).format(
            sql.Identifier(name),
            verifier(cursor, name, password) if password else sql.SQL("NULL"),
        )
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
