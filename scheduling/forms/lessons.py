"""What an administrator may say about a timetable: the file, what it leaves open, and yes to it."""

from django import forms
from django.template.defaultfilters import pluralize

from people.forms.files import SheetField

from ..lessons import Refused
from ..models import Term

PEOPLE = "people-here"  # the id of the page's list of names to pick from
MOST_CODES = 200  # that one can name at once


class LessonsForm(forms.Form):
    term = forms.ModelChoiceField(
        Term.objects.none(),
        label="Term",
        to_field_name="uid",
        empty_label=None,
        error_messages={
            "required": "Choose a term.",
            "invalid_choice": "Choose one of these terms.",
        },
    )
    file = SheetField(label="Timetable file", accept=".csv,.txt,.tsv,.ics,text/*")

    def __init__(self, *args, terms, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["term"].queryset = terms
        self.fields["term"].label_from_instance = lambda term: term.name


class ApplyLessonsForm(forms.Form):
    """Saying yes to what a file would do: with a tick where many lessons would end."""

    ends_many = forms.BooleanField()

    def __init__(self, *args, plan, **kwargs):
        super().__init__(*args, **kwargs)
        if plan.shrinks and plan.is_usable:
            field = self.fields["ends_many"]
            ends = f"{len(plan.ended)} lesson{pluralize(len(plan.ended))}"
            field.label = f"Yes, this ends {ends}"
            field.error_messages["required"] = f"Tick that this ends {ends}."
        else:
            del self.fields["ends_many"]


class PersonWordField(forms.CharField):
    """Somebody of the staff, by name, e-mail address or number; picked from the page's list."""

    def __init__(self, *, staff, **kwargs):
        kwargs.setdefault("max_length", 254)
        super().__init__(**kwargs)
        self.staff = staff
        self.widget.attrs.update({"list": PEOPLE, "autocomplete": "off"})

    def clean(self, value):
        """A person, or None for an empty field."""
        written = super().clean(value)
        if not written:
            return None
        try:
            return self.staff.people[self.staff.find(written)]
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class ChoiceForm(forms.Form):
    """What a file cannot say by itself: the school and the session in it, or whose it is."""

    school = forms.ChoiceField(
        label="School in the file",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a school.", "invalid_choice": "Choose one of these."},
    )
    session = forms.ChoiceField(
        label="Session in the file",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a session.", "invalid_choice": "Choose one of these."},
    )

    def __init__(self, *args, question, staff, **kwargs):
        super().__init__(*args, **kwargs)
        for name, answers in (("school", question.schools), ("session", question.sessions)):
            if answers:
                self.fields[name].choices = [(each, each) for each in answers]
            else:
                del self.fields[name]
        if question.people:
            self.fields["person"] = PersonWordField(
                staff=staff,
                label="Whose timetable is this?",
                error_messages={"required": "Say whose timetable this is."},
            )

    def clean_person(self):
        return str(self.cleaned_data["person"].uid)


class TeachersForm(forms.Form):
    """Who the unknown teachers of a file are, and who those are of whom it was said before."""

    def __init__(self, *args, plan, staff, **kwargs):
        super().__init__(*args, **kwargs)
        self.codes = {}
        for unknown in list(plan.unknown.values())[:MOST_CODES]:
            self._add(unknown.code, f"{unknown.count} lesson{pluralize(unknown.count)}", staff)
        self.new_count = len(self.codes)
        for code, person in list(plan.said.items())[:MOST_CODES]:
            self._add(code, "Empty it to forget it.", staff, word=staff.word_for(person))

    def _add(self, code, words, staff, *, word=""):
        name = f"teacher_{len(self.codes)}"
        self.codes[name] = code
        self.fields[name] = PersonWordField(
            staff=staff, label=code, help_text=words, required=False, initial=word
        )

    @property
    def unknown(self):
        """The fields of those whom nobody knows yet."""
        return [self[name] for name in list(self.codes)[: self.new_count]]

    @property
    def said(self):
        """The fields of those of whom it was said before."""
        return [self[name] for name in list(self.codes)[self.new_count :]]

    def people(self):
        """Whom each code means; None for nobody. Only those that the form was sent with."""
        return {
            code: self.cleaned_data[name] for name, code in self.codes.items() if name in self.data
        }
