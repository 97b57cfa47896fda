from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_rosters_of_a_district"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="is_nudged",
            field=models.BooleanField(default=True),
        ),
    ]
