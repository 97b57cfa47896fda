"""Say who administers the district: adds schools, and sees totals of each."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from people import actions


class Command(BaseCommand):
    help = "Let somebody who is known at a school administer the district; --end takes it back."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--end", action="store_true", help="they do so no more")

    def handle(self, **options):
        at = timezone.now()
        email = options["email"].strip().lower()
        try:
            with transaction.atomic():
                if options["end"]:
                    person = actions.end_for_district(email, by=None, at=at)
                else:
                    person = actions.name_for_district(email, by=None, at=at)
                    actions.invite_user(person, by=None, at=at, with_letter=True)
        except (actions.CannotChangeSchool, actions.CannotInvite) as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        said = "no longer administers" if options["end"] else "administers"
        self.stdout.write(f"{person.name} {said} the district.")
