"""Keeping a school itself: what it is called, its clock, who stands behind counseling; the demo."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event

from ..ending import end_people
from ..models import Person, Role, School
from ..permissions import can_administer, require


class CannotChangeSchool(Exception):
    """Why a school stays as it is, in words; `field` is where it was typed."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def change_school(  # noqa: PLR0913 -- the answers of a form
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
    second_step_for: str,
    external_id: str = "",
) -> School:
    """Keep what a school is called, its clock, its law, and who hears of a concern, or signs in."""
    school = School.objects.select_for_update().get(pk=school.pk)
    on = school.today(at)
    require(can_administer(by, school, on=on))
    if safeguarding_lead is not None:
        staff = Person.objects.staff_of(school, on=on)
        if not staff.filter(pk=safeguarding_lead.pk).exists():
            raise CannotChangeSchool(
                "The safeguarding lead has to be on the staff.", "safeguarding_lead"
            )
    same = School.objects.filter(external_id=external_id).exclude(pk=school.pk)
    if external_id and same.exists():
        raise CannotChangeSchool("Another school has this number.", "external_id")
    asks_others = second_step_for != school.second_step_for
    school.second_step_for = second_step_for
    school.name = name
    school.time_zone = time_zone
    school.locale = locale
    school.policy = policy
    school.safeguarding_lead = safeguarding_lead
    school.safeguarding_phone = safeguarding_phone
    school.external_id = external_id
    school.save()
    record(
        Event.Act.SCHOOL_CHANGE,
        chain=school.pk,
        by=by.pk,
        objects=[f"school:{school.pk}"],
        basis=f"second-step:{second_step_for}" if asks_others else "",
        at=at,
    )
    return school


@transaction.atomic
def confirm_keys_on_paper(school: School, *, by: Person, at: datetime) -> None:
    """Say that the key ring lies on paper in two safes; the log keeps who said so and when."""
    school = School.objects.select_for_update().get(pk=school.pk)
    on = school.today(at)
    require(can_administer(by, school, on=on))
    # The ring's keys are dated by the server, which may be a day ahead of the school
    school.keys_on_paper_on = max(on, at.date())
    school.save(update_fields=["keys_on_paper_on"])
    record(
        Event.Act.KEY_CHANGE,
        chain=school.pk,
        by=by.pk,
        objects=[f"school:{school.pk}"],
        basis="paper",
        at=at,
    )


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
