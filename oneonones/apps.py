"""What Django needs to know about this app."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Tags, register

from .backup.checks import check_backups
from .connections import check_connections, check_proxies


class ProjectConfig(AppConfig):
    name = "oneonones"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Make the folders that SQLite, a broker and mails in files need, for us only."""
        register(check_backups, Tags.security, "backups")
        register(check_connections, Tags.security)
        register(check_proxies, Tags.security, deploy=True)
        folders = []
        if settings.EMAIL_BACKEND == "django.core.mail.backends.filebased.EmailBackend":
            folders.append(Path(settings.EMAIL_FILE_PATH))
        if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
            folders.append(Path(settings.DATABASES["default"]["NAME"]).parent)
        if not settings.REDIS_URL:
            options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
            folders += [Path(place) for name, place in options.items() if "folder" in name]
        for folder in folders:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
