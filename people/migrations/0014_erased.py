"""People whose own data was erased: nobody brings them back, by whatever way."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("people", "0013_departure_to_kind")]

    operations = [
        migrations.AddField("person", "erased_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "person",
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(is_active=False, user__isnull=True, email="", external_id=""),
                name="people_person_erased_is_nobody",
            ),
        ),
    ]
