"""Take days without school over from a calendar: a preview, or with --apply the change."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from people import fetching
from people.models import School
from people.sheets import CannotRead
from scheduling import actions, closure_files
from scheduling.actions import Choice
from scheduling.closure_files import What

SHOWN = 100  # lines of each part


class Command(BaseCommand):
    help = (
        "Take days without school over from a calendar (.ics), a file or an address. What sounds "
        "like days off closes; what is no longer in the calendar stays closed, unless you say "
        "otherwise."
    )

    def add_arguments(self, parser):
        parser.add_argument("source", metavar="FILE_OR_ADDRESS")
        parser.add_argument("--school", required=True, metavar="SLUG")
        parser.add_argument("--apply", action="store_true", help="without it nothing is changed")
        parser.add_argument(
            "--also",
            action="append",
            default=[],
            metavar="NAME",
            help="an event of whole days that closes too, whatever it sounds like",
        )
        parser.add_argument(
            "--not",
            action="append",
            default=[],
            dest="not_these",
            metavar="NAME",
            help="an event that does not close, and is not offered again",
        )
        parser.add_argument(
            "--reopen-gone",
            action="store_true",
            help="let there be school again where an event is no longer in the calendar",
        )

    def handle(self, **options):
        school = School.objects.filter(slug=options["school"]).first()
        if school is None:
            raise CommandError(f"There is no school called {options['school']}.")
        content, at = _content(options["source"]), timezone.now()
        try:
            plan = closure_files.plan(school, content, on=school.today(at))
            choices = _choices(plan, options)
            with transaction.atomic():
                done = actions.apply_closures(
                    school, by=None, at=at, content=content, choices=choices, digest=plan.digest
                )
                transaction.set_rollback(not options["apply"])
        except (CannotRead, actions.CannotChangeCalendar) as error:
            raise CommandError(str(error)) from error
        self._tell(plan, choices)
        if done.effect.meetings or done.effect.reopened:
            self.stdout.write(
                f"One-on-ones: {done.effect.meetings} are closed, "
                f"{done.effect.reopened} are planned again."
            )
        self.stdout.write(
            "Applied." if options["apply"] else "Nothing was changed. Add --apply to do it."
        )

    def _tell(self, plan, choices):
        self.stdout.write(
            f"{plan.count} events read, {plan.outside} outside the school days from "
            f"{plan.begins} to {plan.ends}."
        )
        if not plan.is_whole:
            self.stdout.write("The calendar breaks off. What is missing is not taken as gone.")
        for what, words in TITLES.items():
            rows = plan.of(what)
            self._list(
                f"{words}:",
                [f"{_mark(what, choices.get(row.key))}{row.name}: {_days(row)}" for row in rows],
            )
        self._list(
            "Refused:",
            [f"{each.number}, {each.name or 'no name'}: {each.sentence}" for each in plan.refused],
        )
        self.stdout.write(f"At a time of the day, which close nothing: {len(plan.timed)}.")

    def _list(self, title, lines):
        if lines:
            self.stdout.write(title)
            for line in lines[:SHOWN]:
                self.stdout.write(f"  {line}")
            if len(lines) > SHOWN:
                self.stdout.write(f"  and {len(lines) - SHOWN} more")


TITLES = {
    What.NEW: "Sound like days without school",
    What.CHANGED: "Changed in the calendar",
    What.GONE: "No longer in the calendar",
    What.SAME: "There already",
    What.OTHER: "Other whole days",
}


def _content(source):
    """The file, or what is at the address; the address itself is told to nobody."""
    if "://" in source:
        try:
            return fetching.fetch(source)
        except fetching.CannotFetch as error:
            raise CommandError(str(error)) from error
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise CommandError(f"{source} cannot be read: {error.strerror}.") from error


def _choices(plan, options):
    """What holds without a person who looks: the guesses, and what the options say."""
    choices = {}
    for row in plan.open:
        if row.what == What.GONE:
            if options["reopen_gone"]:
                choices[row.key] = Choice(is_yes=True)
        elif row.name in options["not_these"]:
            choices[row.key] = Choice(is_yes=False)
        else:
            choices[row.key] = Choice(is_yes=row.is_ticked or row.name in options["also"])
    _require_known({row.name for row in plan.rows}, [*options["also"], *options["not_these"]])
    return choices


def _require_known(names, said):
    for name in said:
        if name not in names:
            raise CommandError(f"No event of whole days is called {name}.")


def _mark(what, choice):
    if what == What.SAME:
        return ""
    return "[x] " if choice and choice.is_yes else "[ ] "


def _days(row):
    days = row.stretches or row.before
    said = [
        f"{each.starts_on}" + (f" to {each.ends_on}" if each.ends_on != each.starts_on else "")
        for each in days
    ]
    more = f" and {len(said) - 4} more" if len(said) > 4 else ""
    return ", ".join(said[:4]) + more
