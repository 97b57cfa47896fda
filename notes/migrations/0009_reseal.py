"""What was opened may be sealed anew under another key, by the keeper."""

from django.db import migrations

from notes import narrow_only


def guard(apps, schema_editor):
    narrow_only.restore(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("notes", "0008_log_keepers")]

    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
