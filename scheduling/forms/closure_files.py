"""What an administrator may say about the school's own calendar, and about each of its events."""

from django import forms

from people.fetching import LONGEST, CannotFetch, check
from people.forms.files import SheetField

from ..actions import Choice
from ..closure_files import What

STOPS = {
    "both": ("One-on-ones and the count of weeks", (True, True)),
    "meetings": ("One-on-ones", (True, False)),
    "clock": ("The count of weeks", (False, True)),
}


class ClosureFileForm(forms.Form):
    file = SheetField(label="Calendar file (.ics)", required=False, accept=".ics,text/calendar")

    address = forms.CharField(
        label="Or its address",
        required=False,
        max_length=LONGEST,
        help_text="It begins with https:// or webcal://. From then on the calendar is looked at "
        "every night, and you see here when it has changed. Nothing changes by itself.",
        error_messages={"max_length": "This is too long for an address."},
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def clean_address(self):
        try:
            return self.cleaned_data["address"] and check(self.cleaned_data["address"])
        except CannotFetch as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self):
        answers = super().clean()
        if not self.errors and answers["file"] is None and not answers["address"]:
            self.add_error("file", "Choose a file, or enter an address.")
        if answers.get("file") is not None and answers.get("address"):
            self.add_error("address", "Choose a file or enter an address, not both.")
        return answers


class ClosuresForm(forms.Form):
    """A tick for each event, and for those that may close days what these stop."""

    digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args, plan, **kwargs):
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.fields["digest"].initial = plan.digest
        for row in plan.open:
            self.fields[f"yes_{row.id}"] = forms.BooleanField(
                label=row.name,
                required=False,
                initial=row.is_ticked,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            )
            if row.what in (What.NEW, What.OTHER):
                self.fields[f"stops_{row.id}"] = forms.ChoiceField(
                    label=f"What stops, {row.name}",
                    choices=[(name, words) for name, (words, _) in STOPS.items()],
                    initial="both",
                    required=False,
                    widget=forms.Select(attrs={"class": "form-select"}),
                    error_messages={"invalid_choice": "Choose what these days stop."},
                )

    def choices(self):
        """What was said, by the keys of events."""
        answers = self.cleaned_data
        return {
            row.key: Choice(
                answers[f"yes_{row.id}"],
                *STOPS[answers.get(f"stops_{row.id}") or "both"][1],
            )
            for row in self.plan.open
        }

    def rows(self, what):
        """The rows of a kind, with their bound fields."""
        for row in self.plan.of(what):
            stops = f"stops_{row.id}"
            yield {
                "row": row,
                "yes": self[f"yes_{row.id}"],
                "stops": self[stops] if stops in self.fields else None,
            }

    @property
    def new(self):
        return list(self.rows(What.NEW))

    @property
    def changed(self):
        return list(self.rows(What.CHANGED))

    @property
    def gone(self):
        return list(self.rows(What.GONE))

    @property
    def others(self):
        return list(self.rows(What.OTHER))
