"""The shape of what hosts send to invite, and what people send to pick a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django import forms

from people.cadence import ON_GRID, Cadence
from people.models import Pairing, Person

from ..letters import LONGEST


@dataclass
class StaffRow:
    """Somebody on the staff list, as the host finds them."""

    person: Person
    cadence: str  # what the host is offered, until they choose otherwise
    is_ticked: bool
    is_new: bool = False
    state: str = ""  # "Asked 2 days ago"

    @property
    def key(self) -> str:
        return str(self.person.uid)

    @property
    def often(self) -> str:
        """The name of the field that says how often."""
        return f"often-{self.key}"

    @property
    def line(self) -> str:
        return ", ".join(filter(None, [self.person.job, "new this year" if self.is_new else ""]))


GONE = (
    "Somebody on your list is not on the staff of your school any more. "
    "Look through the list again."
)


class InviteForm(forms.Form):
    """Whom to invite, how often to meet each, and the letter."""

    letter = forms.CharField(
        label="Your words",
        help_text="How often, the promise and your name stand in every letter.",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": "Write a line of your own, or put the first words back.",
            "max_length": f"The letter is too long. {LONGEST} letters are the most.",
            "null_characters_not_allowed": "The letter holds a character that cannot be kept. "
            "Type it again.",
        },
    )
    person = forms.MultipleChoiceField(
        label="Whom to invite",
        error_messages={"required": "Tick at least one person.", "invalid_choice": GONE},
    )

    def __init__(self, *args, rows: Sequence[StaffRow], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.fields["person"].choices = [(row.key, row.person.name) for row in rows]
        for row in rows:
            self.fields[row.often] = forms.ChoiceField(
                label=f"How often, {row.person.name}",
                choices=[(each.value, each.label) for each in ON_GRID],
                required=False,
                error_messages={"invalid_choice": f"Choose how often for {row.person.name}."},
            )
        if self.is_bound:
            self._keep_what_was_chosen()

    def _keep_what_was_chosen(self) -> None:
        ticked = set(self.data.getlist("person"))
        for row in self.rows:
            row.is_ticked = row.key in ticked
            often = self.data.get(row.often)
            if often in ON_GRID:
                row.cadence = often

    @property
    def ticked(self) -> list[tuple[Person, str]]:
        """Whom to invite and how often, once the form is valid."""
        chosen = set(self.cleaned_data["person"])
        return [
            (row.person, self.cleaned_data[row.often] or row.cadence)
            for row in self.rows
            if row.key in chosen
        ]

    @property
    def sample_cadences(self) -> list[Cadence]:
        """How often the letters that would go out differ."""
        ticked = {row.cadence for row in self.rows if row.is_ticked}
        return [each for each in ON_GRID if each in ticked] or [Cadence.MONTHLY]


class PickForm(forms.Form):
    """The place that somebody picked."""

    seat = forms.UUIDField(
        label="Which time suits you?",
        error_messages={
            "required": "Choose a time first.",
            "invalid": "That time is no longer offered.",
        },
    )

    @property
    def chosen(self) -> UUID | None:
        return self.cleaned_data.get("seat") if self.is_valid() else None


class AnswerForm(forms.Form):
    """One of three sentences, without a reason."""

    answer = forms.ChoiceField(
        choices=Pairing.Answer.choices,
        error_messages={
            "required": "Choose one of the three sentences.",
            "invalid_choice": "Choose one of the three sentences.",
        },
    )
