"""What an administrator may type about terms, closures, bell times and letters."""

from datetime import date
from itertools import count

from django import forms
from django.core import validators

from people.cadence import CYCLE

from ..actions import Bell
from ..models.calendar import COLUMNS, ROTATIONS, as_written, columns_of
from ..typed_times import read_time, write_time

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
MOST_PERIODS = 40
SPARE_ROWS = 4
FIRST_ROWS = 10
YEAR_CHANGES_IN = 7  # July


class DayField(forms.DateField):
    """A date of our time, with the browser's own calendar where it has one."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(**kwargs)
        self.error_messages["invalid"] = "Enter a date, such as 2026-09-07."

    def clean(self, value):
        day = super().clean(value)
        if day and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError("Check the year of this date.")
        return day


class WallTimeField(forms.CharField):
    """A time of the day as people write it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.widget.attrs.update({"autocomplete": "off", "size": "8"})
        sentence = f"{self.label}: enter a time, such as 8:10 or 1:05 pm."
        self.error_messages["invalid"] = sentence
        self.validators = [
            validators.MaxLengthValidator(12, sentence),
            validators.ProhibitNullCharactersValidator(sentence),
        ]

    def clean(self, value):
        written = super().clean(value)
        if not written:
            return None
        try:
            return read_time(written)
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"]) from error


def _name_field(most, label, missing):
    return forms.CharField(
        label=label,
        max_length=most,
        error_messages={
            "required": missing,
            "max_length": f"The name can have {most} letters at most.",
        },
    )


class TermForm(forms.Form):
    name = _name_field(60, "Name", "Enter a name, such as Fall 2026.")
    starts_on = DayField(label="First day", error_messages={"required": "Enter the first day."})
    ends_on = DayField(label="Last day", error_messages={"required": "Enter the last day."})
    school_year = forms.TypedChoiceField(
        label="School year",
        coerce=int,
        help_text="Weeks are counted, and letters run on, through all terms of a school year.",
        error_messages={
            "required": "Choose the school year.",
            "invalid_choice": "Choose one of these school years.",
        },
    )

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        ends_in = on.year + (on.month >= YEAR_CHANGES_IN)
        years = {*range(ends_in - 1, ends_in + 3), self.initial.get("school_year", ends_in)}
        self.fields["school_year"].choices = [
            (year, f"{year - 1} to {year}") for year in sorted(years)
        ]
        self.fields["school_year"].initial = ends_in


class ClosureForm(forms.Form):
    name = _name_field(80, "What it is", "Enter what it is, such as Thanksgiving.")
    starts_on = DayField(label="First day", error_messages={"required": "Enter the first day."})
    ends_on = DayField(
        label="Last day", required=False, help_text="Leave it empty for a single day."
    )
    stops_meetings = forms.BooleanField(
        label="There are no one-on-ones on these days",
        required=False,
        initial=True,
        help_text="A week with no other day gets no number and no letter.",
    )
    stops_clock = forms.BooleanField(
        label="A week like this does not count towards the next one-on-one",
        required=False,
        initial=True,
        help_text="Nobody becomes past due because of a holiday or an exam week.",
    )
    skips_rotation = forms.BooleanField(
        label="The rotation goes on without these days",
        required=False,
        help_text="If Tuesday would have been Day 3, Wednesday is Day 4. Without a tick the "
        "rotation waits, and Wednesday is Day 3.",
    )

    def __init__(self, *args, rotates, **kwargs):
        super().__init__(*args, **kwargs)
        if not rotates:
            del self.fields["skips_rotation"]

    def clean(self):
        answers = super().clean()
        answers["ends_on"] = answers.get("ends_on") or answers.get("starts_on")
        return answers


class WeekdaysForm(forms.Form):
    weekdays = forms.MultipleChoiceField(
        label="School days",
        choices=COLUMNS,
        widget=forms.CheckboxSelectMultiple,
        help_text="The school's week begins after its weekend.",
        error_messages={
            "required": "Choose at least one day.",
            "invalid_choice": "Choose days of the week.",
        },
    )
    rotation_days = forms.TypedChoiceField(
        label="The timetable goes by",
        coerce=int,
        choices=[
            (0, "Days of the week"),
            *((days, f"{days} days: Day 1 to Day {days}") for days in ROTATIONS),
        ],
        help_text="This can change until hosts have offered times in a term.",
        error_messages={
            "required": "Choose what the timetable goes by.",
            "invalid_choice": "Choose days of the week, or 5 to 10 days.",
        },
    )

    def clean_weekdays(self):
        return "".join(self.cleaned_data["weekdays"])


