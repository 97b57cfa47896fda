"""What an administrator may say about the school's own calendar, and about each of its events."""

from django import forms

from people.sheets import MAX_BYTES

from ..actions import Choice
from ..closure_files import What

STOPS = {
    "both": ("One-on-ones and the count of weeks", (True, True)),
    "meetings": ("One-on-ones", (True, False)),
    "clock": ("The count of weeks", (False, True)),
}


class ClosureFileForm(forms.Form):
    file = forms.FileField(
        label="Calendar file (.ics)",
        allow_empty_file=True,  # the reader says what is wrong with it
        error_messages={
            "required": "Choose a file.",
            "invalid": "Choose a file.",
            "max_length": "The file's name is too long. Rename it.",
        },
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
    )

    def clean_file(self):
        return self.cleaned_data["file"].read(MAX_BYTES + 1)


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
