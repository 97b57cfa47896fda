"""Whom a timetable means: by number, by e-mail, by name, and by what somebody said once."""

from collections.abc import Iterable

from django.db.models import Q

from people.models import Person, Role, School

from ..models import TeacherCode, Term
from .entries import Kind, Refused
from .timetable import plain


class Staff:
    """Who teaches at a school in a term."""

    def __init__(self, school: School, term: Term, kind: Kind) -> None:
        roles = Role.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=term.starts_on),
            school=school,
            kind__in=Role.STAFF,
            starts_on__lte=term.ends_on,
        )
        people = Person.objects.active().filter(pk__in=roles.values("person")).by_name()
        self.people = {person.pk: person for person in people}
        self.codes = {  # as somebody here said
            plain(each.code): each
            for each in TeacherCode.objects.filter(school=school, kind=kind)
            if each.person_id in self.people
        }
        self.numbers: dict[str, set[int]] = {}
        self.emails: dict[str, set[int]] = {}
        self.names: dict[str, set[int]] = {}
        self.boxes: dict[str, set[int]] = {}  # the part of an address before the @
        for person in self.people.values():
            _add(self.numbers, [person.external_id], person)
            _add(self.emails, [person.email], person)
            _add(self.boxes, [person.email.partition("@")[0]], person)
            names = {
                f"{person.given_name} {person.family_name}",
                person.full_name,
                f"{person.family_name}, {person.given_name}",
            }
            _add(self.names, names, person)

    def find(self, written: str) -> int:
        """Whom a cell means. Raises Refused for nobody and for several."""
        key = plain(written)
        if key in self.codes:
            return self.codes[key].person_id
        for known in (self.numbers, self.emails, self.names, self.boxes):
            found = known.get(key, set())
            if len(found) > 1:
                raise Refused(
                    f"Several people here are known as {written[:60]}. "
                    "Use their e-mail address or their number."
                )
            if found:
                return next(iter(found))
        raise Refused(f"Nobody on the staff is known as {written[:60]}.")

    def word_for(self, person: Person) -> str:
        """What one types to mean somebody: their name, or what tells them from a namesake."""
        name = person.full_name
        if len(self.names.get(plain(name), ())) < 2:
            return name
        return person.email or person.external_id or name


def _add(known: dict[str, set[int]], names: Iterable[str], person: Person) -> None:
    for name in names:
        if name.strip():
            known.setdefault(plain(name), set()).add(person.pk)
