"""An index of what events name, for "who has seen this"; only PostgreSQL has such an index."""

from django.db import migrations

INDEX = "CREATE INDEX audit_event_about ON audit_event USING gin (about jsonb_path_ops)"


def index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(INDEX)


def unindex(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX audit_event_about")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [migrations.RunPython(index, unindex)]
