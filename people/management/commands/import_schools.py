"""Add a district's schools from a list: what it would add, or with --apply the adding."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people import actions
from people.management.telling import tell_part
from people.sheets import MAX_BYTES, CannotRead


class Command(BaseCommand):
    help = "Add schools from a CSV file with their name and number; without --apply, show which."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--apply", action="store_true", help="without it nothing is changed")

    def handle(self, **options):
        act = actions.add_schools if options["apply"] else actions.plan_schools
        try:
            with options["file"].open("rb") as file:
                content = file.read(MAX_BYTES + 1)  # enough to see that it is too large
            plan = act(content, by=None, at=timezone.now())
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except CannotRead as error:
            raise CommandError(str(error)) from error
        tell_part(self.stdout, "New", [row.name for row in plan.new])
        tell_part(
            self.stdout, "Refused", [f"Line {each.line}: {each.sentence}" for each in plan.problems]
        )
        self.stdout.write(f"Here already: {plan.same}")
        self.stdout.write(
            "Applied." if options["apply"] else "Nothing was changed. Add --apply to do it."
        )
