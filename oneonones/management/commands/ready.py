"""`manage.py ready`: whether this installation can do its work, as an exit code."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from oneonones import health


class Command(BaseCommand):
    help = "Says what works and what does not; exit code 1 when something does not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("checks", nargs="*", choices=[[], *health.CHECKS], metavar="CHECK")

    def handle(self, *args, checks, **options):
        ready, findings = health.examine(checks, at=timezone.now())
        for name, finding in findings.items():
            self.stdout.write(f"{name}: {finding.sentence}")
        if not ready:
            raise CommandError("Not ready.")
