"""Let an administrator who has lost the second step set it up anew."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people import actions
from people.models import Person


class Command(BaseCommand):
    help = (
        "Take the second step off for somebody who has lost it, where no administrator can: see "
        "who it is first. Their password and sessions end, and they are told by mail."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="the address they sign in with")

    def handle(self, **options):
        person = Person.objects.filter(user__email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError("Nobody signs in with this address. Nothing was changed.")
        try:
            actions.take_off_second_step(person, by=None, at=timezone.now())
        except actions.CannotTakeOff as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self.stdout.write("They sign in with a code by mail now, and set it up anew.")
