"""What the keeper does with parts, without showing one: renew their keys, prove they open."""

from django.db import connection, transaction
from django.utils import timezone

from audit import keyring
from audit.stores import CannotSee, Renew, Renewed, Store, register

from .checks import BOUND
from .models import Part
from .models.parts import PartQuerySet, Why
from .vault import bound_to, still_opens


def count(key_id: str) -> int:
    """How many parts lie under a key of the ring. Raises CannotSee."""
    return _every_part().filter(key_id=key_id).count()


@transaction.atomic
def renew(after: int, size: int, how: Renew) -> Renewed | None:
    """Put the next parts that are not under the current key under it. Raises CannotSee."""
    parts = list(
        _every_part()
        .filter(pk__gt=after)
        .exclude(key_id=keyring.current_key_id("parts"))
        .select_related("agreement")
        .select_for_update(of=("self",))
        .order_by("pk")[:size]
    )
    done = []
    for part in parts:
        box = keyring.Box(part.key_id, bytes(part.dek), bytes(part.box))
        try:
            box = how("parts", box, bound=bound_to(part))
        except keyring.CannotOpen:
            continue  # for whoever looks into what was changed
        part.key_id, part.dek, part.box = box.key_id, box.dek, box.box
        done.append(part)
    _every_part().bulk_update(done, ["key_id", "dek", "box"])
    return Renewed(parts[-1].pk, len(done), len(parts) - len(done)) if parts else None


def prove(size: int) -> tuple[int, int]:
    """
    Open so many parts, chosen at random, and show none: how many were tried, how many do not open.

    Raises CannotSee, or vault.Away.
    """
    parts = _every_part(Why.DRILL).select_related("agreement").order_by("?")[:size]
    proven = [still_opens(part) for part in parts]
    return len(proven), proven.count(False)


def _every_part(why: Why = Why.REWRAP) -> PartQuerySet:
    require_every_row()
    return Part.objects.system(why, by=None, at=timezone.now())


def require_every_row() -> None:
    """
    Refuse a role that sees some of the parts only. Raises CannotSee.

    It would call a key unused that the others need, and leave what has ended.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(BOUND)
        has_rules, is_owner, is_exempt = cursor.fetchone()
    if has_rules and not (is_owner or is_exempt):
        raise CannotSee("This database role does not see every note. Set DATABASE_ROLE=keeper.")


def register_stores() -> None:
    register(Store("notes", "parts", count, renew))
