"""What Django needs to know about this app."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "oneonones"
    default_auto_field = "django.db.models.BigAutoField"
