"""A leave has an address, and is looked up by its person and last day."""

import uuid

from django.db import migrations, models


def fill(apps, schema_editor):
    for leave in apps.get_model("people", "Leave").objects.all():
        leave.uid = uuid.uuid4()
        leave.save(update_fields=["uid"])


class Migration(migrations.Migration):
    dependencies = [("people", "0008_rostersource_applied_at")]

    operations = [
        migrations.AddField("leave", "uid", models.UUIDField(editable=False, null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            "leave", "uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
        ),
        migrations.AddIndex(
            "leave", models.Index(fields=["person", "ends_on"], name="people_leave_of_person")
        ),
    ]
