"""The shape of what a host may send about their grid."""

from collections.abc import Iterable, Sequence

from django import forms

from people.cadence import LETTERS
from people.sheets import clean

from ..grid import Columns, Spot
from ..models import BellTime

CLEAR = "x"
BRUSHES = {letter: cadence for cadence, letter in LETTERS.items()} | {CLEAR: None}
NOT_THERE = "That period is not on the timetable of that day."


def spots_of(columns: Columns, bell_times: Iterable[BellTime]) -> dict[str, Spot]:
    """Every cell that a school's grid has, by the key that its button sends."""
    known = dict(columns)
    return {
        f"{column}-{each.period.uid}": (column, each.period_id)
        for each in bell_times
        for column in each.bell_schedule.columns
        if column in known
    }


class PaintForm(forms.Form):
    """Cells one by one, or a line: a whole day or a period on every day."""

    term = forms.UUIDField(error_messages={"required": "Open the schedule again, then paint."})
    brush = forms.ChoiceField(
        choices=[(letter, letter) for letter in BRUSHES],
        error_messages={
            "required": "Choose weekly, biweekly, monthly or clear.",
            "invalid_choice": "Choose weekly, biweekly, monthly or clear.",
        },
    )
    cell = forms.MultipleChoiceField(required=False)
    line = forms.ChoiceField(required=False)

    def __init__(self, *args, spots: dict[str, Spot], **kwargs):
        super().__init__(*args, **kwargs)
        self.spots = spots
        lines = {half for key in spots for half in key.split("-", 1)}
        self.fields["cell"].choices = [(key, key) for key in spots]
        self.fields["line"].choices = [(key, key) for key in lines]
        for name in ("cell", "line"):
            self.fields[name].error_messages["invalid_choice"] = NOT_THERE

    def clean(self):
        cleaned = super().clean()
        line = cleaned.get("line")
        keys = cleaned.get("cell", [])
        if line:
            keys = [key for key in self.spots if line in key.split("-", 1)]
        if not keys and not self.errors:
            raise forms.ValidationError("Choose a period to paint.")
        cleaned["cells"] = [self.spots[key] for key in keys]
        if "brush" in cleaned:
            cleaned["cadence"] = BRUSHES[cleaned["brush"]]
        return cleaned

    @property
    def problem(self) -> str:
        """The first thing that is wrong, in a sentence."""
        return _first(self)


class PlaceForm(forms.Form):
    """Who is to have which seat."""

    pairing = forms.ModelChoiceField(
        None,
        to_field_name="uid",
        error_messages={
            "required": "Choose a person first.",
            "invalid_choice": "You are not meeting this person any more.",
        },
    )
    seat = forms.UUIDField(
        error_messages={
            "required": "Choose a place that fits.",
            "invalid": "Choose a place that fits.",
        }
    )

    def __init__(self, *args, pairings, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["pairing"].queryset = pairings

    @property
    def problem(self) -> str:
        return _first(self)


class WhereForm(forms.Form):
    """Where a host meets people: in person, online, or both."""

    place = forms.CharField(
        label="Place",
        required=False,
        max_length=80,
        help_text="Such as library corner. People read it in reminders and in their calendar.",
        error_messages={"max_length": "Use 80 characters at most."},
    )
    online_link = forms.URLField(
        label="Link to meet online",
        required=False,
        max_length=200,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        help_text="Only people who meet with you see it.",
        error_messages={
            "invalid": "Enter an address that begins with https://.",
            "max_length": "Use 200 characters at most.",
        },
    )

    def clean_place(self):
        try:
            return clean(self.cleaned_data["place"])
        except ValueError as error:
            raise forms.ValidationError("Some characters cannot be read. Type it again.") from error

    def clean_online_link(self):
        link = self.cleaned_data["online_link"]
        if link and not link.startswith(("https://", "http://")):
            raise forms.ValidationError("Enter an address that begins with https://.")
        return link


def _first(form: forms.Form) -> str:
    sentences: Sequence[str] = [str(error) for errors in form.errors.values() for error in errors]
    return sentences[0] if sentences else ""
