"""Choosing OneRoster files, and saying yes to what they would do."""

from django import forms

from .. import uploads
from ..oneroster import MAX_PACKED, opened
from ..sheets import CannotRead

TOO_LARGE = f"The file is larger than {MAX_PACKED >> 20} MB. Choose a smaller one."


class OneRosterForm(forms.Form):
    """A zip; what it says inside is read by a worker."""

    file = forms.FileField(
        label="Zip with the files",
        help_text=f"users.csv, orgs.csv and the others, zipped; at most {MAX_PACKED >> 20} MB.",
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty.",
            "invalid": "Choose a file.",
        },
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )

    def clean_file(self):
        """Keep it, part by part; it is not to be read in memory. The key is in `key`."""
        file = self.cleaned_data["file"]
        if file.size > MAX_PACKED:
            raise forms.ValidationError(TOO_LARGE)
        key = uploads.keep_parts(file.chunks())
        try:
            with opened(uploads.where(key)):
                pass
        except CannotRead as error:
            uploads.forget(key)
            raise forms.ValidationError(str(error)) from error
        self.cleaned_data["key"] = key
        return file


class ConfirmImportForm(forms.Form):
    """`digest` is of what was shown: only that is done."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    ends_many = forms.BooleanField(required=False)

    def __init__(self, *args, outcome, **kwargs):
        super().__init__(*args, **kwargs)
        if outcome.ends_many:
            count = sum(each.counts["ended"] for each in outcome.schools if each.ends_many)
            self.fields["ends_many"].label = f"Yes, these {count:,} people have left"
            self.fields["ends_many"].help_text = (
                "More than a tenth of a school would end. If the files are only a part, choose "
                "files with everybody."
            )
        else:
            del self.fields["ends_many"]
