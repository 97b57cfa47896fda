"""The shape of what people may type into a note, and say to an agreement."""

import re
from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from audit import anchors
from scheduling.forms.meetings import LogForm

from .actions import Entry
from .actions.writing import Seen
from .fields import Field
from .models import Hold
from .retention import (
    MEMORY,
    MEMORY_MONTHS,
    RECORD,
    RECORD_YEARS,
    TALK,
    TALK_YEARS,
    TITLES,
    Periods,
)

ANCHORS = 50  # in one look
STUDENTS_SHOWN = 200  # in one list
SEEN = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9]{1,9})")
SHA256 = RegexValidator(r"\A[0-9a-f]{64}\Z", "This page is out of date. Open it again.")


class Words(forms.CharField):
    """A text of several lines, kept as it was typed."""

    widget = forms.Textarea

    def __init__(self, label: str, longest: int) -> None:
        super().__init__(
            label=label,
            required=False,
            strip=False,
            max_length=longest,
            error_messages={
                "max_length": f"“{label}” is longer than {longest:,} characters. Shorten it, "
                "or continue in another field.",
                "null_characters_not_allowed": f"“{label}” holds a character that cannot be kept.",
            },
        )
        for validator in self.validators:
            if validator.__class__.__name__ == "ProhibitNullCharactersValidator":
                validator.message = self.error_messages["null_characters_not_allowed"]

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


class NoteForm(forms.Form):
    """The fields of one writer's note: words, who can see them, and what they were loaded from."""

    def __init__(self, *args, fields: Iterable[Field], offered: dict[str, list[int]], **kwargs):
        super().__init__(*args, **kwargs)
        self.note_fields = list(fields)
        self.offered = offered
        for field in self.note_fields:
            self.fields[field.key] = Words(field.label, field.longest)
            self.fields[f"{field.key}-see"] = forms.TypedChoiceField(
                choices=[(bits, bits) for bits in offered[field.key]],
                coerce=int,
                empty_value=offered[field.key][0],  # nobody but the writer
                required=False,
                label=f"Who can see “{field.label}”",
                error_messages={
                    "invalid_choice": f"Choose who can see “{field.label}” from the list."
                },
            )
            self.fields[f"{field.key}-seen"] = forms.CharField(required=False, max_length=2000)

    def entries(self) -> list[Entry]:
        """What was typed; a field that was not sent at all is left as it is."""
        return [
            Entry(
                field.key,
                self.cleaned_data[field.key],
                self.cleaned_data[f"{field.key}-see"],
                [Seen(uid, int(number)) for uid, number in self._seen(field)],
            )
            for field in self.note_fields
            if field.key in self.data
        ]

    def typed(self) -> dict[str, tuple[str, str, list[str]]]:
        """For a page that shows it again: words, what they were loaded from, what is wrong."""
        return {
            field.key: (
                self.data.get(field.key, ""),
                self.data.get(f"{field.key}-seen", ""),
                [
                    *self.errors.get(field.key, []),
                    *self.errors.get(f"{field.key}-see", []),
                    *self.errors.get(f"{field.key}-seen", []),
                ],
            )
            for field in self.note_fields
        }

    def chosen(self) -> dict[str, int]:
        """Who is to see each field that was sent; nobody else where that is not clear."""
        wanted = {
            field.key: self.data.get(f"{field.key}-see", "")
            for field in self.note_fields
            if field.key in self.data
        }
        allowed = {key: [str(bits) for bits in self.offered[key]] for key in wanted}
        return {
            key: int(bits if bits in allowed[key] else allowed[key][0])
            for key, bits in wanted.items()
        }

    def _seen(self, field: Field) -> list[tuple[str, str]]:
        return SEEN.findall(self.cleaned_data[f"{field.key}-seen"])


class FindForm(forms.Form):
    """Words to look for in notes."""

    words = forms.CharField(
        label="Words in notes",
        min_length=2,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        error_messages={
            "required": "Enter a word to look for.",
            "min_length": "Enter at least two letters.",
            "max_length": "Enter at most 100 letters.",
        },
    )


