"""`manage.py drill`: prove that a backup can be restored; exit status 0: it can, 1: it cannot."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from oneonones import backup
from oneonones.backup import proving


class Command(BaseCommand):
    help = (
        "Restore a backup, the newest unless told otherwise, into a scratch place: compare its "
        "rows, migrate, verify the log, open notes, sign in. The live database is not touched."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *, file, **options):
        began = time.monotonic()
        try:
            path = file or newest()
            with backup.scratch(path, server=server()) as scratch:
                restored = time.monotonic() - began
                self.stdout.write(f"{path}: restored in {restored / 60:.1f} minutes.")
                problems = self._compare(scratch) + self._examine(scratch.url)
        except backup.CannotRestore as error:
            raise CommandError(str(error)) from error
        minutes = (time.monotonic() - began) / 60
        if problems:
            raise CommandError(f"This backup would not do. Problems: {problems}.")
        self.stdout.write(f"This backup can be relied on. The drill took {minutes:.1f} minutes.")

    def _compare(self, scratch):
        """The rows and migrations that are there with those that the backup says it holds."""
        manifest = scratch.manifest
        wrong = [
            name
            for name in sorted(manifest.rows.keys() | scratch.rows.keys())
            if manifest.rows.get(name) != scratch.rows.get(name)
        ]
        for name in wrong:
            self.stderr.write(
                f"Rows: {name} has {scratch.rows.get(name)} and not {manifest.rows.get(name)}."
            )
        if not wrong:
            rows = sum(scratch.rows.values())
            self.stdout.write(f"Rows: {rows:,} in {len(scratch.rows)} tables, as counted then.")
        differs = scratch.migrations != manifest.migrations
        if differs:
            self.stderr.write("Migrations: other ones are applied than were then.")
        return len(wrong) + differs

    def _examine(self, url):
        """What only the program can tell, in a process whose database is the scratch one."""
        with tempfile.TemporaryDirectory(prefix="one-on-ones-drill-") as home:
            env = os.environ | {
                "DJANGO_SETTINGS_MODULE": "oneonones.settings",
                "DATABASE_ROLE": "app",
                "DATABASE_URL": url,
                "KEYRING_PATH": str(settings.KEYRING_PATH),
                "SECRET_KEY": settings.SECRET_KEY,
                "VAR_DIR": home,
                # Nothing that happens there may reach a worker or a mailbox
                "REDIS_URL": "",
                "EMAIL_URL": "dummymail://",
                "LOG_FORMAT": "text",
            }
            done = subprocess.run(
                [sys.executable, "-c", proving.PROGRAM],
                check=False, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True,
            )  # fmt: skip
        said = done.stdout.splitlines()
        if not said or not said[-1].startswith(proving.RESULT):
            self.stderr.write(done.stderr)
            raise CommandError("The copy could not be examined; the lines above say why.")
        lines = json.loads(said[-1].removeprefix(proving.RESULT))
        for line in lines:
            (self.stdout if line["ok"] else self.stderr).write(line["says"])
        return sum(not line["ok"] for line in lines)


def newest():
    if not settings.BACKUP_FOLDER:
        raise CommandError("Set BACKUP_FOLDER, or name the file of a backup.")
    place = backup.newest(Path(settings.BACKUP_FOLDER))
    if place is None:
        raise CommandError(f"There is no backup in {settings.BACKUP_FOLDER}.")
    return place.path


def server():
    """Where a scratch database may be made: by the owner, who alone makes databases."""
    return settings.DATABASE_URLS["owner"] or settings.DATABASE_URLS["app"]
