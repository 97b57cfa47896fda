"""Bring a school's roster in from a file: what would change, or with --apply the change itself."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people import actions, roster
from people.management.telling import tell_part
from people.models import School
from people.sheets import MAX_BYTES, CannotRead


class Command(BaseCommand):
    help = "Show what a roster (one sheet, CSV) would change at a school; with --apply, do it."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--school", required=True, metavar="SLUG")
        parser.add_argument("--apply", action="store_true", help="without it nothing is changed")
        parser.add_argument(
            "--everyone",
            choices=list(roster.LISTS),
            default="",
            help="what everybody in a file without a column for roles is",
        )
        parser.add_argument(
            "--yes-end-many",
            action="store_true",
            help="even if more than a tenth of the people on the roster would end",
        )

    def handle(self, **options):
        at = timezone.now()
        school = School.objects.filter(slug=options["school"]).first()
        if school is None:
            slugs = ", ".join(School.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no school {options['school']}. There is: {slugs}")
        content = self._content(options["file"])
        try:
            everyone = options["everyone"]
            diff = actions.preview_roster(school, content, by=None, at=at, everyone=everyone)
            self._tell(diff)
            if options["apply"]:
                actions.apply_roster(
                    school,
                    content,
                    by=None,
                    at=at,
                    digest=diff.digest,
                    ends_many=options["yes_end_many"],
                    everyone=everyone,
                )
        except roster.NoRoles as error:
            raise CommandError(f"{error} Add --everyone.") from error
        except CannotRead as error:
            raise CommandError(str(error)) from error
        except actions.CannotImport as error:
            hint = " If they have left, add --yes-end-many." if diff.ends_many else ""
            raise CommandError(f"{error} Nothing was changed.{hint}") from error
        said = "Applied." if options["apply"] else "Nothing was changed. Add --apply to do it."
        self.stdout.write(said)

    def _content(self, path):
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)  # enough to see that it is too large
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error

    def _tell(self, diff):
        for notice in diff.notices:
            self.stdout.write(notice)
        tell_part(self.stdout, "New", [step.name for step in diff.new])
        tell_part(
            self.stdout, "Changed", [f"{step.name}: {self._changes(step)}" for step in diff.changed]
        )
        tell_part(self.stdout, "Ended", [person.name for person in diff.ended])
        tell_part(
            self.stdout, "Refused", [f"Line {each.line}: {each.sentence}" for each in diff.refused]
        )
        self.stdout.write(f"Unchanged: {diff.unchanged}")

    def _changes(self, step):
        return "; ".join(
            f"{change.label}: {change.old or '(nothing)'} -> {change.new or '(nothing)'}"
            for change in step.changes
        )
