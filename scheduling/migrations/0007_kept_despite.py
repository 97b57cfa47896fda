"""A place may be kept though it meets a lesson, until it meets other lessons."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0006_teacher_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="kept_despite",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
