"""Bring OneRoster files in: what would change, or with --apply the change itself."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people import actions, importing, oneroster
from people.models import School
from people.sheets import CannotRead

SHOWN = 20  # people of each part of each school


class Command(BaseCommand):
    help = "Show what OneRoster files (a zip or a folder) would change; with --apply, do it."

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path)
        parser.add_argument("--school", metavar="SLUG", help="only this one; else all in the files")
        parser.add_argument("--apply", action="store_true", help="without it nothing is changed")
        parser.add_argument(
            "--yes-end-many",
            action="store_true",
            help="even if more than a tenth of the people of a school would end",
        )

    def handle(self, **options):
        at = timezone.now()
        school = self._school(options["school"])
        try:
            read = oneroster.read(
                options["path"], month_first=importing.month_first(school), tell=self._tell_progress
            )
            outcome = actions.preview_oneroster(read, school=school, by=None, at=at)
            self._tell(outcome)
            if options["apply"]:
                actions.apply_oneroster(
                    read,
                    school=school,
                    by=None,
                    at=at,
                    digest=outcome.digest,
                    ends_many=options["yes_end_many"],
                )
        except CannotRead as error:
            raise CommandError(str(error)) from error
        except actions.CannotImport as error:
            hint = " If they have left, add --yes-end-many." if outcome.ends_many else ""
            raise CommandError(f"{error} Nothing was changed.{hint}") from error
        said = "Applied." if options["apply"] else "Nothing was changed. Add --apply to do it."
        self.stdout.write(said)

    def _school(self, slug):
        if slug is None:
            return None
        school = School.objects.filter(slug=slug).first()
        if school is None:
            slugs = ", ".join(School.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no school {slug}. There is: {slugs}")
        return school

    def _tell_progress(self, file, count):
        if self.stderr.isatty():
            self.stderr.write(f"{file}: {count}", ending="\r")

    def _tell(self, outcome):
        rows = ", ".join(f"{name} {count:,}" for name, count in outcome.counts.items())
        self.stdout.write(f"Rows read: {rows}")
        for line in (*outcome.troubles, *outcome.notices):
            self.stdout.write(line)
        for school in outcome.schools:
            self._tell_school(school)
        self._part(
            "Refused", outcome.refused_count, [_where(problem) for problem in outcome.refused]
        )
        self._part(
            "Taken, but not whole",
            outcome.remarks_count,
            [_where(problem) for problem in outcome.remarks],
        )
        totals = ", ".join(f"{count:,} {name}" for name, count in outcome.totals().items())
        self.stdout.write(f"Together: {totals}")

    def _tell_school(self, school):
        new = " (this school is new)" if school.is_new else ""
        self.stdout.write(f"\n{school.name}{new}")
        counts = school.counts
        self._part("New", counts["new"], [name for name, _ in school.new])
        changed = [f"{name}: {_changes(changes)}" for name, changes in school.changed]
        self._part("Changed", counts["changed"], changed)
        self._part("Ended", counts["ended"], school.ended)
        self._part("Classes", len(school.groups), school.groups)
        self._part("Terms", len(school.terms), school.terms)
        for notice in school.notices:
            self.stdout.write(f"  {notice}")
        self.stdout.write(f"Unchanged: {counts['unchanged']:,}")

    def _part(self, title, count, lines):
        self.stdout.write(f"{title}: {count:,}")
        for line in lines[:SHOWN]:
            self.stdout.write(f"  {line}")
        if count > len(lines[:SHOWN]):
            self.stdout.write(f"  and {count - len(lines[:SHOWN]):,} more")


def _where(problem):
    return f"{problem.file} line {problem.line}: {problem.sentence}"


def _changes(changes):
    return "; ".join(
        f"{change.label}: {change.old or '(nothing)'} -> {change.new or '(nothing)'}"
        for change in changes
    )
