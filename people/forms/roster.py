"""Choosing a roster file, and saying yes to what it would do."""

from django import forms

from .. import roster
from ..sheets import MAX_BYTES


class RosterForm(forms.Form):
    file = forms.FileField(
        label="Roster file",
        help_text="A CSV file with one row for each person, at most 5 MB.",
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty.",
            "invalid": "Choose a file.",
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )
    everyone = forms.ChoiceField(
        label="Who is in it",
        choices=[
            ("", "What each row says"),
            *((kind, f"Only {people}") for kind, people in roster.LISTS.items()),
        ],
        required=False,
    )

    is_kept = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)

    def __init__(self, *args, is_kept=False, **kwargs):
        """`is_kept` is whether the file of the last try lies here; then none has to be chosen."""
        super().__init__(*args, **kwargs)
        if is_kept:
            self.fields["file"].required = False
            self.fields["file"].help_text = "Your file is here. Choose one only to take another."
        else:
            del self.fields["is_kept"]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError("The file is larger than 5 MB. Choose a smaller one.")
        return file


class ApplyRosterForm(forms.Form):
    """`digest` is of what was shown: only that is done."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    ends_many = forms.BooleanField(required=False)
    close_demo = forms.BooleanField(
        required=False,
        label="Close the demo school",
        help_text="Nobody can enter it any more. Its invented people and notes are no longer seen.",
    )

    def __init__(self, *args, diff, has_demo, **kwargs):
        super().__init__(*args, **kwargs)
        if diff.ends_many:
            self.fields[
                "ends_many"
            ].label = f"Yes, these {len(diff.ended)} of {diff.on_roster} people have left"
            self.fields["ends_many"].help_text = (
                "More than a tenth of the people on the roster would end. If the file is only a "
                "part, choose one with everybody."
            )
        else:
            del self.fields["ends_many"]
        if not has_demo:
            del self.fields["close_demo"]
