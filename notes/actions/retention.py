"""Deciding how long notes are kept: proposed, tried by the keeper, and then said yes to."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event
from people.models import Person, School
from people.permissions import can_administer, require

from ..models import RetentionRule
from ..retention import Periods


class CannotDecide(Exception):
    """Why a rule stays as it is, in words for the administrator."""


@transaction.atomic
def propose_retention(
    school: School, periods: Periods, *, by: Person, at: datetime
) -> RetentionRule:
    """
    Keep notes for another time: at once where nothing goes sooner, else when somebody says yes.

    Before that the keeper tries it, so that they can see how much it would delete. Raises
    CannotDecide where it is so already.
    """
    school = _locked(school, by=by, at=at)
    before, _, waiting = RetentionRule.objects.decided(school)
    if waiting:
        if periods == waiting.periods:
            raise CannotDecide("That is what waits already.")
    elif periods == before:
        raise CannotDecide("That is how long notes are kept already.")
    if not RetentionRule.objects.filter(school=school).exists():
        # What held without a word is written down, so that it goes on meanwhile
        _add(school, Periods(), by=None, at=at).put_in_force(at)
    elif waiting:
        waiting.drop(at)
    rule = _add(school, periods, by=by, at=at)
    if before is not None and before.are_within(periods):
        rule.put_in_force(at)
    _record(rule, "force" if rule.in_force_at else "propose", by=by, at=at)
    return rule


@transaction.atomic
def confirm_retention(school: School, *, number: int, by: Person, at: datetime) -> RetentionRule:
    """
    Put a rule in force, having seen how much the next night deletes under it.

    `number` is the rule that was seen. Raises CannotDecide.
    """
    school = _locked(school, by=by, at=at)
    rule = RetentionRule.objects.decided(school).waiting
    if rule is None or rule.number != number:
        raise CannotDecide("Somebody else has decided meanwhile. Look again.")
    if rule.rehearsed_at is None:
        raise CannotDecide("It was not tried yet. That happens in the night.")
    rule.put_in_force(at)
    _record(rule, "force", by=by, at=at)
    return rule


@transaction.atomic
def drop_retention(school: School, *, by: Person, at: datetime) -> None:
    """Leave it as it was. Raises CannotDecide where nothing waits, or nothing was before."""
    school = _locked(school, by=by, at=at)
    before, _, rule = RetentionRule.objects.decided(school)
    if rule is None or before is None:
        raise CannotDecide("Somebody else has decided meanwhile. Look again.")
    rule.drop(at)
    _record(rule, "drop", by=by, at=at)


def _locked(school: School, *, by: Person, at: datetime) -> School:
    school = School.objects.select_for_update().get(pk=school.pk)
    require(can_administer(by, school, on=school.today(at)))
    return school


def _add(school: School, periods: Periods, *, by: Person | None, at: datetime) -> RetentionRule:
    last = RetentionRule.objects.filter(school=school).order_by("-number").first()
    number = last.number + 1 if last else 1
    return RetentionRule.objects.create(
        school=school, number=number, by=by, at=at, **periods._asdict()
    )


def _record(rule: RetentionRule, what: str, *, by: Person, at: datetime) -> None:
    record(
        Event.Act.RETENTION_CHANGE,
        chain=rule.school_id,
        by=by.pk,
        objects=[f"school:{rule.school_id}"],
        basis=f"rule.{rule.number}.{what}",
        at=at,
    )
