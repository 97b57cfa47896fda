"""Counts, lengths and names in words, as the pages about times say them."""

from datetime import date, datetime

from django import template
from django.template import RequestContext
from django.utils import timezone
from django.utils.formats import date_format

from people.models import Pairing, Person, School

from .. import overdue
from ..models import Meeting

register = template.Library()

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@register.filter
def in_words(number: int) -> str:
    """Small numbers as words: "four"."""
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else str(number)


@register.filter
def count_of(number: int, noun: str) -> str:
    """ "Four conversations", "No conversations", "One conversation"."""
    plural = "" if number == 1 else "s"
    return f"{in_words(number).capitalize()} {noun}{plural}"


@register.filter
def length_in_words(minutes: int) -> str:
    """ "28 minutes", "2 hours", "1 hour 5 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} hour{'' if hours == 1 else 's'}"] if hours else []
    if rest:
        parts.append(f"{rest} minute{'' if rest == 1 else 's'}")
    return " ".join(parts)


@register.filter
def past(days: int) -> str:
    """For how many school days the agreed week has passed. For the host only."""
    return overdue.in_words(days)


@register.filter
def same(one: Meeting, other: Meeting | None) -> bool:
    return one == other


@register.filter
def day_of(talk: Meeting, now: datetime) -> str:
    """The day of a talk, by its school: "Tomorrow, Tuesday 13 October"."""
    local = timezone.localtime(talk.starts_at, talk.school.zone)
    near = _near(local.date(), talk.school.today(now))
    date = date_format(local, "l j F")
    return f"{near}, {date}" if near else date


@register.simple_tag(takes_context=True)
def moment_of(context: RequestContext, at: datetime, school: School) -> str:
    """When a talk is, in a line: "today at 10:10", "Tuesday 13 October, 10:10"."""
    local = timezone.localtime(at, school.zone)
    near = _near(local.date(), school.today(context.request.now))
    return (
        date_format(local, "l j F, g:i")
        if not near
        else f"{near.lower()} at {date_format(local, 'g:i')}"
    )


@register.simple_tag(takes_context=True)
def last_met(context: RequestContext, pairing: Pairing) -> str:
    """ "Met today", "Last met 13 October", "Not met yet"."""
    if pairing.last_met_on is None:
        return "Not met yet"
    if pairing.last_met_on == pairing.school.today(context.request.now):
        return "Met today"
    return f"Last met {date_format(pairing.last_met_on, 'j F')}"


def _near(day: date, today: date) -> str:
    return {0: "Today", 1: "Tomorrow"}.get((day - today).days, "")


@register.simple_tag
def person_name(person: Person, pairing: Pairing, form: str = "") -> str:
    """A name as `Pairing.shown_name` has it; with `form` "first" the first name only."""
    if form == "first":
        return person.first_name
    return pairing.shown_name(person)
