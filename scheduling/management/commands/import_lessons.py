"""Import a school's lessons from a CSV file: a preview, or with --apply the change itself."""

from datetime import datetime, time, timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from people.models import School
from people.sheets import CannotRead
from scheduling import actions, lessons
from scheduling.models import Term

SHOWN = 20  # refused rows
FIRST_BELL = time(8, 0)
PERIOD = timedelta(minutes=45)
BREAK = timedelta(minutes=5)


class Command(BaseCommand):
    help = "Import lessons (day, period, length, teachers, subject) into a school's timetable."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--school", required=True, metavar="SLUG")
        parser.add_argument("--term", metavar="NAME", help="default: the current or next term")
        parser.add_argument("--apply", action="store_true", help="without it nothing is changed")
        parser.add_argument(
            "--make-periods",
            action="store_true",
            help="if the school has no bell times yet: give it 45 minutes for each period named",
        )

    def handle(self, **options):
        at = timezone.now()
        school = School.objects.filter(slug=options["school"]).first()
        if school is None:
            raise CommandError(f"There is no school called {options['school']}.")
        term = self._term(school, options["term"], at)
        try:
            content = options["file"].read_bytes()
            with transaction.atomic():
                if options["make_periods"]:
                    self._make_periods(school, content, at)
                done = actions.apply_lessons(school, by=None, at=at, term=term, content=content)
                transaction.set_rollback(not options["apply"])
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except (CannotRead, actions.CannotChangeCalendar) as error:
            raise CommandError(str(error)) from error
        self._tell(done, is_applied=options["apply"])

    def _term(self, school, name, at):
        if name:
            term = Term.objects.of(school).filter(name=name).order_by("-starts_on").first()
        else:
            term = Term.objects.of(school).current_or_next(school, on=school.today(at))
        if term is None:
            raise CommandError("There is no such term. Add one on the Calendar page first.")
        return term

    def _make_periods(self, school, content, at):
        if school.periods.exists():
            raise CommandError("The school has periods already, so none were made.")
        bells, begins = [], datetime.combine(school.today(at), FIRST_BELL)
        for name in lessons.periods_in(content):
            bells.append(actions.Bell(name, begins.time(), (begins + PERIOD).time()))
            begins += PERIOD + BREAK
        actions.save_bell_schedule(
            school, by=None, at=at, name="Regular", weekdays=school.weekdays, bells=bells
        )

    def _tell(self, done, *, is_applied):
        self.stdout.write(
            f"{done.row_count} rows read, {done.used_count} used, "
            f"{len(done.without_teacher)} without a teacher, {done.refused_count} refused."
        )
        self.stdout.write(
            f"Lessons: {len(done.new)} new, {done.unchanged_count} unchanged, "
            f"{len(done.ended)} ended."
        )
        for problem in done.problems[:SHOWN]:
            self.stdout.write(f"  Line {problem.line}: {problem.sentence}")
        if len(done.problems) > SHOWN:
            self.stdout.write(f"  and {len(done.problems) - SHOWN} more")
        if done.left_out:
            self.stdout.write(f"Columns left out: {', '.join(done.left_out)}.")
        self.stdout.write(
            "Applied." if is_applied else "Nothing was changed. Add --apply to import."
        )
