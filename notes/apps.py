"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from .checks import check_row_rules


class NotesConfig(AppConfig):
    name = "notes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from people import departures  # noqa: PLC0415 -- models are loaded only now

        from .departing import note_endings  # noqa: PLC0415
        from .emails import register_renderers  # noqa: PLC0415
        from .erasing import register_erasure  # noqa: PLC0415
        from .keeping import register_stores  # noqa: PLC0415
        from .own_data import register_rows  # noqa: PLC0415
        from .setting_up import register_steps  # noqa: PLC0415

        register(check_row_rules, Tags.security, deploy=True)
        register_renderers()
        register_erasure()
        register_rows()
        register_steps()
        register_stores()
        departures.register(note_endings)
