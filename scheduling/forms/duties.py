"""What people type about their own week: a lesson or duty, by period or by the clock."""

from django import forms

from people.cadence import ALL_WEEKS, CYCLE, pattern_of

from ..letters import weeks_words
from ..models.calendar import columns_of, cycle_word
from .calendar import WallTimeField

SOME_WEEKS = [0b0101, 0b1010, *(pattern_of(week) for week in range(1, CYCLE + 1))]


class DutyForm(forms.Form):
    column = forms.ChoiceField(
        label="Day",
        error_messages={"required": "Choose a day.", "invalid_choice": "Choose one of these days."},
    )
    period = forms.ChoiceField(
        label="Period",
        required=False,
        help_text="Or leave it empty and type the times.",
        error_messages={"invalid_choice": "Choose one of these periods."},
    )
    starts_at = WallTimeField(label="From", required=False)
    ends_at = WallTimeField(label="To", required=False)
    weeks = forms.TypedChoiceField(
        label="How often",
        coerce=int,
        error_messages={"invalid_choice": "Choose one of these."},
    )
    label = forms.CharField(
        label="What it is",
        required=False,
        max_length=120,
        help_text="Lunch duty, for example. Colleagues never see it.",
        error_messages={"max_length": "Use 120 letters at most."},
    )
    is_lesson = forms.BooleanField(label="It is a lesson", required=False)

    def __init__(self, *args, school, days, **kwargs):
        """`days`: the bell times of each column, in the order of the periods."""
        super().__init__(*args, **kwargs)
        self.days = days
        unit = cycle_word(school)
        self.fields["column"].choices = columns_of(school)
        periods = {bell.period.pk: bell.period for bells in days.values() for bell in bells}
        self.fields["period"].choices = [
            ("", "By the clock"),
            *(
                (str(period.uid), period.name)
                for period in sorted(periods.values(), key=lambda period: period.ordinal)
            ),
        ]
        self.fields["weeks"].choices = [
            (ALL_WEEKS, f"Every {unit}"),
            *((weeks, weeks_words(weeks, unit).capitalize()) for weeks in SOME_WEEKS),
        ]

    def clean_label(self):
        return " ".join(self.cleaned_data["label"].split())

    def clean(self):
        answers = super().clean()
        period, column = answers.pop("period", ""), answers.get("column")
        if period and column:
            bells = (bell for bell in self.days.get(column, ()) if str(bell.period.uid) == period)
            bell = next(bells, None)
            if bell is None:
                self.add_error("period", "This period has no bell times on that day.")
            else:
                answers |= {"starts_at": bell.starts_at, "ends_at": bell.ends_at}
        elif not (self.errors or (answers.get("starts_at") and answers.get("ends_at"))):
            self.add_error("period", "Choose a period, or type from when to when.")
        if not self.errors and answers["ends_at"] <= answers["starts_at"]:
            self.add_error("ends_at", "It ends before it starts.")
        return answers
