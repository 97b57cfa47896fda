"""As which role of the database a process works: an address that is missing stops the start."""

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

VARIABLES = {
    "app": "DATABASE_URL",
    "owner": "DATABASE_OWNER_URL",
    "keeper": "KEEPER_DATABASE_URL",
}


def url_of(role: str, urls: Mapping[str, str]) -> str:
    """
    The address for a role, never another role's: migrations by the app fail halfway, and a keeper
    who is the app sees none of the notes and would call that all of them.

    Raises ImproperlyConfigured for a role that has no address, and for one that there is not.
    """
    if role not in VARIABLES:
        raise ImproperlyConfigured(
            f"DATABASE_ROLE is {role!r}: write app, owner or keeper, or leave it out."
        )
    if not urls[role]:
        raise ImproperlyConfigured(
            f"DATABASE_ROLE is {role}, and {VARIABLES[role]} is not set: give the address of that "
            "role (.env.owner.example), or leave DATABASE_ROLE out."
        )
    return urls[role]
