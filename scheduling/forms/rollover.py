"""Which series a host wants to carry into the next term."""

from collections.abc import Iterable

from django import forms

from ..rollover import Row


class CarryForm(forms.Form):
    """The series that are ticked; all that can go along, at first."""

    series = forms.MultipleChoiceField(
        error_messages={
            "required": "Tick at least one series.",
            "invalid_choice": "One of these has changed meanwhile. Look through the list again.",
        }
    )

    def __init__(self, *args, rows: Iterable[Row], **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = list(rows)
        self.fields["series"].choices = [(row.key, row.name) for row in self.rows]

    @property
    def ticked(self) -> set[str]:
        """What stands ticked on the page: what was sent, or all."""
        if not self.is_bound:
            return {row.key for row in self.rows}
        return set(self.data.getlist("series"))
