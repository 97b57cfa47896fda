"""Hours in which somebody wants no mail, and more ways to be reminded."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("people", "0014_erased")]

    operations = [
        migrations.AddField(
            "person", "quiet_from", models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AddField(
            "person", "quiet_until", models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AlterField(
            "person",
            "reminder",
            models.CharField(
                choices=[
                    ("day", "The day before"),
                    ("hour", "An hour before"),
                    ("morning", "One mail each morning"),
                    ("none", "None"),
                ],
                default="day",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            "person",
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & Q(quiet_from__lte=23, quiet_until__lte=23)
                & ~Q(quiet_from=F("quiet_until")),
                name="people_person_quiet_from_until",
            ),
        ),
    ]
