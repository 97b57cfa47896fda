"""PostgreSQL's own rule of who reads a part, for all roles but the owner and the keeper."""

from django.db import migrations

from notes import row_rules


def guard(apps, schema_editor):
    row_rules.restore(schema_editor.connection)


def unguard(apps, schema_editor):
    row_rules.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("notes", "0002_narrow_only"),
        ("people", "0005_rotation_days"),
    ]

    operations = [migrations.RunPython(guard, unguard)]
