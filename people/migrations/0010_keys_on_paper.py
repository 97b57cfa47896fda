from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0009_leave_uid")]

    operations = [
        migrations.AddField("school", "keys_on_paper_on", models.DateField(blank=True, null=True)),
    ]
