"""PostgreSQL lets drafts of somebody who has left be erased, and shows them to nobody."""

from django.db import migrations

from notes import row_rules


def guard(apps, schema_editor):
    row_rules.restore(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("notes", "0003_row_rules")]

    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
