"""What is asked when somebody leaves: the last day, and who takes over what."""

from django import forms

from ..actions import Onward
from ..models import Pairing, Role
from ..permissions import hosts_of
from .persons import _date

NOBODY = "nobody"
OPEN = ("", "Not decided yet")
AS_ABOVE = ("", "As chosen above")


class LastDayForm(forms.Form):
    last_day = _date(
        "Last day",
        required=True,
        example="2026-12-18",
        missing="Enter the last day.",
        help_text="Everything goes on until this day is over.",
    )

    def onward(self):
        """Where they go on: nowhere that one could say here."""
        return


class OnwardForm(LastDayForm):
    """For whoever administers several schools: they may move somebody from one to another."""

    to_school = forms.ChoiceField(
        label="Goes on at",
        required=False,
        error_messages={"invalid_choice": "Choose a school that you administer."},
    )
    kind = forms.ChoiceField(
        label="As",
        required=False,
        choices=[
            ("", "Choose"),
            *((kind.value, kind.label) for kind in Role.Kind if kind in Role.STAFF),
        ],
        help_text="Their role there, from the day after the last one here.",
    )

    def __init__(self, *args, schools, **kwargs):
        super().__init__(*args, **kwargs)
        self.schools = {str(school.uid): school for school in schools}
        choices = [(uid, school.name) for uid, school in self.schools.items()]
        self.fields["to_school"].choices = [("", "No other school here"), *choices]

    def clean(self):
        if self.cleaned_data.get("to_school") and not self.cleaned_data.get("kind"):
            self.add_error("kind", "Choose what they are there.")
        return self.cleaned_data

    def onward(self):
        """The school and the role, or None."""
        school = self.schools.get(self.cleaned_data["to_school"])
        return school and Onward(school, self.cleaned_data["kind"])


class HandOverForm(forms.Form):
    """
    One question for each pairing, for each kind of them, for each group, and for the line.

    `roles` are the roles on the first day without the leaver, with their people.
    """

    def __init__(self, *args, pairings, roles, departure=None, groups=(), answering=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {str(role.person_id): role.person for role in roles}
        self.roles = roles
        self.sections = []
        self._pairings, self._groups = {}, {}
        if answering:
            label = "Those who answer to them go to"
            self._ask("successor", label, Role.STAFF, departure.successor_id or "", OPEN)
        for group in groups:
            name = f"group-{group.uid}"
            chosen = group.taker_id or (NOBODY if group.is_decided else "")
            self._ask(name, group.name, Role.STAFF, chosen, OPEN)
            self._groups[name] = group
        for kind in Pairing.Kind:
            rows = [pairing for pairing in pairings if pairing.kind == kind]
            if rows:
                self.sections.append(self._section(kind, rows))

    def _section(self, kind, rows):
        kinds, all_of = hosts_of(kind), f"all-{kind}"
        several = len(rows) > 1
        if several:
            self._ask(all_of, "All of them go to", kinds, "", OPEN)
        for pairing in rows:
            name = f"pairing-{pairing.uid}"
            chosen = getattr(pairing, "handover", None)
            first = AS_ABOVE if several else OPEN
            besides, hint = pairing.attendee_id, getattr(pairing, "hint", "")
            self._ask(name, pairing.attendee.name, kinds, _initial(chosen), first, besides, hint)
            self._pairings[name] = pairing
        return {
            "kind": kind,
            "title": kind.label,
            "all_of": self[all_of] if several else None,
            "rows": [self[f"pairing-{pairing.uid}"] for pairing in rows],
        }

    def _ask(self, name, label, kinds, initial, first, besides=None, hint=""):
        able = {role.person_id: role.person for role in self.roles if role.kind in kinds}
        able.pop(besides, None)
        choices = [(str(pk), person.name) for pk, person in able.items()]
        self.fields[name] = forms.ChoiceField(
            label=label,
            help_text=hint,
            required=False,
            choices=[first, (NOBODY, "Nobody"), *choices],
            initial=initial,
            error_messages={"invalid_choice": "Choose somebody from the list."},
            widget=forms.Select(attrs={"class": "form-select"}),
        )

    @property
    def group_fields(self):
        return [self[name] for name in self._groups]

    @property
    def line_field(self):
        return self["successor"] if "successor" in self.fields else None

    def _chosen(self, name):
        """What was chosen, as a pair: whether it was decided, and who."""
        word = self.cleaned_data.get(name, "")
        return bool(word), self.people.get(word)

    def clean(self):
        for name, pairing in self._pairings.items():
            above = self.cleaned_data.get(f"all-{pairing.kind}", "")
            if not self.cleaned_data.get(name) and above == str(pairing.attendee_id):
                self.add_error(name, "Nobody takes over talks with themselves. Choose here.")
        return self.cleaned_data

    def pairings(self):
        """Who takes over, by the key of a pairing; without those that are left open."""
        found = {}
        for name, pairing in self._pairings.items():
            is_decided, to = self._chosen(name)
            if not is_decided:
                is_decided, to = self._chosen(f"all-{pairing.kind}")
            if is_decided:
                found[pairing.pk] = to
        return found

    def groups(self):
        """Who is to be the adult, by the key of a group; without those that are left open."""
        chosen = {group.pk: self._chosen(name) for name, group in self._groups.items()}
        return {pk: to for pk, (is_decided, to) in chosen.items() if is_decided}

    def successor(self):
        return self._chosen("successor")[1]


def _initial(handover):
    """What was chosen before, as a field says it."""
    if handover is None:
        return ""
    return handover.to_id or NOBODY
