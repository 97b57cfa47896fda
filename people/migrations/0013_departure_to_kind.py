from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0012_sessions")]

    operations = [
        migrations.AddField(
            "departure",
            "to_kind",
            models.CharField(
                blank=True,
                choices=[
                    ("leader", "Leader"),
                    ("teacher", "Teacher"),
                    ("counselor", "Counselor"),
                    ("support_staff", "Support staff"),
                    ("safeguarding_lead", "Safeguarding lead"),
                    ("school_admin", "Administrator"),
                    ("district_admin", "District administrator"),
                    ("student", "Student"),
                    ("guardian", "Guardian"),
                ],
                default="",
                max_length=20,
            ),
            preserve_default=False,
        ),
    ]
