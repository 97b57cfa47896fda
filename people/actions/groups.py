"""Who belongs to which group of a school, by hand."""

from datetime import datetime

from django.db import IntegrityError, transaction

from audit.models import Event

from ..ending import end, lasting
from ..models import Change, Group, Membership, Person, Role
from ..permissions import require
from .persons import CannotChangePerson, locked, note


@transaction.atomic
def join_group(person: Person, group: Group, *, by: Person, at: datetime) -> Change:
    """Put somebody of the school in a group from today on: staff as its adult. One row each."""
    on = locked(group.school, by=by, at=at)
    kinds = set(
        Role.objects.live(person, on=on).filter(school=group.school).values_list("kind", flat=True)
    )
    require(bool(kinds))
    try:
        with transaction.atomic():
            row = Membership.objects.create(
                group=group,
                person=person,
                is_adult=not kinds.isdisjoint(Role.STAFF),
                starts_on=on,
            )
    except IntegrityError as error:
        raise CannotChangePerson("They are in this group already.", "group") from error
    note(Event.Act.PERSON_CHANGE, group.school, person, by=by, at=at, basis="group.join")
    return Change.objects.create(by=by, verb="group.join", refs={"membership": row.pk}, at=at)


@transaction.atomic
def leave_group(membership: Membership, *, by: Person, at: datetime) -> Change:
    """Take somebody out of a group, now."""
    school = membership.group.school
    on = locked(school, by=by, at=at)
    row = Membership.objects.filter(lasting(on), pk=membership.pk).first()
    if row is None:
        raise CannotChangePerson("They are not in this group any more.")
    refs = {
        "membership": row.pk,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on and row.ends_on.isoformat(),
    }
    end(Membership.objects.filter(pk=row.pk), on=on)
    note(Event.Act.PERSON_CHANGE, school, membership.person, by=by, at=at, basis="group.leave")
    return Change.objects.create(by=by, verb="group.leave", refs=refs, at=at)
