"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.core import checks

from .checks import check_leaked_passwords


class PeopleConfig(AppConfig):
    name = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .actions.erasing import register_erasure  # noqa: PLC0415 -- models are loaded only now
        from .departures import register_endings  # noqa: PLC0415
        from .emails import register_renderers  # noqa: PLC0415
        from .keeping import register_stores  # noqa: PLC0415
        from .own_data import register_rows  # noqa: PLC0415
        from .setting_up import register_steps  # noqa: PLC0415
        from .undoing import register_inverses  # noqa: PLC0415

        checks.register(check_leaked_passwords, checks.Tags.security)
        register_renderers()
        register_endings()
        register_erasure()
        register_rows()
        register_steps()
        register_stores()
        register_inverses()
