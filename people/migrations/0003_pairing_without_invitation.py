from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_outgoingmail_about"),
    ]

    operations = [
        migrations.RemoveField(model_name="pairing", name="answer"),
        migrations.RemoveField(model_name="pairing", name="answered_at"),
        migrations.RemoveField(model_name="pairing", name="invited_at"),
    ]
