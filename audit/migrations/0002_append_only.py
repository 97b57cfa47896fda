"""Triggers that refuse to change or delete events, and no such privilege for other roles."""

from django.db import migrations

from audit import append_only


def guard(apps, schema_editor):
    append_only.restore_append_only(schema_editor.connection)
    append_only.narrow_privileges(schema_editor.connection)


def unguard(apps, schema_editor):
    append_only.drop_append_only(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
