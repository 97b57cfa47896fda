"""Import a school's bell times, special days or terms: a preview, or with --apply the change."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from people.models import School
from people.sheets import CannotRead
from scheduling import actions

SHOWN = 20  # refused rows


class Command(BaseCommand):
    help = (
        "Import CSV files of bell times (schedule, period, start, end), of special days (date, "
        "schedule) or of terms (session, begin, end), one after the other."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", type=Path, nargs="+", metavar="file")
        parser.add_argument("--school", required=True, metavar="SLUG")
        parser.add_argument(
            "--number", default="", help="which school's rows, where a file has several"
        )
        parser.add_argument("--apply", action="store_true", help="without it nothing is changed")

    def handle(self, **options):
        school = School.objects.filter(slug=options["school"]).first()
        if school is None:
            raise CommandError(f"There is no school called {options['school']}.")
        with transaction.atomic():
            for path in options["files"]:
                self._import(school, path, options["number"])
            transaction.set_rollback(not options["apply"])
        self.stdout.write(
            "Applied." if options["apply"] else "Nothing was changed. Add --apply to import."
        )

    def _import(self, school, path, number):
        try:
            done = actions.apply_bells(
                school, by=None, at=timezone.now(), content=path.read_bytes(), number=number
            )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except (CannotRead, actions.CannotChangeCalendar) as error:
            raise CommandError(f"{path.name}: {error}") from error
        self._tell(path, *done)

    def _tell(self, path, plan, effect):
        self.stdout.write(f"{path.name}: {plan.row_count} rows read, {plan.refused_count} refused.")
        self.stdout.write(
            f"Bell schedules: {len(plan.schedules)} new or changed, {len(plan.same)} unchanged. "
            f"Days: {len(plan.days)} new or changed, {plan.same_days} unchanged. "
            f"Terms: {len(plan.terms)} new or changed, {plan.same_terms} unchanged."
        )
        if effect.moved or effect.lost or effect.meetings:
            self.stdout.write(
                f"One-on-ones: {effect.moved} move, {effect.lost} lose their period, "
                f"{effect.meetings} are closed."
            )
        for problem in plan.problems[:SHOWN]:
            self.stdout.write(f"  Line {problem.line}: {problem.sentence}")
        if len(plan.problems) > SHOWN:
            self.stdout.write(f"  and {len(plan.problems) - SHOWN} more")
        if plan.left_out:
            self.stdout.write(f"Columns left out: {', '.join(plan.left_out)}.")
