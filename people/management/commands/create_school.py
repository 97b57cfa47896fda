"""Begin a school: its name, and the administrator who sets up the rest in the browser."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from people import actions


class Command(BaseCommand):
    help = "Begin a school with its first administrator, who signs in by a code sent by mail."

    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument("--administrator", required=True, metavar="EMAIL")
        parser.add_argument("--given-name", required=True)
        parser.add_argument("--family-name", required=True)
        parser.add_argument("--time-zone", default="America/New_York")
        parser.add_argument("--slug", help="short name for commands; made from the name")

    def handle(self, **options):
        at = timezone.now()
        slug = options["slug"] or slugify(options["name"])[:50]
        try:
            with transaction.atomic():
                person = actions.open_school(
                    options["name"],
                    by=None,
                    at=at,
                    slug=slug,
                    time_zone=options["time_zone"],
                    administrator=actions.Newcomer(
                        options["given_name"], options["family_name"], options["administrator"]
                    ),
                )
                actions.invite_user(person, by=None, at=at, with_letter=True)
        except (actions.CannotChangeSchool, actions.CannotInvite) as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self.stdout.write(
            f"Made {options['name']} ({slug}). {person.name} signs in as {person.email}, "
            "by a code sent by mail."
        )
