"""Triggers that refuse to widen a finished part, or to change or delete what was agreed."""

from django.db import migrations

from notes import narrow_only


def guard(apps, schema_editor):
    narrow_only.restore(schema_editor.connection)


def unguard(apps, schema_editor):
    narrow_only.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
