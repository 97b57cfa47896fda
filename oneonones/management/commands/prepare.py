"""`manage.py prepare`: what a start needs before it serves; a second run finds little to do."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from oneonones import backup
from people.models import School


class Command(BaseCommand):
    help = "Migrates, makes the cache table and the key ring; collects static files; fills a demo."
    requires_system_checks: list[str] = []  # the key ring they ask for is made here

    def add_arguments(self, parser):
        parser.add_argument("--static", action="store_true", help="collect static files")
        parser.add_argument("--demo", action="store_true", help="a demo school, if there is none")

    def handle(self, *, static, demo, **options):
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            if executor.loader.applied_migrations and connection.vendor == "sqlite":
                self._keep_what_is_there()
            call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        if not Path(settings.KEYRING_PATH).exists():
            call_command("keys", "init", stdout=self.stdout)
        if static:
            collect_static()
        if not School.objects.exists():
            if demo:
                call_command("seed_demo", stdout=self.stdout)
            else:
                self.stdout.write("There is no school yet: see `manage.py create_school --help`.")

    def _keep_what_is_there(self) -> None:
        try:
            kept = backup.copy_before_upgrade(at=timezone.now())
        except backup.CannotBackUp as error:
            raise CommandError(f"Nothing was upgraded: it must be kept first. {error}") from error
        self.stdout.write(f"The database as it was before this upgrade: {kept}")


def collect_static() -> None:
    """Collect static files if any has changed since the last time."""
    found = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            found.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    stamp = settings.VAR_DIR / "static.sha256"
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists() and stamp.exists() and stamp.read_text() == found.hexdigest():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(found.hexdigest())
