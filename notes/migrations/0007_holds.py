"""What is on hold is not deleted: by whom it was asked for, and triggers that refuse it."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from notes import narrow_only


def guard(apps, schema_editor):
    narrow_only.restore(schema_editor.connection)


def unguard(apps, schema_editor):
    narrow_only.drop(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("notes", "0006_schools_decide"),
    ]

    operations = [
        migrations.RunPython(
            migrations.RunPython.noop, guard
        ),  # those from before, on the way back
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("written_from", models.DateTimeField(blank=True, null=True)),
                ("written_until", models.DateTimeField(blank=True, null=True)),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("court", "A court or an authority asks for it"),
                            ("request", "Somebody asks for what is kept of them"),
                            ("complaint", "A complaint or a grievance"),
                            ("safeguarding", "A safeguarding inquiry"),
                            ("claim", "A claim that is expected"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reference", models.CharField(max_length=30)),
                ("until", models.DateField()),
                ("asked_at", models.DateTimeField()),
                ("agreed_at", models.DateTimeField(blank=True, null=True)),
                ("release_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="part",
            name="put_aside_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="part",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("put_aside_at__isnull", True), ("is_draft", True), _connector="OR"
                ),
                name="notes_part_only_drafts_are_put_aside",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="agreed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="other",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="release_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="school",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.school"
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["school"],
                name="notes_hold_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("other__isnull", True),
                    models.Q(
                        ("person__isnull", False),
                        models.Q(("person", models.F("other")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="notes_hold_names_one_or_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("person__isnull", False),
                    models.Q(("written_from__isnull", False), ("written_until__isnull", False)),
                    _connector="OR",
                ),
                name="notes_hold_of_everybody_has_a_span",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("written_from__isnull", True),
                    ("written_until__isnull", True),
                    ("written_from__lt", models.F("written_until")),
                    _connector="OR",
                ),
                name="notes_hold_begins_before_it_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("written_until__isnull", True),
                    ("written_until__lte", models.F("asked_at")),
                    _connector="OR",
                ),
                name="notes_hold_span_is_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_at__isnull", True), ("agreed_by__isnull", True)),
                    models.Q(
                        ("agreed_at__isnull", False),
                        ("agreed_by__isnull", False),
                        models.Q(("agreed_by", models.F("asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="notes_hold_agreed_by_a_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agreed_at__isnull", True),
                    ("ended_by__isnull", True),
                    models.Q(
                        ("release_by__isnull", False),
                        models.Q(("release_by", models.F("ended_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="notes_hold_released_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("release_at__isnull", True), ("release_by__isnull", True)),
                    models.Q(
                        ("agreed_at__isnull", False),
                        ("release_at__isnull", False),
                        ("release_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="notes_hold_release_is_asked_for",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_by__isnull", True), ("ended_at__isnull", False), _connector="OR"
                ),
                name="notes_hold_ends_with_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asked_by", models.F("person")), _negated=True),
                    models.Q(("asked_by", models.F("other")), _negated=True),
                ),
                name="notes_hold_asked_by_is_not_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_by", models.F("person")), _negated=True),
                    models.Q(("agreed_by", models.F("other")), _negated=True),
                ),
                name="notes_hold_agreed_by_is_not_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("release_by", models.F("person")), _negated=True),
                    models.Q(("release_by", models.F("other")), _negated=True),
                ),
                name="notes_hold_release_by_is_not_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_by", models.F("person")), _negated=True),
                    models.Q(("ended_by", models.F("other")), _negated=True),
                ),
                name="notes_hold_ended_by_is_not_named",
            ),
        ),
        migrations.RunPython(guard, unguard),
    ]
