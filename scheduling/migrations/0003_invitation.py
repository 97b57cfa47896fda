"""An invitation belongs to a sign-up, so that a second term can be invited to by itself."""

import django.db.models.deletion
from django.db import migrations, models


def keep_invitations(apps, schema_editor):
    """What pairings said of their last invitation goes to the newest sign-up of then."""
    Invitation = apps.get_model("scheduling", "Invitation")
    SignUp = apps.get_model("scheduling", "SignUp")
    Pairing = apps.get_model("people", "Pairing")
    for pairing in Pairing.objects.exclude(invited_at=None):
        sign_up = (
            SignUp.objects.filter(host=pairing.host_id, opens_at__lte=pairing.invited_at)
            .order_by("-term__starts_on", "-pk")
            .first()
        )
        if sign_up is not None:
            Invitation.objects.create(
                sign_up=sign_up,
                pairing=pairing,
                invited_at=pairing.invited_at,
                answer=pairing.answer,
                answered_at=pairing.answered_at,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_outgoingmail_about"),
        ("scheduling", "0002_one_place"),
    ]
    run_before = [
        ("people", "0003_pairing_without_invitation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("invited_at", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none_fit", "None of these times fit"),
                            ("not_now", "Not now"),
                            ("talk", "Would rather talk about it first"),
                        ],
                        max_length=10,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "pairing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="people.pairing",
                    ),
                ),
                (
                    "sign_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="scheduling.signup",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("sign_up", "pairing"), name="scheduling_invitation_once"
                    )
                ],
            },
        ),
        migrations.RunPython(keep_invitations, migrations.RunPython.noop),
    ]
