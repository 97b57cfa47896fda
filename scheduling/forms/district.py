"""What an administrator of the district says about a school that begins."""

from django import forms
from django.core.validators import validate_slug

from people.forms.files import SheetField
from people.forms.school import SchoolForm

from .. import weeks
from ..models.calendar import COLUMNS


class AdministratorForm(forms.Form):
    """Who administers a school, by address."""

    email = forms.EmailField(
        label="E-mail of its administrator",
        help_text="They are told by mail, and set up the rest. "
        "Somebody who is known in the district is not added twice.",
        error_messages={
            "required": "Enter an e-mail address.",
            "invalid": "Enter an e-mail address, such as ada@school.example.",
        },
    )
    given_name = forms.CharField(
        label="Their given name",
        max_length=80,
        error_messages={"required": "Enter their given name."},
    )
    family_name = forms.CharField(
        label="Their family name",
        max_length=80,
        error_messages={"required": "Enter their family name."},
    )

    @property
    def newcomer(self):
        """Given name, family name and address of the administrator."""
        return [self.cleaned_data[name] for name in ("given_name", "family_name", "email")]


class NewSchoolForm(AdministratorForm):
    field_order = ["name", "slug", "time_zone", "locale", "weekdays"]

    name = forms.CharField(
        label="Name of the school",
        max_length=120,
        error_messages={"required": "Enter the name of the school."},
    )
    slug = forms.CharField(
        label="Short name",
        max_length=50,
        validators=[validate_slug],
        help_text="For commands, such as harbor-view: small letters and hyphens.",
        error_messages={
            "required": "Enter a short name, such as harbor-view.",
            "invalid": "Use letters, numbers and hyphens, such as harbor-view.",
        },
    )
    time_zone = forms.ChoiceField(
        label="Time zone", choices=SchoolForm.base_fields["time_zone"].choices
    )
    locale = forms.ChoiceField(
        label="How its files write 3 April", choices=SchoolForm.base_fields["locale"].choices
    )
    weekdays = forms.MultipleChoiceField(
        label="School days",
        choices=COLUMNS,
        initial=["1", "2", "3", "4", "5"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one day."},
    )

    @property
    def school(self):
        """What is said of the school itself."""
        names = ("name", "slug", "time_zone", "locale", "weekdays")
        return {name: self.cleaned_data[name] for name in names}

    def clean_slug(self):
        return self.cleaned_data["slug"].lower()

    def clean_weekdays(self):
        return weeks.in_order(self.cleaned_data["weekdays"])


class SchoolListForm(forms.Form):
    file = SheetField(
        label="File (CSV)", help_text="A row for each school, with the columns name and number."
    )
