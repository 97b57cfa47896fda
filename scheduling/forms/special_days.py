"""What an administrator may type about days with bells of their own."""

import re
from datetime import timedelta

from django import forms

from people.sheets import read_day

from ..models.calendar import COLUMNS
from .calendar import EARLIEST, LATEST, DayField

MOST = 366  # days at once
USUAL = "usual"


class SpecialDaysForm(forms.Form):
    """A bell schedule, and the dates that have it: picked, or typed."""

    bell_schedule = forms.ChoiceField(
        label="Bell schedule",
        error_messages={
            "required": "Choose a bell schedule.",
            "invalid_choice": "Choose one of these bell schedules.",
        },
    )
    starts_on = DayField(
        label="First day", required=False, help_text="Here, or all dates under More dates."
    )
    ends_on = DayField(
        label="Last day", required=False, help_text="Leave it empty for a single day."
    )
    weekdays = forms.MultipleChoiceField(
        label="Only on",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="For a late start every Wednesday, say. Leave all empty for every school day.",
        error_messages={"invalid_choice": "Choose days of the week."},
    )
    dates = forms.CharField(
        label="More dates",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="As many as you like, with commas or line breaks between them.",
        error_messages={"max_length": "These are too many dates at once."},
    )

    def __init__(self, *args, school, **kwargs):
        super().__init__(*args, **kwargs)
        self.weekdays = [day for day in COLUMNS if day[0] in school.weekdays]
        self.fields["weekdays"].choices = self.weekdays
        self.month_first = school.locale.lower() == "en-us"
        self.schedules = {str(each.uid): each for each in school.bell_schedules.order_by("name")}
        self.fields["bell_schedule"].choices = [
            *((uid, each.name) for uid, each in self.schedules.items()),
            (USUAL, "As usual on that day"),
        ]

    def clean_dates(self):
        days = []
        for written in filter(
            None, map(str.strip, re.split(r"[,;\n]", self.cleaned_data["dates"]))
        ):
            try:
                day = read_day(written, month_first=self.month_first)
            except ValueError:
                day = None
            if day is None or not EARLIEST <= day <= LATEST:
                raise forms.ValidationError(f'"{written[:40]}" is not a date such as 2026-09-07.')
            days.append(day)
        return days

    def clean(self):
        answers = super().clean()
        first, last = answers.get("starts_on"), answers.get("ends_on")
        days = list(answers.get("dates", []))
        if last and not first:
            self.add_error("starts_on", "Enter the first day.")
        elif first:
            last = last or first
            if last < first:
                self.add_error("ends_on", "The last day is before the first.")
            elif (last - first).days >= MOST:
                self.add_error("ends_on", "This is longer than a year. Check the years.")
            else:
                wanted = answers.get("weekdays") or [number for number, _ in self.weekdays]
                span = (first + timedelta(days=each) for each in range((last - first).days + 1))
                days += [day for day in span if str(day.isoweekday()) in wanted]
        if not days and not self.errors:
            self.add_error("starts_on", "Enter at least one date.")
        if len(days) > MOST:
            self.add_error("dates", "These are too many dates at once.")
        schedule = self.schedules.get(answers.get("bell_schedule"))
        return answers | {"days": dict.fromkeys(days, schedule)}
