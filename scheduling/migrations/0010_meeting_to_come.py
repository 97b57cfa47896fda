"""What the clock looks for every minute: the talks of a school that are to come."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0009_calendar_feeds")]

    operations = [
        migrations.AddIndex(
            "meeting",
            models.Index(
                fields=["school", "starts_at"],
                condition=Q(status="planned"),
                name="scheduling_meeting_to_come",
            ),
        ),
    ]
