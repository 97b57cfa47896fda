"""Import a timetable from a file: a preview, or with --apply the change itself."""

from datetime import datetime, time, timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from people.models import School
from people.sheets import CannotRead
from scheduling import actions, lessons
from scheduling.models import Term
from scheduling.models.calendar import as_written, columns_of

SHOWN = 20  # refused rows, unknown teachers
FIRST_BELL = time(8, 0)
PERIOD = timedelta(minutes=45)
BREAK = timedelta(minutes=5)


class Command(BaseCommand):
    help = (
        "Import a timetable: a lessons file (day, period, teachers), Untis GPU001, class sections "
        "or one person's calendar file. The kind is told by looking."
    )

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
        parser.add_argument(
            "--school-in-file", default="", metavar="ID", help="sections: the rows of this school"
        )
        parser.add_argument(
            "--session", default="", metavar="NAME", help="sections: the rows of this session"
        )
        parser.add_argument(
            "--person", default="", metavar="WHO", help="calendar file: whose it is"
        )
        parser.add_argument(
            "--teacher",
            action="append",
            default=[],
            metavar="CODE=WHO",
            help="whom a code in the file means; remembered for files of this kind",
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
                kind = lessons.look(content)
                staff = lessons.Staff(school, term, kind)
                if options["teacher"]:
                    self._name_teachers(school, options["teacher"], kind, staff, at)
                done = actions.apply_lessons(
                    school,
                    by=None,
                    at=at,
                    term=term,
                    content=content,
                    choice=lessons.Choice(
                        options["school_in_file"],
                        options["session"],
                        self._person(staff, options["person"]),
                    ),
                )
                transaction.set_rollback(not options["apply"])
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except lessons.Question as question:
            raise CommandError(self._asked(question)) from question
        except (CannotRead, lessons.Refused, actions.CannotChangeCalendar) as error:
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
        columns = as_written(column for column, _ in columns_of(school))
        actions.save_bell_schedule(
            school, by=None, at=at, name="Regular", weekdays=columns, bells=bells
        )

    def _name_teachers(self, school, written, kind, staff, at):
        people = {}
        for each in written:
            code, _, who = each.partition("=")
            if not (code and who):
                raise CommandError(f"Write --teacher CODE=WHO, not {each}.")
            people[code] = staff.people[staff.find(who)]
        actions.name_teachers(school, by=None, at=at, kind=kind, people=people)

    def _person(self, staff, written):
        return str(staff.people[staff.find(written)].uid) if written else ""

    def _asked(self, question):
        asked = []
        if question.schools:
            asked.append(f"Say --school-in-file, one of: {', '.join(question.schools)}.")
        if question.sessions:
            asked.append(f"Say --session, one of: {', '.join(question.sessions)}.")
        if question.people:
            asked.append("Say whose calendar this is, with --person.")
        return " ".join(asked)

    def _tell(self, done, *, is_applied):
        self.stdout.write(
            f"{done.kind.label}: {done.row_count} rows read, {done.used_count} used, "
            f"{len(done.without_teacher)} without a teacher, {done.refused_count} refused."
        )
        self.stdout.write(
            f"Lessons: {len(done.new)} new, {done.unchanged_count} unchanged, "
            f"{len(done.ended)} ended. People who teach: {done.people_count}."
        )
        if done.outside_count:
            self.stdout.write(f"{done.outside_count} events are on no school day of the term.")
        for problem in done.problems[:SHOWN]:
            self.stdout.write(f"  {done.unit} {problem.line}: {problem.sentence}")
        self._tell_more(done.problems)
        unknown = list(done.unknown.values())
        if unknown:
            self.stdout.write(f"{len(unknown)} teachers are not known:")
        for each in unknown[:SHOWN]:
            self.stdout.write(f"  Line {each.line}: {each.sentence} {each.count} lessons.")
        self._tell_more(unknown)
        if done.left_out:
            self.stdout.write(f"Columns left out: {', '.join(done.left_out)}.")
        self.stdout.write(
            "Applied." if is_applied else "Nothing was changed. Add --apply to import."
        )

    def _tell_more(self, told):
        if len(told) > SHOWN:
            self.stdout.write(f"  and {len(told) - SHOWN} more")
