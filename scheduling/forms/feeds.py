"""What somebody wants their calendar program to read."""

from django import forms


class FeedForm(forms.Form):
    """Whether titles say whom one meets."""

    shows_names = forms.BooleanField(
        label="Say whom I meet, as “E. Marsh”",
        help_text="Never the name of a student, and counseling is “Busy” in any case.",
        required=False,
    )
