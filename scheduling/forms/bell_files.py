"""What an administrator may send to bring bell times, special days or terms in."""

from django import forms

from people.forms.files import SheetField


class BellFileForm(forms.Form):
    file = SheetField(label="File (CSV)")
    number = forms.CharField(
        label="Number of your school",
        required=False,
        max_length=60,
        help_text="Only where the file has rows of several schools.",
        error_messages={"max_length": "This is too long for the number of a school."},
    )
