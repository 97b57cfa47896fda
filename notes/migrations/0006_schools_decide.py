"""Schools that are here already are asked before anything of theirs is deleted."""

from django.db import migrations
from django.utils import timezone


def propose(apps, schema_editor):
    school_model = apps.get_model("people", "School")
    apps.get_model("notes", "RetentionRule").objects.bulk_create(
        apps.get_model("notes", "RetentionRule")(
            school=school,
            number=1,
            memory_months=12,
            talk_years=1,
            record_years=3,
            at=timezone.now(),
        )
        for school in school_model.objects.all()
    )


class Migration(migrations.Migration):
    dependencies = [("notes", "0005_retention")]

    operations = [migrations.RunPython(propose, migrations.RunPython.noop)]
