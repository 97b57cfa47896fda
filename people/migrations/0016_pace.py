"""How often somebody changed something within a minute, counted on their login."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0015_quiet_hours")]

    operations = [
        migrations.AddField(
            "user", "changes", models.PositiveIntegerField(default=0, db_default=0)
        ),
        migrations.AddField("user", "changing_since", models.DateTimeField(blank=True, null=True)),
    ]
