"""How long notes are kept; what has a tombstone may go, and only the keeper puts one up."""

import django.db.models.deletion
from django.db import migrations, models

from notes import narrow_only


def guard(apps, schema_editor):
    narrow_only.restore(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("notes", "0004_erased_drafts"),
        ("people", "0015_quiet_hours"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tombstone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("written_at", models.DateTimeField()),
                ("rule", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.school",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("memory_months", models.PositiveSmallIntegerField()),
                ("talk_years", models.PositiveSmallIntegerField()),
                ("record_years", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                ("would_go", models.JSONField(default=dict)),
                ("rehearsed_at", models.DateTimeField(blank=True, null=True)),
                ("in_force_at", models.DateTimeField(blank=True, null=True)),
                ("dropped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.school",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("school", "number"), name="notes_retentionrule_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("memory_months__in", (3, 6, 12, 18, 24)),
                            ("talk_years__in", (0, 1, 2, 3)),
                            ("record_years__in", (1, 2, 3, 4, 5, 6, 7)),
                        ),
                        name="notes_retentionrule_within_floor_and_ceiling",
                    ),
                ],
            },
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