class AnswerForm(forms.Form):
    """A yes, to the words with this hash, of this protocol."""

    protocol = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": "This page is out of date. Open it again."},
    )

    words = forms.CharField(
        validators=[SHA256],
        error_messages={"required": "This page is out of date. Open it again."},
    )

    def __init__(self, *args, protocols=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["protocol"].choices = [(each, each) for each in protocols]


class TalkForm(LogForm):
    """A talk that was not planned: with whom, when, and for how long."""

    student = forms.UUIDField(
        label="Student",
        widget=forms.Select,
        error_messages={
            "required": "Choose a student.",
            "invalid": "Choose a student from the list.",
        },
    )
    field_order = ("student",)

    def __init__(self, *args, students, find="", **kwargs):
        super().__init__(*args, **kwargs)
        self.students = students
        found = list(students.named(find)[: STUDENTS_SHOWN + 1])
        self.is_cut, self.finds_nobody = len(found) > STUDENTS_SHOWN, not found
        self.fields["student"].widget.choices = [
            ("", "Choose a student."),
            *((str(person.uid), self._label(person)) for person in found[:STUDENTS_SHOWN]),
        ]

    def _label(self, person):
        return f"{person.name}, Grade {person.grade}" if person.grade else person.name

    def clean_student(self):
        student = self.students.filter(uid=self.cleaned_data["student"]).first()
        if student is None:
            raise ValidationError("Choose a student from the list.")
        return student


def _period(group, choices, help_text):
    """The times that a school may choose from for a group of parts."""
    wrong = "Choose one of the times in the list."
    return forms.TypedChoiceField(
        label=TITLES[group],
        choices=choices,
        coerce=int,
        help_text=help_text,
        error_messages={"required": wrong, "invalid_choice": wrong},
    )


class RetentionForm(forms.Form):
    """How long a school keeps notes, within floor and ceiling."""

    memory_months = _period(
        MEMORY,
        [(months, f"{months} months") for months in MEMORY_MONTHS],
        "What nobody but its writer can open, and notes that are not finished. They go 90 days "
        "after the two stop meeting at the latest.",
    )
    talk_years = _period(
        TALK,
        list(
            zip(
                TALK_YEARS,
                (
                    "The end of the same school year",
                    "The end of the following school year",
                    "The end of the second following school year",
                    "The end of the third following school year",
                ),
                strict=True,
            )
        ),
        "The same is that of the talk. A school year ends on 31 July, or with its last term if "
        "that is later.",
    )
    record_years = _period(
        RECORD,
        [(years, f"{years} years" if years > 1 else "One year") for years in RECORD_YEARS],
        "As long as the two meet, and for this long after.",
    )

    def periods(self) -> Periods:
        return Periods(**self.cleaned_data)


class ConfirmForm(forms.Form):
    """A yes, to the rule with this number."""

    number = forms.IntegerField(
        min_value=1,
        max_value=10**6,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            "This page is out of date. Look again.",
        ),
    )


def _day(label, help_text, missing=""):
    return forms.DateField(
        label=label,
        required=bool(missing),
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a date, such as 13 October 2026.", "required": missing},
        input_formats=["%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%m/%d/%Y"],
    )


class HoldForm(forms.Form):
    """What is put on hold beside the person: with whom, from which days, why and for how long."""

    other = forms.UUIDField(
        label="Only talks with",
        required=False,
        widget=forms.Select,
        help_text="Leave it empty for everybody they meet.",
        error_messages={"invalid": "Choose somebody from the list."},
    )
    ground = forms.ChoiceField(
        label="Why",
        choices=[("", "Choose"), *Hold.Ground.choices],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose why, from the list."),
    )
    reference = forms.CharField(
        label="Number of the case",
        max_length=30,
        validators=[
            RegexValidator(
                r"\A(?=.*[0-9])[A-Za-z0-9./-]+\Z",
                "Enter a number, such as 2026-114: letters, digits, dots, dashes, no spaces.",
            )
        ],
        help_text="Where the rest of it is kept. No name, and nothing of what it is about.",
        error_messages={
            "required": "Enter the number of the case.",
            "max_length": "Enter at most 30 characters.",
        },
    )
    first = _day("Written from", "Leave both days empty for all that they wrote and will write.")
    last = _day("Written until", "A day that is over.")
    until = _day(
        "Keep until",
        "The last day, within two years. It can end sooner if two people say so.",
        missing="Choose the last day.",
    )

    def __init__(self, *args, people=None, find="", **kwargs):
        super().__init__(*args, **kwargs)
        self.people = people
        if people is None:  # everybody: nobody to choose, and only what was written in some days
            del self.fields["other"]
            self.fields["first"].help_text = ""
            return
        found = list(people.named(find)[: STUDENTS_SHOWN + 1])
        self.is_cut, self.finds_nobody = len(found) > STUDENTS_SHOWN, not found
        self.fields["other"].widget.choices = [
            ("", "Everybody they meet"),
            *((str(person.uid), person.name) for person in found[:STUDENTS_SHOWN]),
        ]

    def clean_other(self):
        uid = self.cleaned_data["other"]
        if uid is None:
            return None
        person = self.people.filter(uid=uid).first()
        if person is None:
            raise ValidationError("Choose somebody from the list.")
        return person


class HoldAnswerForm(forms.Form):
    """What somebody decides about a hold."""

    answer = forms.ChoiceField(
        choices=[(name, name) for name in ("agree", "refuse", "ask_release", "keep", "release")],
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "This page is out of date. Look again."
        ),
    )


class AnchorForm(forms.Form):
    """Lines of a keeper's mail, or the whole mail."""

    lines = forms.CharField(
        label="The line, or the whole mail",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Paste a line of a mail.",
            "max_length": "That is too much at once. Paste a few mails.",
        },
    )

    def __init__(self, *args, chains=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.chains = chains

    def clean_lines(self):
        try:
            found = anchors.read(self.cleaned_data["lines"])
        except anchors.NotAnAnchor as error:
            raise ValidationError(str(error)) from error
        if len(found) > ANCHORS:
            raise ValidationError(f"Paste at most {ANCHORS} lines at once.")
        if any(anchor.chain not in self.chains for anchor in found):
            raise ValidationError("This line is of another school's log.")
        return found


class KeeperForm(forms.Form):
    """Who is to keep the anchors."""

    person = forms.UUIDField(
        label="Who",
        widget=forms.Select,
        error_messages=dict.fromkeys(("required", "invalid"), "Choose somebody from the list."),
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = people
        names = [(person.uid, person.name) for person in people]
        self.fields["person"].widget.choices = [("", "Choose"), *names]

    def clean_person(self):
        person = self.people.filter(uid=self.cleaned_data["person"]).first()
        if person is None:
            raise ValidationError("Choose somebody from the list.")
        return person
