"""`manage.py status`: how the installation runs, in words; exit status 1: somebody has to look."""

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from django.utils.timesince import timesince

from oneonones import running


class Command(BaseCommand):
    help = (
        "Says how the installation runs: the worker, mail that waits or fails and why, addresses "
        "of staff that the mail server refuses; exit status 1 when somebody has to look."
    )
    requires_system_checks: list[str] = []

    def handle(self, **options):
        at = timezone.now()
        try:
            found = running.look(at=at)
        except DatabaseError as error:
            raise CommandError("The database does not answer.") from error
        outbox = found.outbox
        self.stdout.write(f"Worker: {_seen(found)}")
        self.stdout.write(
            f"Mail: {outbox.due} to send now, {outbox.tried} tried in vain and to be tried again, "
            f"{outbox.scheduled} for later, {outbox.given_up} given up this week."
        )
        if outbox.oldest:
            self.stdout.write(f"The oldest of them waits for {timesince(outbox.oldest, at)}.")
        self._refused(at)
        self.stdout.write(
            f"Log: {found.events} events. Signed in: {found.sessions} browsers. Imports under way: "
            f"{found.imports}. Jobs waiting: {_number(found.messages)}."
        )
        for error, count in outbox.failures.items():
            self.stdout.write(f"{count} x {running.words_for(error)}.")
        for part in found.troubles:
            self.stderr.write(f"{part.title}: {part.words}")
        if found.troubles:
            raise CommandError("Somebody has to look at this.")
        self.stdout.write("All is well.")

    def _refused(self, at):
        staff = running.refused_staff(at=at).order_by("email")
        for address in staff.values_list("email", flat=True):
            self.stdout.write(f"Refused by the mail server: {address}")
        others = running.refused(at=at).count() - staff.count()
        if others:
            self.stdout.write(f"Refused as well: {others} of people who are not staff.")


def _seen(found):
    if found.seen_at is None:
        return "not seen yet."
    return f"seen {timesince(found.seen_at, found.at)} ago, with beat, broker and database."


def _number(count):
    return "not known" if count is None else str(count)
