"""What a drill asks of a restored copy, in a process that knows no other database."""

import json
import secrets
import sys
from collections.abc import Callable
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from audit import actions, keyring
from notes import keeping
from people.models import Person, Role, School, User

# Not a command, which somebody might run where people work: it makes a login
PROGRAM = "import django; django.setup(); from oneonones.backup import proving; proving.main()"

RESULT = "RESULT "  # before the last line, for whoever started this
SAMPLE = 100
LOGIN = "drill@drill.invalid"


class Wrong(Exception):
    """What is not as it should be, in words that name nobody."""


def migrations() -> str:
    """The copy may be of an older release: it is brought up to date, as a restored one would be."""
    executor = MigrationExecutor(connection)
    known = set(executor.loader.disk_migrations)
    ours = executor.loader.migrated_apps
    strange = [
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations
        if app in ours and (app, name) not in known
    ]
    if strange:
        raise Wrong(f"the backup is of a newer release than this one: {', '.join(strange)}")
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
    return f"{len(missing)} were missing and went through" if missing else "all are applied"


def log() -> str:
    try:
        verification = actions.verify()
    except keyring.KeyRingError as error:
        raise Wrong(f"nothing was checked. {error}") from error
    if not verification.is_sound:
        raise Wrong(f"it is not whole. Places: {verification.problem_count}")
    return f"{sum(verification.events.values()):,} events, whole"


def notes() -> str:
    try:
        tried, broken = keeping.prove(SAMPLE)
    except keyring.KeyRingError as error:
        raise Wrong(f"they cannot be opened. {error}") from error
    if broken:
        raise Wrong(f"{broken} of {tried} do not open")
    return f"{tried} tried, all open"


def sign_in() -> str:
    """Somebody made up signs in through the page and comes to their first page."""
    password = secrets.token_urlsafe(24)
    with transaction.atomic():
        user = User.objects.create_user(LOGIN, password)
        person = Person.objects.create(
            given_name="Drill", family_name="Drill", email=LOGIN, user=user
        )
        school = School.objects.create(name="Drill", slug=f"drill-{secrets.token_hex(4)}")
        Role.objects.create(
            person=person,
            school=school,
            kind=Role.Kind.TEACHER,
            starts_on=school.today(timezone.now()),
        )
    # Hashed names need collected files, which say nothing of a backup
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": plain}):
        client = Client(raise_request_exception=False, headers={"host": settings.SITE_HOST})
        sent = {"login": LOGIN, "password": password}
        page = client.post(reverse("account_login"), sent, follow=True, secure=settings.HTTPS)
    signed_in = page.wsgi_request.user.is_authenticated
    if page.status_code != 200 or not signed_in:
        raise Wrong(f"it does not work, the answer was {page.status_code}")
    return "works"


CHECKS: dict[str, Callable[[], str]] = {
    "Migrations": migrations,
    "Log": log,
    "Notes": notes,
    "Sign-in": sign_in,
}


def main() -> None:
    lines = []
    for name, check in CHECKS.items():
        try:
            lines.append({"ok": True, "says": f"{name}: {check()}."})
        except Wrong as words:
            lines.append({"ok": False, "says": f"{name}: {words}."})
            if check is migrations:
                break  # nothing else can be asked of tables that this release does not know
    sys.stdout.write(f"{RESULT}{json.dumps(lines)}\n")
