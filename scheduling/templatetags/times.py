"""Counts, lengths and names in words, as the pages about times say them."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from people.models import Pairing, Person

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
def next_day(talk: Meeting, now: datetime) -> str:
    """The day of the next talk as a heading, by its school: "Tomorrow, Tuesday 13 October"."""
    local = timezone.localtime(talk.starts_at, talk.school.zone)
    is_next = local.date() == talk.school.today(now) + timedelta(days=1)
    tomorrow = "Tomorrow, " if is_next else ""
    return f"{tomorrow}{date_format(local, 'l j F')}"


@register.simple_tag
def person_name(person: Person, pairing: Pairing, form: str = "") -> str:
    """A name on a page: students shortened; with `form` "first" the first name only."""
    if form == "first":
        return person.first_name
    is_student = pairing.is_with_student and person.pk == pairing.attendee_id
    return person.short_name if is_student else person.name
