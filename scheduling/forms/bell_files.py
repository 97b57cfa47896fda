"""What an administrator may send to bring bell times, special days or terms in."""

from django import forms

from people.sheets import MAX_BYTES


class BellFileForm(forms.Form):
    file = forms.FileField(
        label="File (CSV)",
        allow_empty_file=True,  # the reader says what is wrong with it
        error_messages={
            "required": "Choose a file.",
            "invalid": "Choose a file.",
            "max_length": "The file's name is too long. Rename it.",
        },
    )
    number = forms.CharField(
        label="Number of your school",
        required=False,
        max_length=60,
        help_text="Only where the file has rows of several schools.",
        error_messages={"max_length": "This is too long for the number of a school."},
    )

    def clean_file(self):
        return self.cleaned_data["file"].read(MAX_BYTES + 1)
