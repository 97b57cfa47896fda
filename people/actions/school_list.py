"""Adding the schools of a district from a list; who administers them is said afterwards."""

from datetime import datetime

from django.db import transaction

from .. import school_list
from ..models import Person, School
from ..permissions import administers_district, is_of_demo_district, require
from .bundle_schools import Target, learn_its_id, make_school


@transaction.atomic
def plan_schools(content: bytes, *, by: Person | None, at: datetime) -> school_list.Plan:
    """
    What a list of schools would add; nothing is written.

    For administrators of the district, and the command line (`by` None). Raises CannotRead.
    """
    require(by is None or administers_district(by, at=at))
    return school_list.plan(content, School.objects.filter(is_demo=_is_demo(by)))


@transaction.atomic
def add_schools(content: bytes, *, by: Person | None, at: datetime) -> school_list.Plan:
    """
    Add the schools of a list that are not here, each by the clock and the law of the first.

    As `plan_schools`. They have no administrator yet: the district names one for each.
    """
    require(by is None or administers_district(by, at=at))
    list(School.objects.select_for_update().order_by("pk"))  # one list after the other
    plan = school_list.plan(content, School.objects.filter(is_demo=_is_demo(by)))
    found = [Target(number, school.name, school) for school, number in plan.numbered]
    for row in plan.new:
        target = Target(row.number, row.name, None)
        target.school = make_school(target, by=by, at=at, is_demo=_is_demo(by))
        found.append(target)
    for target in found:
        learn_its_id(target)
    return plan


def _is_demo(by: Person | None) -> bool:
    return by is not None and is_of_demo_district(by)
