"""Taking over what somebody who left was host or adult of, as it was chosen."""

from collections.abc import Collection, Sequence
from datetime import date

from ..ending import lasting
from ..models import Group, Handover, Membership, Pairing, Person, Role, School
from ..permissions import has_role, hosts_of
from .pairings import CannotPair, pair


def take_over(
    school: School,
    leavers: Collection[int],
    pairings: Sequence[Pairing],
    *,
    by: Person | None,
    on: date,
) -> None:
    """
    Do what was chosen for these pairings and for the groups of those who left.

    Whoever was chosen and has left too, or may not host any more, takes over nothing: it is listed
    as without a host.
    """
    ended = {each.pk for each in pairings if each.host_id in leavers}
    chosen = Handover.objects.filter(leaver__in=leavers, to__isnull=False)
    for handover in chosen.select_related("to", "group", "pairing__attendee").order_by("pk"):
        if handover.group is not None and handover.group.school_id == school.pk:
            _join(handover.group, handover.to, on=on)
        elif handover.pairing_id in ended:
            open_for(handover, by=by, on=on)


def open_for(handover: Handover, *, by: Person | None, on: date) -> Pairing | None:
    """
    The pairing of who takes over, from a date on; None where they cannot.

    How often, how long and whose talk it is stay; an agreement, notes and history do not come with
    it. Where the two meet for this already, that goes on as it is.
    """
    old, to = handover.pairing, handover.to
    if old is None or to is None or not has_role(to, old.school, *hosts_of(old.kind), on=on):
        return None
    try:
        opened = pair(
            old.school,
            host=to,
            attendee=old.attendee,
            kind=old.kind,
            by=by,
            on=on,
            cadence=old.cadence,
            minutes=old.minutes,
            ownership=old.ownership,
        )
    except CannotPair:
        return None
    handover.opened = opened
    handover.save(update_fields=["opened"])
    return opened


def _join(group: Group, adult: Person | None, *, on: date) -> None:
    if adult is None or not has_role(adult, group.school, *Role.STAFF, on=on):
        return
    if group.ends_on is not None and group.ends_on < on:
        return
    if not Membership.objects.filter(lasting(on), group=group, person=adult).exists():
        Membership.objects.create(group=group, person=adult, is_adult=True, starts_on=on)
