"""Fields for files that are read whole."""

from django import forms

from ..sheets import MAX_BYTES


class SheetField(forms.FileField):
    """
    A file whose bytes are the value, at most one more than a sheet may have; None for no file.

    What is wrong with them its reader says, also that there are none. `accept` is what the browser
    offers first.
    """

    default_error_messages = {
        "required": "Choose a file.",
        "invalid": "Choose a file.",
        "max_length": "The file's name is too long. Rename it.",
    }

    def __init__(self, *, accept: str = ".csv,.txt,.tsv,text/csv,text/plain", **kwargs):
        widget = forms.FileInput(attrs={"accept": accept})
        super().__init__(allow_empty_file=True, widget=widget, **kwargs)

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        return file and file.read(MAX_BYTES + 1)
