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


def _hours(none):
    clock = [(hour, f"{hour % 12 or 12}:00 {'AM' if hour < 12 else 'PM'}") for hour in range(24)]
    return [("", none), *clock]


class ReminderForm(forms.Form):
    """When somebody is reminded of a talk, when they want no mail, and what their calendar gets."""

    reminder = forms.ChoiceField(
        label="Mail me a reminder",
        choices=[
            (Person.Reminder.DAY, "The day before, at 3 in the afternoon"),
            (Person.Reminder.HOUR, "An hour before"),
            (Person.Reminder.MORNING, "One mail at 7 in the morning of each day with talks"),
            (Person.Reminder.NONE, "Not at all"),
        ],
        widget=forms.RadioSelect,
    )
    quiet_from = forms.TypedChoiceField(
        label="No mail from",
        choices=_hours("Any hour is fine"),
        coerce=int,
        empty_value=None,
        required=False,
    )
    quiet_until = forms.TypedChoiceField(
        label="Until",
        choices=_hours("Not chosen"),
        coerce=int,
        empty_value=None,
        required=False,
    )
    calendar_by_mail = forms.BooleanField(
        label="Invitations for my calendar",
        required=False,
        help_text="Talks and changes come with a file that Outlook, Google and Apple calendars "
        "take over, also when you made the change.",
    )

    def clean(self):
        chosen = super().clean()
        begins, until = chosen.get("quiet_from"), chosen.get("quiet_until")
        if self.errors:
            return chosen
        if begins is not None and until is None:
            self.add_error("quiet_until", "Choose until when, such as 7:00 AM.")
        elif until is not None and begins is None:
            self.add_error("quiet_from", "Choose from when, such as 7:00 PM.")
        elif begins is not None and begins == until:
            self.add_error("quiet_until", "Choose another hour than the one it begins at.")
        return chosen


class SettingsForm(forms.Form):
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
