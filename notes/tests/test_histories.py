"""
Random histories: the rule as a list, as a decision on one object, and as the database's own, beside
an oracle that knows none of them.

A few in the suite, with a seed that stays and one that changes. More by hand: HISTORIES=500.
"""

import os
import random
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from conftest import NOW
from notes import actions, vault
from notes.actions import Entry
from notes.actions.writing import Seen
from notes.models import AgreementVersion, Part
from notes.tests.factories import row_of, school_with_lead
from notes.tests.oracle import KINDS, USUAL, Oracle
from notes.tests.test_visibility import by_row_rules
from notes.visibility import basis
from people.models import Line, Pairing, Person, Role
from people.tests.factories import LineFactory, PairingFactory, PersonFactory
from people.words import words_of
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

HISTORIES = int(os.environ.get("HISTORIES", "6"))
STEPS = 14
BITS = {"author": 1, "party": 2, "manager": 4}
CHOICES = [{"author"}, {"author", "party"}, {"author", "party", "manager"}]


class History:
    """One history, done by the product and told to the oracle."""

    def __init__(self, chance):
        self.chance = chance
        kind = chance.choice(list(USUAL))
        self.oracle = Oracle(kind)
        school = school_with_lead()
        self.pairing = PairingFactory(school=school, kind=kind, counseling=kind == "counseling")
        Pairing.objects.filter(pk=self.pairing.pk).update(kind=kind)
        self.pairing = Pairing.objects.with_people().get(pk=self.pairing.pk)
        self.people = {
            "host": self.pairing.host,
            "attendee": self.pairing.attendee,
            "first": PersonFactory(leader=True, school=school),
            "second": PersonFactory(leader=True, school=school),
            "administrator": PersonFactory(administrator=True, school=school),
            "counselor": PersonFactory(counselor=True, school=school),
            "elsewhere": PersonFactory(leader=True),
        }
        LineFactory(person=self.pairing.attendee, manager=self.people["first"])
        self.parts: dict[str, Part] = {}
        self.meetings = {}
        self.readers: dict[str, int] = {}
        self.told = []

    def step(self):
        names = ["agree"] * 4 + ["write"] * 5 + ["narrow"] * 2
        names += ["decline", "withdraw", "manager", "leave", "deactivate", "over", "draft"]
        name = self.chance.choice(names)
        self.told.append(name)
        getattr(self, name)()

    def agree(self):
        oracle, chance = self.oracle, self.chance
        usual = USUAL[oracle.kind]
        protocol = chance.choice([usual, "between_us", "topics_up", "actions_up"])
        first, second = chance.sample(["host", "attendee"], 2)
        for who in (first, second)[: chance.choice([1, 2, 2, 2])]:
            words = words_of(self.pairing, on=NOW.date(), protocol=protocol)
            with refused(not oracle.could_agree(protocol)):
                actions.agree(
                    self.pairing,
                    shown=words.sha256,
                    protocol=protocol,
                    by=self.people[who],
                    at=NOW,
                )
            if oracle.could_agree(protocol):
                oracle.agree(who, protocol)
        self.told.append((protocol, oracle.in_force and oracle.in_force.protocol))

    def decline(self):
        if any(each.state == "proposed" for each in self.oracle.versions):
            actions.decline(self.pairing, by=self.one_of_two(), at=NOW)
            self.oracle.decline()

    def withdraw(self):
        if self.oracle.in_force:
            actions.withdraw(self.pairing, by=self.one_of_two(), at=NOW)
            self.oracle.withdraw()

    def write(self, *, is_draft=False):
        author = self.chance.choice(["host", "attendee"])
        keys = ("words", "wish", "memory") if self.oracle.kind == "counseling" else (
            "heading", "how", "agreed", "memory")  # fmt: skip
        if self.oracle.kind == "counseling":
            author = "host"
        key, chosen = self.chance.choice(keys), self.chance.choice(CHOICES)
        name = f"part {len(self.parts)}"
        meeting = MeetingFactory(
            pairing=self.pairing, starts_at=NOW + timedelta(days=len(self.parts))
        )
        part = self.send(meeting, author, Entry(key, name, bits(chosen), []))
        if not is_draft:
            [part] = actions.finish(meeting, confirmed=None, by=self.people[author], at=NOW)
        self.parts[name], self.meetings[name] = part, meeting
        self.oracle.write(name, author, key, chosen, is_draft=is_draft)
        self.told.append((name, author, key, sorted(chosen)))

    def draft(self):
        self.write(is_draft=True)

    def narrow(self):
        """The author sends the same words again, for fewer people."""
        finished = [
            name
            for name, part in self.oracle.parts.items()
            if not part.is_draft and part.version is self.oracle.in_force
        ]
        if not finished:
            return
        name, chosen = self.chance.choice(finished), self.chance.choice(CHOICES[:2])
        known = self.oracle.parts[name]
        if not chosen < known.readers:
            return
        part = row_of(self.parts[name])
        seen = [Seen(str(part.uid), part.revision)]
        entry = Entry(part.field, name, bits(chosen), seen)
        self.send(self.meetings[name], known.author, entry)
        actions.finish(self.meetings[name], by=self.people[known.author], at=NOW)
        self.oracle.narrow(name, chosen)
        self.told.append((name, sorted(chosen)))

    def manager(self):
        manager = self.chance.choice(["first", "second", None])
        if manager in self.oracle.gone:
            return
        Line.objects.all().delete()
        if manager:
            LineFactory(person=self.pairing.attendee, manager=self.people[manager])
        self.oracle.manager = manager

    def leave(self):
        who = self.chance.choice(["first", "second"])
        roles = Role.objects.filter(person=self.people[who])
        if who in self.oracle.left:
            roles.update(ends_on=None)
        else:
            roles.update(ends_on=NOW.date() - timedelta(days=1))
        self.oracle.left ^= {who}

    def deactivate(self):
        """Only those who do nothing here, and may come back."""
        who = self.chance.choice(["first", "second", "counselor"])
        if self.oracle.manager == who:
            return
        self.oracle.gone ^= {who}
        self.people[who].is_active = who not in self.oracle.gone
        self.people[who].save()

    def over(self):
        self.oracle.is_over = not self.oracle.is_over
        ended = NOW.date() - timedelta(days=1) if self.oracle.is_over else None
        Pairing.objects.filter(pk=self.pairing.pk).update(ends_on=ended)

    def check(self):
        rows = {name: row_of(part) for name, part in self.parts.items()}
        names = {part.pk: name for name, part in rows.items()}
        for who, person in self.people.items():
            viewer = Person.objects.get(pk=person.pk)
            expected = self.oracle.read_by(who)
            listed = Part.objects.visible_to(viewer, at=NOW).filter(pairing=self.pairing)
            assert {names[pk] for pk in listed.values_list("pk", flat=True)} == expected, who
            by_object = {name for name, part in rows.items() if basis(viewer, part, NOW)}
            assert by_object == expected, who
            if connection.vendor == "postgresql" and who not in self.oracle.gone:
                assert by_row_rules(viewer, names, NOW) == expected, who
        for name, part in rows.items():
            assert part.aud & ~self.readers.get(name, 7) == 0, f"{name} was widened"
            self.readers[name] = part.aud if not part.is_draft else 7

    def send(self, meeting, author, entry):
        shown = AgreementVersion.objects.of(self.pairing).in_force().first()
        by = self.people[author]
        actions.save_drafts(meeting, entries=[entry], shown=shown, by=by, at=NOW)
        drafts = Part.objects.visible_to(by, at=NOW).filter(meeting=meeting)
        return drafts.order_by("pk").last()

    def one_of_two(self):
        return self.people[self.chance.choice(["host", "attendee"])]


def bits(readers):
    return sum(BITS[each] for each in readers)


@contextmanager
def refused(is_expected):
    if not is_expected:
        yield
        return
    with pytest.raises(actions.CannotAgree), transaction.atomic():
        yield


@pytest.mark.parametrize("number", range(HISTORIES))
def test_everybody_reads_what_a_plain_list_says(number):
    seed = number if number % 2 == 0 else random.SystemRandom().randrange(2**32)
    history = History(random.Random(seed))  # noqa: S311 -- no secret

    for _ in range(STEPS):
        try:
            history.step()
            history.check()
        except Exception as error:
            raise AssertionError(f"seed {seed}, {history.told}") from error

    assert history.pairing.kind == history.oracle.kind
    assert all(vault.still_opens(row_of(part)) for part in history.parts.values())
    assert set(KINDS) >= {part.field for part in history.parts.values()}