class DayForm(forms.Form):
    column = forms.TypedChoiceField(
        label="This day is",
        coerce=int,
        widget=forms.RadioSelect,
        help_text="The days after it follow, to the end of the school year.",
        error_messages={
            "required": "Choose a day.",
            "invalid_choice": "Choose one of these days.",
        },
    )

    def __init__(self, *args, school, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["column"].choices = columns_of(school)


class WeekForm(forms.Form):
    cycle_week = forms.TypedChoiceField(
        label="This week is",
        coerce=int,
        choices=[(week, f"Week {week}: {'BA'[week % 2]}") for week in range(1, CYCLE + 1)],
        widget=forms.RadioSelect,
        help_text="The weeks after it follow, to the end of the school year.",
        error_messages={
            "required": "Choose a week.",
            "invalid_choice": "Choose one of these weeks.",
        },
    )


class BellScheduleForm(forms.Form):
    """A bell schedule and its periods: a row for each of the school's, and some for new ones."""

    name = _name_field(60, "Name", "Enter a name, such as Regular.")
    weekdays = forms.MultipleChoiceField(
        label="Used on",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose school days."},
    )

    def __init__(self, *args, school, bell_schedule=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["weekdays"].choices = columns_of(school)
        self.periods = {str(period.uid): period for period in school.periods.order_by("ordinal")}
        times = {}
        if bell_schedule:
            times = {each.period_id: each for each in bell_schedule.times.all()}
            self.initial.update(name=bell_schedule.name, weekdays=bell_schedule.columns)
        if self.is_bound:
            self.row_count = next(
                n for n in count() if f"name_{n}" not in self.data or n >= MOST_PERIODS
            )
        else:
            self.row_count = len(self.periods) + (SPARE_ROWS if self.periods else FIRST_ROWS)
            for n, period in enumerate(self.periods.values()):
                self.initial[f"period_{n}"] = str(period.uid)
                self.initial[f"name_{n}"] = period.name
                if bell := times.get(period.pk):
                    self.initial[f"starts_at_{n}"] = write_time(bell.starts_at)
                    self.initial[f"ends_at_{n}"] = write_time(bell.ends_at)
        for n in range(self.row_count):
            self._add_row(n)

    def _add_row(self, n):
        self.fields[f"period_{n}"] = forms.CharField(
            required=False, max_length=40, widget=forms.HiddenInput
        )
        self.fields[f"name_{n}"] = forms.CharField(
            label=f"Row {n + 1}, name",
            required=False,
            max_length=40,
            error_messages={"max_length": "A period's name can have 40 letters at most."},
        )
        self.fields[f"starts_at_{n}"] = WallTimeField(label=f"Row {n + 1}, starts", required=False)
        self.fields[f"ends_at_{n}"] = WallTimeField(label=f"Row {n + 1}, ends", required=False)

    def rows(self):
        """The bound fields of each row, for the template."""
        for n in range(self.row_count):
            yield {
                "period": self[f"period_{n}"],
                "name": self[f"name_{n}"],
                "starts_at": self[f"starts_at_{n}"],
                "ends_at": self[f"ends_at_{n}"],
            }

    def clean_weekdays(self):
        return as_written(self.cleaned_data["weekdays"])

    def clean(self):
        answers = super().clean()
        bells = []
        for n in range(self.row_count):
            if not self.errors.keys() & {f"name_{n}", f"starts_at_{n}", f"ends_at_{n}"}:
                bells += self._bell(n, answers)
        found = [bell.period for bell in bells if bell.period]
        if len(set(found)) < len(found):
            raise forms.ValidationError("A period stands in two rows. Reload the page.")
        return {"name": answers.get("name"), "weekdays": answers.get("weekdays"), "bells": bells}

    def _bell(self, n, answers):
        name = " ".join(answers[f"name_{n}"].split())
        starts_at, ends_at = answers[f"starts_at_{n}"], answers[f"ends_at_{n}"]
        uid = answers[f"period_{n}"]
        period = self.periods.get(uid)
        if uid and period is None:
            self.add_error(f"name_{n}", f"{name or 'This period'} is gone. Reload the page.")
        elif starts_at and ends_at and not name:
            self.add_error(f"name_{n}", f"Row {n + 1}: enter the period's name.")
        elif starts_at and ends_at and ends_at <= starts_at:
            self.add_error(f"ends_at_{n}", f"{name} ends before it starts.")
        elif starts_at and ends_at:
            return [Bell(name, starts_at, ends_at, period)]
        elif starts_at:
            self.add_error(f"ends_at_{n}", f"Enter when {name or f'row {n + 1}'} ends.")
        elif ends_at or (name and period is None):
            self.add_error(f"starts_at_{n}", f"Enter when {name or f'row {n + 1}'} starts.")
        return []
