"""The shape of what people type about single talks."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from ..typed_times import read_minutes, read_time, write_time
from ..wall_time import instant

LONGEST = 240  # minutes
QUARTER = 15  # minutes of an hour


class TimeField(forms.CharField):
    """A wall time, as people write it."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def clean(self, value: object) -> time | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return read_time(text)
        except ValueError as error:
            raise forms.ValidationError("Enter a time, such as 10:40.") from error


class MinutesField(forms.CharField):
    """A length in minutes, as people write it."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def clean(self, value: object) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            minutes = read_minutes(text)
        except ValueError:
            minutes = 0
        if not 1 <= minutes <= LONGEST:
            raise forms.ValidationError("Enter how long it lasts, such as 30.")
        return minutes


class WhenForm(forms.Form):
    """A date and a time in the school's zone, and how long."""

    on = forms.DateField(
        label="Date",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose a date", "invalid": "Enter a date, such as 13 October"},
        input_formats=["%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%m/%d/%Y"],
    )
    starts_at = TimeField(
        label="Time", max_length=20, error_messages={"required": "Enter a time, such as 10:40"}
    )
    minutes = MinutesField(
        label="How long, in minutes",
        max_length=30,
        error_messages={"required": "Enter how long it lasts, such as 30"},
    )

    def __init__(self, *args, zone: ZoneInfo, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean_on(self) -> date:
        on = self.cleaned_data["on"]
        # Far dates would overflow what a database and a calendar can hold.
        if not date(2000, 1, 1) <= on <= date(2100, 1, 1):
            raise forms.ValidationError("Choose a date within a year.")
        return on

    def moment(self) -> datetime:
        """When it begins, as an instant."""
        return instant(self.cleaned_data["on"], self.cleaned_data["starts_at"], self.zone)

    @staticmethod
    def starting(moment: datetime, minutes: int, zone: ZoneInfo) -> dict:
        """Initial values for a moment."""
        local = moment.astimezone(zone)
        return {
            "on": local.date(),
            "starts_at": write_time(local.time()),
            "minutes": minutes,
        }


class LogForm(WhenForm):
    """When a talk was that nobody had planned; the words about what is still to come."""

    def __init__(self, *args, at: datetime, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def clean(self) -> dict:
        typed = super().clean() or self.cleaned_data
        if {"on", "starts_at"} <= typed.keys() and self.moment() > self.at:
            is_today = typed["on"] == self.at.astimezone(self.zone).date()
            field, what = ("starts_at", "time") if is_today else ("on", "day")
            words = f"This {what} is still to come. Write a talk down once it has begun."
            self.add_error(field, words)
        return typed

    @classmethod
    def just_over(cls, at: datetime, minutes: int, zone: ZoneInfo) -> dict:
        """Initial values: the last talk of that length from a round quarter of an hour on."""
        began = at.astimezone(zone) - timedelta(minutes=minutes)
        return cls.starting(began - timedelta(minutes=began.minute % QUARTER), minutes, zone)


class SeatForm(forms.Form):
    """A seat that was offered as a button."""

    seat = forms.UUIDField()

    def chosen(self) -> UUID | None:
        """The seat's uid; None for anything else."""
        return self.cleaned_data["seat"] if self.is_valid() else None


def chosen_time(text: str) -> datetime | None:
    """A time that was offered as a button, as an instant; None for anything else."""
    try:
        chosen = datetime.fromisoformat(text)
    except ValueError:
        return None
    return chosen if timezone.is_aware(chosen) and 2000 < chosen.year < 2100 else None
