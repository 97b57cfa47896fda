"""Keeping a school itself: what it is called, its clock, who stands behind counseling; the demo."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db import transaction

from audit.actions import record
from audit.models import Event

from ..ending import end_people
from ..models import Person, Role, School
from ..permissions import can_administer, require


class CannotChangeSchool(Exception):
    """Why a school stays as it is, in words for the person who tried."""


@transaction.atomic
def open_school(
    name: str,
    *,
    by: Person | None,
    at: datetime,
    slug: str,
    time_zone: str,
    given_name: str,
    family_name: str,
    email: str,
) -> Person:
    """
    Begin a school, with its first administrator, who is returned and has no login yet.

    Only from the command line (`by` None). Raises CannotChangeSchool.
    """
    require(by is None)
    if School.objects.filter(slug=slug).exists():
        raise CannotChangeSchool(f"There is a school {slug} already.")
    school = School(name=name, slug=slug, time_zone=time_zone)
    person = Person(given_name=given_name, family_name=family_name, email=email.lower())
    try:
        ZoneInfo(time_zone)
        school.full_clean()
        person.full_clean()
    except ValidationError as error:
        raise CannotChangeSchool(" ".join(error.messages)) from error
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CannotChangeSchool(
            f"{time_zone} is not a time zone. Write one such as America/Chicago."
        ) from error
    school.save()
    person.save()
    Role.objects.create(
        person=person, school=school, kind=Role.Kind.SCHOOL_ADMIN, starts_on=school.today(at)
    )
    record(
        Event.Act.SCHOOL_CHANGE,
        chain=school.pk,
        by=None,
        objects=[f"school:{school.pk}", f"person:{person.pk}"],
        basis="open",
        at=at,
    )
    return person


@transaction.atomic
def change_school(
    school: School,
    *,
    by: Person,
    at: datetime,
    name: str,
    time_zone: str,
    locale: str,
    policy: str,
    safeguarding_lead: Person | None,
    safeguarding_phone: str,
) -> School:
    """Keep what a school is called, its clock, its law, and who hears of a concern."""
    school = School.objects.select_for_update().get(pk=school.pk)
    on = school.today(at)
    require(can_administer(by, school, on=on))
    if safeguarding_lead is not None:
        staff = Person.objects.staff_of(school, on=on)
        if not staff.filter(pk=safeguarding_lead.pk).exists():
            raise CannotChangeSchool("The safeguarding lead has to be on the staff.")
    school.name = name
    school.time_zone = time_zone
    school.locale = locale
    school.policy = policy
    school.safeguarding_lead = safeguarding_lead
    school.safeguarding_phone = safeguarding_phone
    school.save()
    record(
        Event.Act.SCHOOL_CHANGE,
        chain=school.pk,
        by=by.pk,
        objects=[f"school:{school.pk}"],
        at=at,
    )
    return school


@transaction.atomic
def close_demo(school: School, *, by: Person, at: datetime) -> None:
    """
    Close the demo school: nobody can enter it any more, and nothing in it goes on.

    Its invented rows stay, because notes and the log cannot be deleted by anybody. Administrators
    of a real school do this. Raises CannotChangeSchool for a school that is not a demo.
    """
    school = School.objects.select_for_update().get(pk=school.pk)
    if not school.is_demo:
        raise CannotChangeSchool("Only a demo school can be closed.")
    real = School.objects.filter(is_demo=False, roles__person=by).distinct()
    require(any(can_administer(by, each, on=each.today(at)) for each in real))
    people = Role.objects.filter(school=school).values_list("person", flat=True).distinct()
    end_people(school, people, on=school.today(at))
    record(
        Event.Act.SCHOOL_CHANGE,
        chain=school.pk,
        by=by.pk,
        objects=[f"school:{school.pk}"],
        basis="demo.close",
        at=at,
    )
