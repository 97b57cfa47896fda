"""Changes that go as one mail, and who wants invitations for their calendar."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("people", "0017_second_step_for")]

    operations = [
        migrations.AddField("person", "calendar_by_mail", models.BooleanField(default=True)),
        migrations.AddField("outgoingmail", "together", models.UUIDField(blank=True, null=True)),
        migrations.AddField("outgoingmail", "had_file", models.BooleanField(default=False)),
        migrations.AddIndex(
            "outgoingmail",
            models.Index(
                condition=Q(together__isnull=False),
                fields=["together", "person"],
                name="people_outgoingmail_together",
            ),
        ),
    ]
