"""What `manage.py check` says about the list of leaked passwords."""

from django.conf import settings
from django.core import checks

from .leaked import trouble_with


def check_leaked_passwords(**_: object) -> list[checks.CheckMessage]:
    """Look at the beginning of the list, where the settings name one."""
    path = settings.LEAKED_PASSWORDS
    if not path or not (trouble := trouble_with(path)):
        return []
    hint = f"LEAKED_PASSWORDS is {path}; docs/operations.md (Limits)."
    return [checks.Warning(trouble, hint=hint, id="people.W001")]
