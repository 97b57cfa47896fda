"""The school's own calendar: its address, and what was decided of its events."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0010_keys_on_paper"),
        ("scheduling", "0007_kept_despite"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("calendar", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=64)),
                ("says", models.CharField(max_length=64)),
                ("name", models.CharField(blank=True, max_length=80)),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendar_events",
                        to="people.school",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "key"), name="scheduling_calendarevent_key_once"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="closure",
            name="event",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="closures",
                to="scheduling.calendarevent",
            ),
        ),
        migrations.CreateModel(
            name="CalendarSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed", models.TextField()),
                ("host", models.CharField(max_length=253)),
                ("tried_at", models.DateTimeField()),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                ("failed_since", models.DateTimeField(blank=True, null=True)),
                ("error", models.CharField(blank=True, max_length=400)),
                ("new_count", models.PositiveSmallIntegerField(default=0)),
                ("changed_count", models.PositiveSmallIntegerField(default=0)),
                ("gone_count", models.PositiveSmallIntegerField(default=0)),
                ("news_since", models.DateTimeField(blank=True, null=True)),
                (
                    "school",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendar_source",
                        to="people.school",
                    ),
                ),
            ],
        ),
    ]
