"""Bringing a school's roster in: what it would change, and doing it, all or nothing."""

from datetime import date, datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event

from .. import roster
from ..ending import end_people
from ..models import Person, RosterSource, School
from ..permissions import can_administer, require
from .standing import Standing, stands
from .writing import privileged, write


class CannotImport(Exception):
    """Why a roster is not brought in, in words for the person who tried."""


@transaction.atomic
def preview_roster(
    school: School, content: bytes, *, by: Person | None, at: datetime, everyone: str = ""
) -> roster.Diff:
    """
    What applying a roster would change today; nothing is written.

    `by` None is the command line. `everyone` is the kind of role of all in a file that has no
    roles. Raises sheets.CannotRead, and roster.NoRoles where only that is missing.
    """
    on = school.today(at)
    require(by is None or can_administer(by, school, on=on))
    return _preview(school, content, by, on, everyone)[0]


@transaction.atomic
def apply_roster(
    school: School,
    content: bytes,
    *,
    by: Person | None,
    at: datetime,
    digest: str | None = None,
    ends_many: bool = False,
    everyone: str = "",
) -> roster.Diff:
    """
    Bring a roster in, all or nothing; with a `digest`, only if the same would happen as shown.

    People who are missing from it are ended, never deleted; more than a tenth of them only where
    `ends_many` says so. It makes no logins. Raises CannotImport and sheets.CannotRead.
    """
    school = School.objects.select_for_update().get(pk=school.pk)
    on = school.today(at)
    require(by is None or can_administer(by, school, on=on))
    diff, standing = _preview(school, content, by, on, everyone)
    if digest is not None and digest != diff.digest:
        raise CannotImport("The school changed since this was shown. Read it once more.")
    if diff.ends_many and not ends_many:
        raise CannotImport(
            f"{len(diff.ended)} of {diff.on_roster} people would end. "
            "Confirm that they have left, or choose a file with everybody."
        )
    source, _ = RosterSource.objects.get_or_create(school=school, name="roster")
    source.applied_at = at
    source.save(update_fields=["applied_at"])
    if diff.is_empty:
        return diff

    end_people(school, [person.pk for person in diff.ended], on=on)
    write(school, diff, standing, on, source=source)
    note(school, diff, by=by, at=at)
    return diff


def note(school: School, diff: roster.Diff, *, by: Person | None, at: datetime) -> None:
    """Record that a roster was brought in, in numbers, and who got or lost an office."""
    about = [f"school:{school.pk}"]
    counts = f"new:{len(diff.new)}.changed:{len(diff.changed)}.ended:{len(diff.ended)}"
    if offices := privileged(diff):
        record(
            Event.Act.ROLE_CHANGE,
            chain=school.pk,
            by=by.pk if by else None,
            objects=[*about, *(f"person:{pk}" for pk in offices)],
            basis="roster",
            at=at,
        )
    record(
        Event.Act.ROSTER_APPLY,
        chain=school.pk,
        by=by.pk if by else None,
        objects=about,
        basis=counts,
        at=at,
    )


def _preview(
    school: School, content: bytes, by: Person | None, on: date, everyone: str
) -> tuple[roster.Diff, Standing]:
    month_first = school.locale.lower() == "en-us"
    sheet = roster.read(content, month_first=month_first, everyone=everyone)
    standing = stands(school, on, entries=sheet.entries)
    checked = roster.check(
        sheet,
        standing.people.values(),
        on=on,
        group_names=[group.name for group in standing.groups.values()],
        classes=[key for key, group in standing.groups.items() if group.external_id],
    )
    return roster.compare(checked, by=by.pk if by else None), standing
