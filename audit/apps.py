"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from .checks import check_key_ring


class AuditConfig(AppConfig):
    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(check_key_ring, Tags.security, "keys")
