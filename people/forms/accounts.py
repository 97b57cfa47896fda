"""What people may choose for themselves, a code to sign in, and the word that finds a person."""

from allauth.account.forms import RequestLoginCodeForm
from allauth.core import context
from django import forms

from .. import limits
from ..models import Person


class AskForCodeForm(RequestLoginCodeForm):
    """allauth's form, which says how long it takes until one may ask again."""

    def clean_email(self):
        try:
            return super().clean_email()
        except forms.ValidationError as error:
            key = self.cleaned_data["email"].lower()
            seconds = limits.seconds(context.request, "request_login_code", key=key)
            raise forms.ValidationError(
                "Codes were asked for too often. Use the newest, or ask again in "
                f"{limits.in_words(seconds)}.",
                code=error.code,
            ) from None


class SettingsForm(forms.Form):
    reminder = forms.ChoiceField(
        label="Mail me a reminder", choices=Person.Reminder, widget=forms.RadioSelect
    )
    uses_shortcuts = forms.BooleanField(
        label="Keyboard shortcuts",
        required=False,
        help_text="Single keys, such as / to find a person. Turn them off if they are in your way.",
    )
    hides_names = forms.BooleanField(
        label="Hide names at first",
        required=False,
        help_text="Initials stand for names until you ask, for screens that others can see.",
    )
    is_nudged = forms.BooleanField(
        label="A word when a note reads like an evaluation",
        required=False,
        help_text="Beside the text, while you type. Nothing of it is sent or kept anywhere.",
    )


class FindForm(forms.Form):
    q = forms.CharField(
        label="Name",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
