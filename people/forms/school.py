"""What an administrator may say about the school."""

from zoneinfo import available_timezones

from django import forms

from ..models import Person, School

COMMON = [
    ("America/New_York", "New York, Toronto"),
    ("America/Chicago", "Chicago, Winnipeg"),
    ("America/Denver", "Denver, Edmonton"),
    ("America/Phoenix", "Phoenix"),
    ("America/Los_Angeles", "Los Angeles, Vancouver"),
    ("America/Anchorage", "Anchorage"),
    ("Pacific/Honolulu", "Honolulu"),
    ("Europe/London", "London"),
    ("Europe/Dublin", "Dublin"),
    ("Europe/Berlin", "Berlin, Madrid, Paris, Rome"),
]


def time_zones():
    """The common ones by their cities, then all others by their names."""
    common = {name for name, _ in COMMON}
    others = sorted(
        zone
        for zone in available_timezones() - common
        if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/", "SystemV/"))
    )
    return [
        ("Common", COMMON),
        ("All", [(zone, zone.replace("_", " ").replace("/", ", ")) for zone in others]),
    ]


class SchoolForm(forms.Form):
    name = forms.CharField(
        label="Name of the school",
        max_length=120,
        error_messages={"required": "Enter the name of the school."},
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=time_zones,
        help_text="Set this before the first booking: times already booked keep their moment.",
    )
    locale = forms.ChoiceField(
        label="How your files write 3 April",
        choices=[("en-us", "4/3/2026, the month first"), ("en-gb", "3/4/2026, the day first")],
    )
    policy = forms.ChoiceField(label="Whose law you follow", choices=School.Policy)
    external_id = forms.CharField(
        label="Its number in your student information system",
        max_length=120,
        required=False,
        help_text="The sourcedId of your school in OneRoster files. An import finds it by itself "
        "where it can.",
    )
    safeguarding_lead = forms.ModelChoiceField(
        label="Safeguarding lead",
        queryset=Person.objects.none(),
        required=False,
        empty_label="Nobody yet",
        help_text="Who has to hear when somebody could be badly hurt. They read no notes.",
    )
    safeguarding_phone = forms.CharField(
        label="The lead's phone number",
        max_length=40,
        required=False,
        help_text="Counseling with students starts once there is a lead with a number.",
    )
    second_step_for = forms.ChoiceField(
        label="Who signs in with a second step",
        choices=School.SecondStepFor,
        widget=forms.RadioSelect,
        help_text="A passkey, or an app beside the password or the code from their mail. Whoever "
        "has none is asked to set it up before their next page.",
    )

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, **kwargs)
        lead = self.fields["safeguarding_lead"]
        lead.queryset = staff
        lead.label_from_instance = lambda person: person.name

    def clean_safeguarding_phone(self):
        number = self.cleaned_data["safeguarding_phone"]
        if number and sum(letter.isdigit() for letter in number) < 3:
            raise forms.ValidationError("Enter a phone number, such as 555 0134.")
        return number
