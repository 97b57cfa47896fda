"""What Django needs to know about this app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .emails import register_renderers  # models are not loaded before this moment

        register_renderers()
