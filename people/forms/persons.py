"""What an administrator may say about somebody: facts, roles, and that they leave."""

from collections.abc import Iterable

from django import forms

from ..directory import Show
from ..models import Group, Person, Role

GIVEN = [kind for kind in Role.Kind if kind != Role.Kind.DISTRICT_ADMIN]
FILTERS = [
    ("", "Everybody"),
    ("staff", "Staff"),
    ("hosts", "Leaders and counselors"),
    *((kind.value, kind.label) for kind in GIVEN),
]
MANY = {"staff": Role.STAFF, "hosts": Role.HOSTS}
# The choice that stands above the list; the rest is under Role
FIRST = {"": "All", "staff": "Staff", "student": "Students", "guardian": "Guardians"}


class PersonFilterForm(forms.Form):
    q = forms.CharField(
        label="Name, e-mail, job or group",
        required=False,
        max_length=80,
        widget=forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "class": "form-control"}
        ),
    )
    role = forms.ChoiceField(
        label="Role",
        required=False,
        choices=FILTERS,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=Show.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def kinds(self):
        """The roles to show; none stands for all, and so does an unknown one."""
        return kinds_of(self.cleaned_data.get("role", ""))


def kinds_of(role: str) -> Iterable[str]:
    """The roles that a choice stands for; none for all."""
    return MANY.get(role) or ([role] if role else [])


def _date(label, *, required, example, help_text="", missing=""):
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": f"Enter a date, such as {example}.", "required": missing},
    )


class _PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, person):
        return f"{person.name}, {person.job}" if person.job else person.name


class PersonForm(forms.Form):
    given_name = forms.CharField(
        label="Given name", max_length=80, error_messages={"required": "Enter the given name."}
    )
    family_name = forms.CharField(
        label="Family name", max_length=80, error_messages={"required": "Enter the family name."}
    )
    preferred_name = forms.CharField(
        label="Preferred name",
        max_length=80,
        required=False,
        help_text="What people call them, if it is not the given name.",
    )
    pronouns = forms.CharField(label="Pronouns", max_length=40, required=False)
    email = forms.EmailField(
        label="E-mail",
        required=False,
        error_messages={"invalid": "Enter an e-mail address, such as priya@school.example."},
    )
    job = forms.CharField(
        label="Job", max_length=120, required=False, help_text='For example "Grade 7 math".'
    )
    grade = forms.CharField(label="Grade", max_length=20, required=False)
    started_on = _date("At this school since", required=False, example="2026-09-01")
    line_manager = _PersonChoice(
        label="Line manager",
        queryset=Person.objects.none(),
        required=False,
        empty_label="Nobody",
        error_messages={"invalid_choice": "Choose somebody else who is on the staff."},
    )

    def __init__(self, *args, staff, is_staff, **kwargs):
        super().__init__(*args, **kwargs)
        if is_staff:
            del self.fields["grade"]
            self.fields["line_manager"].queryset = staff
        else:
            for name in ("job", "line_manager", "started_on"):
                del self.fields[name]


class AddPersonForm(forms.Form):
    kind = forms.ChoiceField(
        label="Role",
        choices=[("", "Choose"), *((kind.value, kind.label) for kind in GIVEN)],
        error_messages={"required": "Choose a role."},
    )
    given_name = PersonForm.base_fields["given_name"]
    family_name = PersonForm.base_fields["family_name"]
    email = PersonForm.base_fields["email"]
    job = PersonForm.base_fields["job"]
    grade = forms.CharField(label="Grade", max_length=20, required=False, help_text="For students.")
    starts_on = _date(
        "First day", required=True, example="2026-09-01", missing="Enter the first day."
    )
    is_somebody_else = forms.BooleanField(required=False, widget=forms.HiddenInput)


class RoleDatesForm(forms.Form):
    title = forms.CharField(
        label="Title",
        max_length=80,
        required=False,
        help_text='Shown instead of the role, for example "Assistant principal".',
    )
    starts_on = _date(
        "First day", required=True, example="2026-09-01", missing="Enter the first day."
    )
    ends_on = _date(
        "Last day",
        required=False,
        example="2026-12-18",
        help_text="Leave this empty if there is none.",
    )


class RoleForm(RoleDatesForm):
    kind = forms.ChoiceField(
        label="Role",
        choices=[
            ("", "Choose"),
            *((kind.value, kind.label) for kind in GIVEN if kind != Role.Kind.STUDENT),
        ],
        error_messages={"required": "Choose a role."},
    )
    starts_on = _date(
        "First day",
        required=False,
        example="2026-09-01",
        help_text="Leave this empty for today.",
    )

    field_order = ("kind", "title", "starts_on", "ends_on")


class LeaveForm(forms.Form):
    starts_on = _date(
        "First day away",
        required=True,
        example="2026-11-02",
        missing="Enter the first day away.",
    )
    ends_on = _date(
        "Last day away", required=True, example="2026-11-20", missing="Enter the last day away."
    )


class JoinGroupForm(forms.Form):
    group = forms.ModelChoiceField(
        label="Group",
        queryset=Group.objects.none(),
        empty_label="Choose",
        error_messages={
            "required": "Choose a group.",
            "invalid_choice": "Choose a group of this school.",
        },
    )

    def __init__(self, *args, groups, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups
        self.fields["group"].label_from_instance = lambda group: group.name


class ErasePersonForm(forms.Form):
    is_sure = forms.BooleanField(
        label="I have read what goes and what stays",
        error_messages={"required": "Tick this first: it cannot be undone."},
    )


class EndPersonForm(forms.Form):
    successor = _PersonChoice(
        label="Those who answer to them go to",
        queryset=Person.objects.none(),
        required=False,
        empty_label="Nobody",
    )

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = staff
