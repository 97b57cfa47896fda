"""`manage.py seed_demo`: make the demo school, in the middle of a term, if there is none."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from oneonones.demo import seed


class Command(BaseCommand):
    help = "Make Alder Creek School, an invented school to try things in, if there is no demo yet."

    def handle(self, **options):
        school = seed(at=timezone.now())
        if school is None:
            self.stdout.write("There is a demo school already. Nothing was changed.")
        else:
            self.stdout.write(f"Made {school.name}.")
