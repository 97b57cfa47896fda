from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0007_nudge"),
    ]

    operations = [
        migrations.AddField(
            model_name="rostersource",
            name="applied_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
