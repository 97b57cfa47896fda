"""What an administrator may say about somebody: facts, roles, and that they leave."""

from django import forms

from ..models import Person, Role

GIVEN = [kind for kind in Role.Kind if kind != Role.Kind.DISTRICT_ADMIN]
FILTERS = [("", "Everybody"), ("staff", "Staff"), *((kind.value, kind.label) for kind in GIVEN)]


class PersonFilterForm(forms.Form):
    q = forms.CharField(
        label="Name",
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

    def kinds(self):
        """The roles to show; an unknown one shows everybody."""
        role = self.cleaned_data.get("role", "")
        if role == "staff":
            return Role.STAFF
        return [role] if role else GIVEN


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
    started_on = forms.DateField(
        label="At this school since",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a date, such as 2026-09-01."},
    )
    line_manager = _PersonChoice(
        label="Line manager", queryset=Person.objects.none(), required=False, empty_label="Nobody"
    )

    def __init__(self, *args, staff, is_staff, **kwargs):
        super().__init__(*args, **kwargs)
        if is_staff:
            del self.fields["grade"]
            self.fields["line_manager"].queryset = staff
        else:
            for name in ("job", "line_manager", "started_on"):
                del self.fields[name]


class RoleForm(forms.Form):
    kind = forms.ChoiceField(
        label="Role",
        choices=[
            ("", "Choose"),
            *((kind.value, kind.label) for kind in GIVEN if kind != Role.Kind.STUDENT),
        ],
        error_messages={"required": "Choose a role."},
    )
    title = forms.CharField(
        label="Title",
        max_length=80,
        required=False,
        help_text='Shown instead of the role, for example "Assistant principal".',
    )
    ends_on = forms.DateField(
        label="Last day",
        required=False,
        help_text="Leave this empty if there is none.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a date, such as 2026-12-18."},
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
