"""Days of a rotation are columns too, and closed days keep the column that they would have had."""

from datetime import timedelta

from django.db import migrations, models


def keep_closed_days(apps, schema_editor):
    """The closed days of weeks that have a letter, which were known from their week alone."""
    Closure = apps.get_model("scheduling", "Closure")
    SchoolDay = apps.get_model("scheduling", "SchoolDay")
    for closure in Closure.objects.filter(stops_meetings=True).select_related("school"):
        school = closure.school
        standing = set(SchoolDay.objects.filter(school=school).values_list("date", flat=True))
        weeks = list(school.weeks.exclude(cycle_week=None))
        terms = list(school.terms.all())
        for number in range((closure.ends_on - closure.starts_on).days + 1):
            on = closure.starts_on + timedelta(days=number)
            term = next((each for each in terms if each.starts_on <= on <= each.ends_on), None)
            week = next(
                (each for each in weeks if 0 <= (on - each.starts_on).days < 7),
                None,
            )
            column = str(on.isoweekday())
            if term and week and column in school.weekdays and on not in standing:
                standing.add(on)
                SchoolDay.objects.create(
                    school=school,
                    term=term,
                    week=week,
                    date=on,
                    column=column,
                    pass_number=week.cycle_week,
                    is_open=False,
                )


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0003_invitation"),
    ]

    operations = [
        migrations.AddField(
            model_name="closure",
            name="skips_rotation",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="schoolday",
            name="is_open",
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name="schoolday",
            name="column",
            field=models.CharField(blank=True, max_length=2),
        ),
        migrations.AlterField(
            model_name="bellschedule",
            name="weekdays",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.RunPython(keep_closed_days, migrations.RunPython.noop),
    ]
