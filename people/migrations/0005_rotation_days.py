from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_pairing_with_student"),
    ]

    operations = [
        migrations.AddField(
            model_name="school",
            name="rotation_days",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
