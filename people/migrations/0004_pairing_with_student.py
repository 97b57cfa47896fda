from django.db import migrations, models

STAFF = (
    "leader",
    "teacher",
    "counselor",
    "support_staff",
    "safeguarding_lead",
    "school_admin",
)


def name_the_staff(apps, schema_editor):
    staff = apps.get_model("people", "Role").objects.filter(kind__in=STAFF)
    pairings = apps.get_model("people", "Pairing").objects
    pairings.filter(attendee__in=staff.values("person")).exclude(kind="counseling").update(
        is_with_student=False
    )


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_pairing_without_invitation"),
    ]

    operations = [
        migrations.AddField(
            model_name="pairing",
            name="is_with_student",
            field=models.BooleanField(default=True),
        ),
        migrations.RunPython(name_the_staff, migrations.RunPython.noop),
    ]
