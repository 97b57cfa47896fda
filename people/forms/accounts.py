"""What people may choose for themselves, and the word that finds a person."""

from django import forms

from ..models import Person


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
