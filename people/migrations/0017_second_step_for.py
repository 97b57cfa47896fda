"""Whom a school asks for a second step at sign-in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0016_pace")]

    operations = [
        migrations.AddField(
            "school",
            "second_step_for",
            models.CharField(
                choices=[
                    ("offices", "Leaders, counselors, safeguarding leads and administrators"),
                    ("staff", "All staff"),
                    ("everybody", "Everybody who signs in"),
                ],
                db_default="offices",
                default="offices",
                max_length=10,
            ),
        ),
    ]
